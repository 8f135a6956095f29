/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Views of the verdicts on modules. */
#ifndef KMEMLAB_CLI_CHECK_REPORT_H
#define KMEMLAB_CLI_CHECK_REPORT_H

#include <stdio.h>

#include <jansson.h>

/*
 * Sort the modules of a document, worst first, and group equal failures: add "groups", objects with
 * "title" and "count", most frequent first.
 */
void check_document_finish(json_t *document);

void check_text(const json_t *document, FILE *out);
void check_markdown(const json_t *document, FILE *out);
void check_csv(const json_t *document, FILE *out);
void check_ktap(const json_t *document, FILE *out);

#endif
