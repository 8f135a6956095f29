// SPDX-License-Identifier: GPL-2.0-or-later
#include "format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/terminal.h"

struct format format_count(long long value)
{
	struct format result;
	char digits[FORMAT_MAX / 2];
	char *to = result.text;
	int count = snprintf(digits, sizeof(digits), "%llu",
			     value < 0 ? -(unsigned long long)value : (unsigned long long)value);

	if (value < 0)
		*to++ = '-';
	for (int i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return result;
}

struct format format_real(double value)
{
	struct format result;
	long long tenths;

	if (!(fabs(value) < 1e17)) {	/* NAN, or beyond long long */
		snprintf(result.text, FORMAT_MAX, "%.3g", value);
		return result;
	}
	tenths = value * 10 + (value < 0 ? -0.5 : 0.5);
	result = format_count(llabs(tenths / 10));
	snprintf(result.text + strlen(result.text), 3, ".%lld", llabs(tenths % 10));
	if (tenths < 0) {
		memmove(result.text + 1, result.text, strlen(result.text) + 1);
		*result.text = '-';
	}
	return result;
}

struct format format_number(const json_t *number)
{
	if (json_is_integer(number))
		return format_count(json_integer_value(number));
	if (json_is_real(number))
		return format_real(json_real_value(number));
	return (struct format) { "-" };
}

struct format format_at(const json_t *object, const char *path)
{
	return format_number(json_at(object, path));
}

struct format format_counted(long long value, const char *noun)
{
	struct format result = format_count(value);
	size_t length = strlen(result.text);
	const char *plural = noun[strlen(noun) - 1] == 's' ? "es" : "s";

	snprintf(result.text + length, FORMAT_MAX - length, " %s%s", noun,
		 value == 1 ? "" : plural);
	return result;
}

double percent_of(double share)
{
	const double percent = 100 * share;

	return percent >= 99.95 && percent < 100 ? 99.9 : percent;
}

struct format format_share(double share)
{
	struct format result;

	snprintf(result.text, FORMAT_MAX, "%.1f %%", percent_of(share));
	return result;
}

struct format format_share_at(const json_t *object, const char *path)
{
	const json_t *share = json_at(object, path);

	return json_is_number(share) ? format_share(json_number_value(share)) :
				       (struct format) { "-" };
}

struct format format_bytes(long long bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	struct format result;
	size_t unit = 0;

	while (bytes && bytes % 1024 == 0 && unit + 1 < ARRAY_SIZE(units)) {
		bytes /= 1024;
		unit++;
	}
	result = format_count(bytes);
	strcat(strcat(result.text, " "), units[unit]);
	return result;
}

struct format format_memory(long long bytes)
{
	return format_bytes(bytes < 10 << 20 ? bytes : bytes >> 20 << 20);
}

static void format_elements(struct strbuf *text, const json_t *value, bool readable)
{
	const char *separator = "", *name;
	json_t *element;
	size_t i;

	json_array_foreach(value, i, element) {
		strbuf_addstr(text, i ? " " : "");
		format_value(text, element, readable);
	}
	json_object_foreach((json_t *)value, name, element) {
		strbuf_addf(text, "%s%s=", separator, name);
		format_value(text, element, readable);
		separator = ":";
	}
}

void format_value(struct strbuf *text, const json_t *value, bool readable)
{
	double number = json_number_value(value);

	if (json_is_string(value))
		strbuf_addstr(text, json_string_value(value));
	else if (json_is_real(value) && (!readable || fabs(number) < 10))
		strbuf_addf(text, readable ? "%.3g" : "%.12g", number);
	else if (json_is_integer(value) && !readable)
		strbuf_addf(text, "%lld", (long long)json_integer_value(value));
	else if (json_is_number(value))
		strbuf_addstr(text, format_number(value).text);
	else if (json_is_boolean(value))
		strbuf_addstr(text, json_is_true(value) ? "true" : "false");
	else
		format_elements(text, value, readable);
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

void text_wrap(const char *words, size_t indent, size_t *column, FILE *out)
{
	while (*words) {
		int length = strcspn(words, " ");
		cleanup_free char *word = xasprintf("%.*s", length, words);

		if (*column > indent && *column + 1 + text_width(word) > terminal_width(out, LINE_WIDTH)) {
			fprintf(out, "\n%*s", (int)indent, "");
			*column = indent;
		} else if (*column > indent) {
			fputc(' ', out);
			++*column;
		}
		fputs(word, out);
		*column += text_width(word);
		words += length;
		words += strspn(words, " ");
	}
}

void print_members(const char *title, const json_t *object, FILE *out)
{
	struct strbuf line = STRBUF_INIT;
	const char *name;
	json_t *value;
	size_t column;

	json_object_foreach((json_t *)object, name, value) {
		if (json_is_null(value) || json_is_object(value) ||
		    (json_is_array(value) && !json_array_size(value)) || !strcmp(name, "parts"))
			continue;
		strbuf_separate(&line, ", ");
		for (const char *c = name; *c && strcmp(name, "reason"); c++)
			strbuf_add(&line, *c == '_' ? " " : c, 1);
		strbuf_addf(&line, "%s%s", strcmp(name, "reason") ? " " : "",
			    json_is_array(value) ? "[" : "");
		format_value(&line, value, true);
		strbuf_addstr(&line, json_is_array(value) ? "]" : "");
	}
	if (line.length) {
		column = fprintf(out, "  %s", title);
		text_wrap(line.text, 4, &column, out);
		fputc('\n', out);
	}
	strbuf_release(&line);
}

void print_outcome(const char *line, bool failed, FILE *out)
{
	const enum style style = failed ? STYLE_RED : STYLE_PLAIN;

	fprintf(out, "%s%s%s\n", style_start(out, style), line, style_end(out, style));
}

const char *unit_name(const char *unit)
{
	return unit && !strcmp(unit, "tsc") ? "ticks" : unit;
}

bool reason_names(const char *reason, const char *facility)
{
	const size_t length = strlen(facility);

	return !strncmp(reason, facility, length) && reason[length] == ' ';
}

char *skip_text(const json_t *result)
{
	const char *facility = json_str(result, "facility", "-");
	const char *reason = json_str(result, "reason", "-");

	return reason_names(reason, facility) ? xstrdup(reason) :
						xasprintf("%s: %s", facility, reason);
}
