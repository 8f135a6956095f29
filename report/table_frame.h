/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands above and below the table. */
#ifndef KMEMLAB_TABLE_FRAME_H
#define KMEMLAB_TABLE_FRAME_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "table_groups.h"

/* Kernel, machine, clock and the options that matter. */
void frame_print_head(const json_t *document, FILE *out);

/* What all lines have in common: objects, size, GFP, and what the costs are of. */
void frame_print_common(const json_t *document, const struct groups *groups, FILE *out);

/* Refusals, failures, self-check, proof, what a p50 is, how to repeat, what to try next. */
void frame_print_foot(const json_t *document, const struct groups *groups, bool verbose, FILE *out);

#endif
