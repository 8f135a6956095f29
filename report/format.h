/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Human-readable numbers: thousands separators, percentages, amounts of memory. */
#ifndef KMEMLAB_REPORT_FORMAT_H
#define KMEMLAB_REPORT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "base/strbuf.h"

#define FORMAT_MAX	48
#define LINE_WIDTH	100	/* columns of text output that is not for a terminal */

struct format {
	char text[FORMAT_MAX];
};

/* Each function returns its text by value; a missing or null number is "-". */
struct format format_count(long long value);
struct format format_memory(long long bytes);	/* "455 MiB": whole MiB, from 10 MiB on */
struct format format_counted(long long value, const char *noun);	/* "2,000 objects" */
struct format format_real(double value);			/* "1,234.5" */
struct format format_number(const json_t *number);		/* "1,234" or "1,234.5" */
struct format format_at(const json_t *object, const char *path);
double percent_of(double share);	/* with one decimal, only all is 100.0 */
struct format format_share(double share);			/* "97.7 %" */
struct format format_share_at(const json_t *object, const char *path);
struct format format_bytes(long long bytes);			/* "512 MiB" if it is a multiple */

/*
 * Append any JSON value in one line: elements of an array are separated by blanks, members of an
 * object by colons. readable: with thousands separators and fewer digits.
 */
void format_value(struct strbuf *text, const json_t *value, bool readable);

/* Return the number of characters of UTF-8 text. */
size_t text_width(const char *text);

/*
 * Print words from column *column on. Lines break at blanks, to fit into the terminal or into
 * LINE_WIDTH columns, and continue at column indent.
 */
void text_wrap(const char *words, size_t indent, size_t *column, FILE *out);

/*
 * Print "  title name value, name [value value]", without members that are null or objects, and
 * without the parts of a cost. The member "reason" is printed without its name.
 */
void print_members(const char *title, const json_t *object, FILE *out);

/* Print a line, in red if it reports a failure. */
void print_outcome(const char *line, bool failed, FILE *out);

/* Return the name of a clock's unit for use in prose: "ticks" for "tsc". */
const char *unit_name(const char *unit);

/* Return true if the reason of a skipped result starts with the facility's name. */
bool reason_names(const char *reason, const char *facility);

/* Return "facility: reason" of a skipped result, naming the facility once; the caller frees it. */
char *skip_text(const json_t *result);

#endif
