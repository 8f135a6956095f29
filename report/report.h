/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forms a results document is shown in. Callers look at ferror(out). */
#ifndef KMEMLAB_REPORT_H
#define KMEMLAB_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/* For people, at most 100 columns; verbose adds each experiment in full. */
void report_table(const json_t *document, bool verbose, FILE *out);

void report_json(const json_t *document, FILE *out);
void report_csv(const json_t *document, FILE *out);	/* one row a result */
void report_ktap(const json_t *document, FILE *out);	/* one test a result */
void report_html(const json_t *document, FILE *out);	/* a page that needs no other file */
void report_explanation_html(const json_t *document, FILE *out);	/* of kmemlab.explain/1 */

#endif
