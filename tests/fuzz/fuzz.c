// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer's target for the reader that KMEMLAB_READER names. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "readers.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Texts that replace numbers: limits of integers, and values of another type. */
static const char *const numbers[] = {
	"0", "1", "-1", "2", "20", "63", "64", "255", "65536", "4294967295", "4294967296",
	"9007199254740991", "9007199254740992", "9223372036854775807", "-9223372036854775808",
	"1e300", "-1e300", "0.5", "null", "true", "\"\"", "\"x\"", "[]", "[[]]", "{}",
};

static size_t find_number(const uint8_t *data, size_t size, size_t from, size_t *length)
{
	while (from < size && !(data[from] >= '0' && data[from] <= '9'))
		from++;
	*length = 0;
	while (from + *length < size && strchr("0123456789.", data[from + *length]))
		++*length;
	return from;
}

/* Replace a number of a text as often as mutating bytes, which rarely leaves JSON valid. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	const char *number = numbers[seed / 2 % (sizeof(numbers) / sizeof(*numbers))];
	size_t length, added = strlen(number);
	size_t at = find_number(data, size, size ? seed * 2654435761u % size : 0, &length);

	if (seed % 2 || !length || size - length + added > max_size)
		return LLVMFuzzerMutate(data, size, max_size);
	memmove(data + at + added, data + at + length, size - at - length);
	memcpy(data + at, number, added);
	return size - length + added;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reader *reader = readers;
	const char *name = getenv("KMEMLAB_READER") ?: "";

	for (; reader->name && strcmp(reader->name, name); reader++)
		;
	if (!reader->name) {
		fprintf(stderr, "unknown reader '%s'\n", name);
		abort();
	}
	reader->read((const char *)data, size);
	return 0;
}
