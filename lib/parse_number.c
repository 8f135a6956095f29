// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/parse_number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static unsigned int suffix_shift(char suffix)
{
	switch (suffix) {
	case 'K':
	case 'k':
		return 10;
	case 'M':
	case 'm':
		return 20;
	case 'G':
	case 'g':
		return 30;
	default:
		return 0;
	}
}

int parse_number(const char *text, const char **end, uint64_t *value)
{
	unsigned long long number;
	unsigned int shift;
	char *rest;

	/* strtoull() accepts blanks and signs, and converts -1 to 2^64 - 1. */
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &rest, 10);
	if (errno)
		return -ERANGE;
	shift = suffix_shift(*rest);
	*end = rest + (shift != 0);
	if (number > (uint64_t)INT64_MAX >> shift)
		return -ERANGE;
	*value = (uint64_t)number << shift;
	return 0;
}

int parse_address(const char *text, uint64_t *address)
{
	const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	size_t count = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");

	if (!count || digits[count])
		return -EINVAL;
	errno = 0;
	*address = strtoull(digits, NULL, hex ? 16 : 10);
	return -errno;
}
