/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hashes that are not cryptographic, for tables and for detecting changes. */
#ifndef KMEMLAB_LIB_HASH_H
#define KMEMLAB_LIB_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_INIT	0xcbf29ce484222325ULL
#define HASH_MULTIPLIER	0x9e3779b97f4a7c15ULL	/* 2^64 divided by the golden ratio */

/* Return hash, which starts as HASH_INIT, extended by value. */
static inline uint64_t hash_add(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * HASH_MULTIPLIER + (hash >> 32);
}

/* Return the CRC-32 (IEEE 802.3), which starts as 0, extended by the data. */
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
