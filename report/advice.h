/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advice on the facility for given objects: the document "kmemlab.advice/2" (docs/results.md),
 * from a results document that measures such objects.
 */
#ifndef KMEMLAB_REPORT_ADVICE_H
#define KMEMLAB_REPORT_ADVICE_H

#include <stdio.h>

#include <jansson.h>

#include "facility_info.h"

#define ADVICE_SCHEMA "kmemlab.advice/2"

/*
 * Return NULL if the document does not measure such objects: *error is set to one line, which
 * the caller frees.
 */
json_t *advice_build(const json_t *document, const struct requirements *requirements,
		     char **error);

void advice_table(const json_t *advice, FILE *out);

#endif
