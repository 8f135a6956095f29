/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the forms of a comparison have in common: rows, and words for figures. */
#ifndef KMEMLAB_COMPARISON_CELLS_H
#define KMEMLAB_COMPARISON_CELLS_H

#include <stdbool.h>

#include <jansson.h>

#include "format.h"

const char *cell_text(const json_t *object, const char *name);
struct format cell_change(const json_t *change);	/* "+1,234" */
struct format cell_percent(const json_t *change);	/* "+1.7 %", "=" where none is shown, "-" */

/* Whether tables have a row for it: tails only where they trip the gate, or all is wanted. */
bool figure_has_row(const json_t *figure, bool verbose);

/* Whether any of its figures has one. */
bool experiment_has_rows(const json_t *experiment, bool verbose);

/* Neither a row nor subjects that differ in what they can do. */
bool experiment_unchanged(const json_t *experiment, bool verbose);

/* "5.10: ok, 6.1: refused", to be freed, or NULL where all have one status. */
char *status_words(const json_t *comparison, const json_t *experiment);

/* One line each on how noise was judged and what the gate says (or NULL), to be freed. */
char *noise_line(const json_t *comparison);
char *gate_line(const json_t *comparison);

/* "kernel.config.memcg: on, off", one line a difference, to be freed; "" where there are none. */
char *difference_lines(const json_t *comparison, const char *start, const char *indent);

#endif
