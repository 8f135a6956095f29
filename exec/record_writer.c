// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_writer.h"

#include <inttypes.h>

static void write_escaped(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++) {
		unsigned char c = *s;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void begin(struct record_writer *w, const char *key)
{
	if (w->need_comma)
		fputc(',', w->out);
	if (key) {
		write_escaped(w->out, key);
		fputc(':', w->out);
	}
	w->need_comma = true;
}

void writer_open(struct record_writer *w, const char *key, char bracket)
{
	begin(w, key);
	fputc(bracket, w->out);
	w->need_comma = false;
}

void writer_close(struct record_writer *w, char bracket)
{
	fputc(bracket, w->out);
	w->need_comma = true;
}

void writer_unsigned(struct record_writer *w, const char *key, uint64_t value)
{
	begin(w, key);
	fprintf(w->out, "%" PRIu64, value);
}

void writer_signed(struct record_writer *w, const char *key, int64_t value)
{
	begin(w, key);
	fprintf(w->out, "%" PRId64, value);
}

void writer_real(struct record_writer *w, const char *key, double value)
{
	begin(w, key);
	fprintf(w->out, "%.4f", value);
}

void writer_string(struct record_writer *w, const char *key, const char *value)
{
	begin(w, key);
	write_escaped(w->out, value);
}

void writer_hex(struct record_writer *w, const char *key, uint64_t value)
{
	begin(w, key);
	fprintf(w->out, "\"0x%" PRIx64 "\"", value);
}

void writer_bool(struct record_writer *w, const char *key, bool value)
{
	begin(w, key);
	fputs(value ? "true" : "false", w->out);
}

void writer_null(struct record_writer *w, const char *key)
{
	begin(w, key);
	fputs("null", w->out);
}

void writer_end_line(struct record_writer *w)
{
	fputc('\n', w->out);
	fflush(w->out);
	w->need_comma = false;
}
