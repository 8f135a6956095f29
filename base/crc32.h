/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32 (IEEE 802.3) for host and guest. */
#ifndef KMEMLAB_CRC32_H
#define KMEMLAB_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Return crc, which starts as 0, extended by the data. */
static inline uint32_t crc32_update(uint32_t crc, const void *data, size_t size)
{
	const unsigned char *byte = data;

	crc = ~crc;
	while (size--) {
		crc ^= *byte++;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

#endif
