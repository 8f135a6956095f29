/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translations, schema "kmemlab.translation/1" (docs/results.md). */
#ifndef KMEMLAB_REPORT_TRANSLATION_H
#define KMEMLAB_REPORT_TRANSLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "document.h"

#define TRANSLATION_SCHEMA "kmemlab.translation/1"

/* NULL on a fault: error is one line, to be freed. */
json_t *translation_document(const char *records, size_t bytes, const struct run_facts *facts,
			     char **error);

/* Few answers in full, many as a table; verbose: all in full. */
void translation_print(const json_t *document, bool verbose, FILE *out);

/* Answers whose routes don't agree. */
size_t translation_disagreements(const json_t *document);

#endif
