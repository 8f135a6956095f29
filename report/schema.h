/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Check of records and documents against the table of fields (runner/record_fields.h). */
#ifndef KMEMLAB_SCHEMA_H
#define KMEMLAB_SCHEMA_H

#include <stdbool.h>

#include <jansson.h>
#include <linux/kmemlab.h>

#include "runner/record_fields.h"

/* Length of the longest FIELD_NAME, which a terminated array in the ABI holds. */
#define SCHEMA_NAME_MAX	(KMEMLAB_NAME_MAX - 1)

/*
 * Return a copy of object with exactly these fields, in their order. A nullable field may be
 * missing, and is null in the copy. On errors return NULL and set *error to a message of one
 * line, to be freed, which starts the path of the field with prefix ("" or "runs[0].").
 */
json_t *schema_copy(const struct field *fields, const char *prefix, json_t *object, char **error);

/*
 * Check the fields of an object that readers use; it may have others. Return NULL or a message
 * like that of schema_copy().
 */
char *schema_check(const struct field *fields, const char *prefix, const json_t *object);

/* Return true if a string in a value has characters that control a terminal. */
bool schema_has_control(json_t *value);

/*
 * Return the schema of an object with these fields. As for readers of documents, fields that may
 * be null may be missing, and unknown fields are errors.
 */
json_t *json_schema(const struct field *fields);

#endif
