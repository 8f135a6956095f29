/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON Schemas (draft 2020-12) of documents, generated from the tables of their fields. */
#ifndef KMEMLAB_REPORT_JSON_SCHEMA_H
#define KMEMLAB_REPORT_JSON_SCHEMA_H

#include <jansson.h>

#include "runner/record_fields.h"

/*
 * Return the schema of an object with these fields. As for readers of documents, fields that may
 * be null may be missing, and unknown fields are errors.
 */
json_t *json_schema(const struct field *fields);

#endif
