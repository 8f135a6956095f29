// SPDX-License-Identifier: GPL-2.0-or-later
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int error_set(struct error *error, enum exit_code code, const char *format, ...)
{
	va_list args;

	if (error->message)
		return -1;
	va_start(args, format);
	error->code = code;
	if (vasprintf(&error->message, format, args) < 0) {
		fputs("kmemlab: out of memory\n", stderr);
		exit(EXIT_HOST_ERROR);
	}
	va_end(args);
	return -1;
}

int error_interrupted(struct error *error)
{
	return error_set(error, EXIT_INTERRUPTED, "interrupted");
}

void error_release(struct error *error)
{
	free(error->message);
	error->message = NULL;
}
