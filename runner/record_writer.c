// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/record_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

#include "runner/record_fields.h"

/*
 * Return the length in bytes of the UTF-8 character at s, or 0 if it is invalid: a stray or
 * missing continuation, an overlong form, a surrogate, or above U+10FFFF.
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

/* Replace bytes that are not UTF-8 with U+FFFD, so that every reader accepts the record. */
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

static void begin_value(struct record_writer *w, const char *key)
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
	begin_value(w, key);
	fputc(bracket, w->out);
	w->need_comma = false;
}

void writer_close(struct record_writer *w, char bracket)
{
	fputc(bracket, w->out);
	w->need_comma = true;
}

void writer_null(struct record_writer *w, const char *key)
{
	begin_value(w, key);
	fputs("null", w->out);
}

void writer_unsigned(struct record_writer *w, const char *key, uint64_t value)
{
	if (value == NO_COUNT) {
		writer_null(w, key);
		return;
	}
	begin_value(w, key);
	fprintf(w->out, "%" PRIu64, value);
}

void writer_signed(struct record_writer *w, const char *key, int64_t value)
{
	begin_value(w, key);
	fprintf(w->out, "%" PRId64, value);
}

void writer_real(struct record_writer *w, const char *key, double value)
{
	if (isnan(value)) {
		writer_null(w, key);
		return;
	}
	begin_value(w, key);
	fprintf(w->out, "%.4f", value);
}

void writer_string(struct record_writer *w, const char *key, const char *value)
{
	if (!value) {
		writer_null(w, key);
		return;
	}
	begin_value(w, key);
	write_escaped(w->out, value);
}

void writer_hex(struct record_writer *w, const char *key, uint64_t value)
{
	begin_value(w, key);
	fprintf(w->out, "\"0x%" PRIx64 "\"", value);
}

void writer_bool(struct record_writer *w, const char *key, bool value)
{
	begin_value(w, key);
	fputs(value ? "true" : "false", w->out);
}

void writer_begin(struct record_writer *w, const char *record)
{
	writer_open(w, NULL, '{');
	writer_string(w, "record", record);
}

void writer_end(struct record_writer *w)
{
	writer_close(w, '}');
	fputc('\n', w->out);
	fflush(w->out);
	w->need_comma = false;
}

static void write_integer(struct record_writer *w, const struct field *field, const void *value)
{
	if (field->type == FIELD_SIGNED)
		writer_signed(w, field->name, field->size == sizeof(int64_t) ?
			      *(const int64_t *)value : *(const int32_t *)value);
	else
		writer_unsigned(w, field->name, field->size == sizeof(uint64_t) ?
				*(const uint64_t *)value : *(const uint32_t *)value);
}

/* Write the names of the bits that are set. */
static void write_bits(struct record_writer *w, const struct field *field, uint32_t bits)
{
	writer_open(w, field->name, '[');
	for (unsigned int i = 0; field->choices[i]; i++)
		if (bits & 1U << i)
			writer_string(w, NULL, field->choices[i]);
	writer_close(w, ']');
}

static void write_fields(struct record_writer *w, const struct field *fields, const void *group);

static void write_field(struct record_writer *w, const struct field *field, const void *value)
{
	if ((*(const uint32_t *)w->record & field->valid) != field->valid) {
		writer_null(w, field->name);
	} else if (field->write) {
		field->write(w, field, value);
	} else if (field->type == FIELD_GROUP) {
		writer_open(w, field->name, '{');
		write_fields(w, field->members, value);
		writer_close(w, '}');
	} else if (field->type == FIELD_TEXT || field->type == FIELD_NAME) {
		const char *text = value;

		writer_string(w, field->name, *text || !field->null_if ? text : NULL);
	} else if (field->type == FIELD_TEXTS) {
		write_bits(w, field, *(const uint32_t *)value);
	} else if (field->type == FIELD_REAL) {
		writer_real(w, field->name, *(const double *)value);
	} else if (field->type == FIELD_FLAG) {
		writer_bool(w, field->name, field->size == sizeof(bool) ?
			    *(const bool *)value : !!*(const uint32_t *)value);
	} else {
		write_integer(w, field, value);
	}
}

static void write_fields(struct record_writer *w, const struct field *fields, const void *group)
{
	for (const struct field *field = fields; field->name; field++)
		if (!field->from_host)
			write_field(w, field, (const char *)group + field->offset);
}

void write_record(FILE *out, const char *name, const struct field *fields, const void *record)
{
	struct record_writer w = { .out = out, .record = record };

	writer_begin(&w, name);
	write_fields(&w, fields, record);
	writer_end(&w);
}

void write_groups(struct record_writer *w, const struct field *field, const void *groups,
		  size_t count, size_t size)
{
	writer_open(w, field->name, '[');
	for (size_t i = 0; i < count; i++) {
		writer_open(w, NULL, '{');
		write_fields(w, field->members, (const char *)groups + i * size);
		writer_close(w, '}');
	}
	writer_close(w, ']');
}

void write_counts(struct record_writer *w, const struct field *field, const uint64_t *counts,
		  size_t count)
{
	writer_open(w, field->name, '[');
	for (size_t i = 0; i < count; i++)
		writer_unsigned(w, NULL, counts[i]);
	writer_close(w, ']');
}

int skip_with(struct skip_reason *reason, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason->text, sizeof(reason->text), format, args);
	va_end(args);
	return err;
}

int write_skip_record(FILE *out, const struct skip_reason *reason, int err)
{
	struct record_writer w = { .out = out };

	if (!*reason->text)
		return err;
	writer_begin(&w, "skipped");
	writer_string(&w, "reason", reason->text);
	writer_end(&w);
	return 0;
}
