// SPDX-License-Identifier: GPL-2.0-or-later
#include "refusal.h"

#include <stdarg.h>

#include "record_writer.h"

int refuse(struct refusal *refusal, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, args);
	va_end(args);
	return error;
}

int write_refusal_record(FILE *out, const struct refusal *refusal, int error)
{
	struct record_writer w = { .out = out };

	if (!*refusal->text)
		return error;
	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "refusal");
	writer_string(&w, "reason", refusal->text);
	writer_close(&w, '}');
	writer_end_line(&w);
	return 0;
}
