/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of a comparison's text that the Markdown page shares. */
#ifndef KMEMLAB_REPORT_COMPARISON_TEXT_H
#define KMEMLAB_REPORT_COMPARISON_TEXT_H

#include "comparison.h"
#include "table.h"

/* Return "+1.7 %"; a percentage that rounds to 0 is "+<0.1 %". */
struct format percent_with_sign(double percent);

/*
 * Return the table of significant changes, the largest first; with two inputs it has the change
 * and the noise. verbose: tails have rows as well.
 */
struct table changes_table(const json_t *comparison, bool verbose);

/* Return true if the table has a row of the experiment. */
bool experiment_has_rows(const json_t *experiment, bool verbose);

/* Return the number of experiments that all inputs measured and that have no row. */
size_t count_unchanged(const json_t *comparison, bool verbose);

#endif
