/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address translations, schema "kmemlab.translation/2" (docs/results.md). */
#ifndef KMEMLAB_REPORT_TRANSLATION_H
#define KMEMLAB_REPORT_TRANSLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "document.h"

#define TRANSLATION_SCHEMA "kmemlab.translation/2"

/* The whole document, for json_schema(). */
extern const struct field translation_document_fields[];

/* Return NULL on an error: *error is one line, which the caller frees. */
json_t *translation_document(const char *records, size_t bytes, const struct run_facts *facts,
			     char **error);

/* Print a few lookups in full and many as a table; verbose prints all in full. */
void translation_print(const json_t *document, bool verbose, FILE *out);

/* Return the number of lookups whose input is not an address of its space. */
size_t translation_invalid(const json_t *document);

/* Return the number of lookups and mmap checks whose routes disagree. */
size_t translation_disagreements(const json_t *document);

#endif
