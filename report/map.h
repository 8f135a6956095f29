/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps of physical memory, schema "kmemlab.map/1" (docs/results.md). */
#ifndef KMEMLAB_REPORT_MAP_H
#define KMEMLAB_REPORT_MAP_H

#include <stdbool.h>
#include <stdio.h>

#include "document.h"
#include "map_frames.h"

#define MAP_SCHEMA "kmemlab.map/1"

json_t *map_document(const char *records, size_t bytes, const struct run_facts *facts,
		     char **error);

/* verbose is for callers that print documents of any kind. */
void map_print(const json_t *document, bool verbose, FILE *out);

/* What differs between the last map of each; NULL or one line, to be freed. */
char *map_print_diff(const json_t *before, const json_t *after, FILE *out);

/* The picture: on a terminal in colour, else in letters. */
void map_picture_print(const struct frames *frames, bool colour, FILE *out);

/* The last map of the document as a PNG file; NULL or one line, to be freed. */
char *map_picture_png(const json_t *document, const char *path);

#endif
