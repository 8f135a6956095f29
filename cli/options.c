// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <stdlib.h>

#include "base/message.h"

bool option_number(const char *option, const char *text, unsigned int min, unsigned int max,
		   unsigned int *value)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number < min || number > max) {
		say_error("%s %s: must be a whole number from %u to %u", option, text, min, max);
		return false;
	}
	*value = number;
	return true;
}
