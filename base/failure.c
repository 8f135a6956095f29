// SPDX-License-Identifier: GPL-2.0-or-later
#include "failure.h"

#include <stdarg.h>

#include "memory.h"

int fail_with(struct failure *failure, enum exit_code code, const char *format, ...)
{
	va_list args;

	if (failure->message)
		return -1;
	va_start(args, format);
	failure->code = code;
	if (vasprintf(&failure->message, format, args) < 0)
		failure->message = xstrdup("out of memory");
	va_end(args);
	return -1;
}

int fail_interrupted(struct failure *failure)
{
	return fail_with(failure, EXIT_INTERRUPTED, "interrupted");
}

void failure_release(struct failure *failure)
{
	free(failure->message);
	failure->message = NULL;
}
