// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_writer.h"

#include <inttypes.h>

/*
 * Bytes of the UTF-8 character that starts at s; 0 where none does: a stray or
 * missing continuation, an overlong form, a surrogate, beyond U+10FFFF.
 */
static size_t utf8_length(const unsigned char *s)
{
	size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
			s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return length;
}

/* A byte that is no UTF-8 becomes U+FFFD, so that every reader takes the record. */
static void write_escaped(FILE *out, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;

	fputc('"', out);
	while (*s) {
		size_t length = utf8_length(s);

		if (!length)
			fputs("\\ufffd", out);
		else if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if (*s < 0x20)
			fprintf(out, "\\u%04x", *s);
		else
			fwrite(s, 1, length, out);
		s += length ? length : 1;
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
