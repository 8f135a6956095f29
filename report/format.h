/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures for people: thousands separators, shares, amounts of memory. */
#ifndef KMEMLAB_FORMAT_H
#define KMEMLAB_FORMAT_H

#include <stdbool.h>

#include <jansson.h>

#define FORMAT_MAX 48

struct format {
	char text[FORMAT_MAX];
};

/* Each returns its text by value; a figure that is null reads "-". */
struct format format_count(long long value);
struct format format_counted(long long value, const char *noun);	/* "1 object", "2,000 objects" */
struct format format_json(const json_t *number);		/* 1,234 or 1,234.5 */
struct format format_share(const json_t *share);		/* "97.7 %" */
struct format format_bytes(long long bytes);			/* "512 MiB" where even */

/* What a clock's unit is called in a sentence. */
const char *unit_words(const char *unit);

/* Whether a refusal's reason begins with the facility's name, which needs no saying then. */
bool reason_names(const char *reason, const char *facility);

/* Why a result was refused, and which facility was, to be freed. */
char *refusal_of(const json_t *result);

#endif
