/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest tells us over its second serial port, a line each:
 *
 *   KMEMLAB READY 1			init runs
 *   {...				a record
 *   1 BASE64, 2 BASE64			some standard output, some standard error
 *   .					it lives; a text for people may follow
 *   KMEMLAB END BYTES CRC STATUS	bytes and CRC-32 of all record and output lines
 *
 * Pure: fed with bytes in any portions.
 */
#ifndef KMEMLAB_VM_CHANNEL_H
#define KMEMLAB_VM_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel {
	/* Takes output as it comes; stream is 1 or 2. May be NULL. */
	void (*output)(void *context, int stream, const void *data, size_t size);
	void *context;

	bool ready;
	bool complete;		/* the trailer came and was right */
	const char *fault;	/* what was wrong, or NULL */
	int status;		/* what the trailer says */
	char *records;		/* terminated by a zero as well */
	size_t records_bytes;

	/* private */
	char *line;
	size_t line_bytes;
	uint64_t payload_bytes;
	uint32_t payload_crc;
};

/* Once complete or at fault, the rest is ignored. */
void channel_feed(struct channel *channel, const void *data, size_t size);
void channel_release(struct channel *channel);

#endif
