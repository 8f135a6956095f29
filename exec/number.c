// SPDX-License-Identifier: GPL-2.0-or-later
#include "number.h"

#include <errno.h>
#include <stdlib.h>

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

int number_parse(const char *text, const char **end, uint64_t *value)
{
	unsigned long long number;
	unsigned int shift;
	char *after;

	/* strtoull() would take blanks and signs, and turn -1 into 2^64 - 1. */
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &after, 10);
	if (errno)
		return -ERANGE;
	shift = suffix_shift(*after);
	*end = after + (shift != 0);
	if (number > (uint64_t)INT64_MAX >> shift)
		return -ERANGE;
	*value = (uint64_t)number << shift;
	return 0;
}
