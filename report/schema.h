/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields that records have, in the order in which documents show them. */
#ifndef KMEMLAB_SCHEMA_H
#define KMEMLAB_SCHEMA_H

#include <stdbool.h>

#include <jansson.h>

enum field_type {
	FIELD_TEXT,
	FIELD_COUNT,	/* an integer */
	FIELD_REAL,
	FIELD_FLAG,
	FIELD_COUNTS,	/* an array of integers */
	FIELD_TEXTS,	/* an array of texts */
	FIELD_FREE,	/* an object with members of any name */
	FIELD_GROUP,	/* an object with the members named */
	FIELD_GROUPS,	/* an array of such objects */
};

struct field {
	const char *name;		/* NULL ends a list of fields */
	enum field_type type;
	bool required;			/* may not be null */
	const struct field *members;	/* of a group */
	bool may_be_absent;		/* and null then: in records or in older documents */
};

extern const struct field result_fields[];
extern const struct field environment_fields[];

/*
 * A copy of the object with exactly these fields, in their order. On a field
 * that is missing, of another type or not in the list: NULL, and error is one
 * line, to be freed.
 */
json_t *schema_copy(const struct field *fields, json_t *object, char **error);

#endif
