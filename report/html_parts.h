/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of the HTML report. */
#ifndef KMEMLAB_HTML_PARTS_H
#define KMEMLAB_HTML_PARTS_H

#include <stdio.h>

#include <jansson.h>

/* Text that stays text wherever it stands, in attributes too. */
void html_text(const char *text, FILE *out);

/* An inline SVG of the percentiles of both directions, or nothing where there are none. */
void html_chart(const json_t *result, const char *unit, FILE *out);

#endif
