// SPDX-License-Identifier: GPL-2.0-or-later
#include "channel.h"

#include <inttypes.h>
#include <string.h>

#include "base/crc32.h"
#include "base/memory.h"

static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *digit = c ? strchr(digits, c) : NULL;

	return digit ? digit - digits : -1;
}

/* In place; the number of bytes, or -1. */
static long base64_decode(char *text, size_t length)
{
	unsigned char *out = (unsigned char *)text;
	uint32_t bits = 0;
	long used = 0;
	size_t i;

	for (i = 0; i < length && text[i] != '='; i++) {
		int value = base64_value(text[i]);

		if (value < 0)
			return -1;
		bits = bits << 6 | value;
		if (i % 4)
			out[used++] = bits >> (6 - 2 * (i % 4));
	}
	return length % 4 ? -1 : used;
}

static void take_record(struct channel *channel)
{
	size_t bytes = channel->line_bytes;

	channel->records = xrealloc(channel->records, channel->records_bytes + bytes + 1);
	memcpy(channel->records + channel->records_bytes, channel->line, bytes);
	channel->records_bytes += bytes;
	channel->records[channel->records_bytes] = '\0';
}

/* "1 BASE64\n" */
static void take_output(struct channel *channel)
{
	int stream = channel->line[0] - '0';
	long bytes = channel->line_bytes < 3 || channel->line[1] != ' ' ? -1 :
		     base64_decode(channel->line + 2, channel->line_bytes - 3);

	if (bytes < 0)
		channel->fault = "garbled output";
	else if (channel->output)
		channel->output(channel->context, stream, channel->line + 2, bytes);
}

static void take_trailer(struct channel *channel)
{
	uint64_t bytes;
	uint32_t crc;
	char end;

	if (sscanf(channel->line, "KMEMLAB END %" SCNu64 " %" SCNx32 " %d%c", &bytes, &crc,
		   &channel->status, &end) != 4 || end != '\n')
		channel->fault = "a garbled trailer";
	else if (bytes != channel->payload_bytes || crc != channel->payload_crc)
		channel->fault = "results that do not match their checksum";
	else
		channel->complete = true;
}

/* channel->line ends with a newline and a zero. */
static void take_line(struct channel *channel)
{
	/* A driver that looks for its port writes into it before. */
	if (!channel->ready && channel->line[0] != 'K')
		return;
	switch (channel->line[0]) {
	case '{':
	case '1':
	case '2':
		channel->payload_bytes += channel->line_bytes;
		channel->payload_crc = crc32_update(channel->payload_crc, channel->line,
						    channel->line_bytes);
		if (channel->line[0] == '{')
			take_record(channel);
		else
			take_output(channel);
		break;
	case '.':
		break;
	case 'K':
		if (!strcmp(channel->line, "KMEMLAB READY 1\n"))
			channel->ready = true;
		else
			take_trailer(channel);
		break;
	default:
		channel->fault = "a line that is no record";
	}
}

void channel_feed(struct channel *channel, const void *data, size_t size)
{
	const char *rest = data, *end = rest + size;

	while (rest < end && !channel->complete && !channel->fault) {
		const char *newline = memchr(rest, '\n', end - rest);
		size_t bytes = (newline ? newline + 1 : end) - rest;

		channel->line = xrealloc(channel->line, channel->line_bytes + bytes + 1);
		memcpy(channel->line + channel->line_bytes, rest, bytes);
		channel->line_bytes += bytes;
		channel->line[channel->line_bytes] = '\0';
		rest += bytes;
		if (newline) {
			take_line(channel);
			channel->line_bytes = 0;
		}
	}
}

void channel_release(struct channel *channel)
{
	free(channel->line);
	free(channel->records);
	*channel = (struct channel) { 0 };
}
