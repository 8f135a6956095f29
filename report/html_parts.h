/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of the HTML report. */
#ifndef KMEMLAB_HTML_PARTS_H
#define KMEMLAB_HTML_PARTS_H

#include <stdio.h>

#include <jansson.h>

/* Text that stays text wherever it stands, in attributes too. */
void html_text(const char *text, FILE *out);

/* A page's beginning: title, heading, the common style and more of it. */
void html_begin(const char *title, const char *more_style, FILE *out);
void html_end(FILE *out);

/* An inline SVG of the percentiles of both directions, or nothing where there are none. */
void html_chart(const json_t *result, const char *unit, FILE *out);

#endif
