/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of results and environments: one table for the guest's records, the check of
 * records and documents, the CSV form, and the tables of docs/results.md. Fields are in the
 * order of documents. To add one, add the value to a structure and a line to its table.
 */
#ifndef KMEMLAB_RUNNER_RECORD_FIELDS_H
#define KMEMLAB_RUNNER_RECORD_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct record_writer;

/* Largest integer that all JSON readers represent exactly. */
#define FIELD_COUNT_MAX ((INT64_C(1) << 53) - 1)

enum field_type {
	FIELD_TEXT,	/* string */
	FIELD_NAME,	/* string of a-z, 0-9, '_' and ':', shorter than KMEMLAB_NAME_MAX */
	FIELD_COUNT,	/* integer from 0 to max, or to FIELD_COUNT_MAX if max is 0 */
	FIELD_SIGNED,	/* integer from min to max, or of at most FIELD_COUNT_MAX */
	FIELD_REAL,	/* number of at most FIELD_COUNT_MAX */
	FIELD_FLAG,	/* true or false */
	FIELD_COUNTS,	/* array of integers, each like FIELD_COUNT */
	FIELD_REALS,	/* array of numbers, each like FIELD_REAL */
	FIELD_TEXTS,	/* array of strings */
	FIELD_PAIRS,	/* array of pairs of integers, each like FIELD_COUNT */
	FIELD_LISTS,	/* array of arrays of integers, each like FIELD_COUNT */
	FIELD_FREE,	/* object with members of any name */
	FIELD_GROUP,	/* object with the fields in members */
	FIELD_GROUPS,	/* array of such objects */
};

struct field {
	const char *name;		/* NULL ends an array */
	enum field_type type;
	const struct field *members;	/* FIELD_GROUP and FIELD_GROUPS */
	int64_t min, max;		/* integers; both 0: limits of the type */
	/* Valid strings, NULL-terminated; NULL: any string. To write FIELD_TEXTS: names of bits. */
	const char *const *choices;

	/*
	 * For writing: the value is at offset in the structure of the enclosing group. A
	 * nullable field is null without its valid bits in the record's first member, and if
	 * the value is NO_COUNT, NAN or "".
	 */
	bool from_host;			/* not in records: added by the host */
	uint32_t valid;
	size_t offset, size;
	void (*write)(struct record_writer *w, const struct field *field, const void *value);

	/* For docs/results.md. A group without a text is documented in place, not separately. */
	const char *unit;		/* NULL: none */
	const char *null_if;		/* condition for null, as text; NULL: never null */
	const char *doc;
};

/* Name, type, position and size of a member of a structure. */
#define FIELD_OF(structure, member, field_name, field_type) \
	.name = field_name, .type = field_type, .offset = offsetof(struct structure, member), \
	.size = sizeof(((struct structure *)NULL)->member)

extern const struct field result_fields[];
extern const struct field environment_fields[];

/* The group "refusal" in result_fields. */
extern const struct field refusal_fields[];

/* The group of each direction in result_fields' "pmu". */
extern const struct field pmu_direction_fields[];

/* Write the record of a structure, whose first member is a uint32_t with valid bits. */
void write_record(FILE *out, const char *name, const struct field *fields, const void *record);

/* Write an array of groups, which are size bytes apart, or of integers. */
void write_groups(struct record_writer *w, const struct field *field, const void *groups,
		  size_t count, size_t size);
void write_counts(struct record_writer *w, const struct field *field, const uint64_t *counts,
		  size_t count);

#endif
