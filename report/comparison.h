/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparison of results: the document "kmemlab.comparison/2" (docs/results.md) and its output
 * formats. All inputs are compared with the first one.
 */
#ifndef KMEMLAB_REPORT_COMPARISON_H
#define KMEMLAB_REPORT_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "format.h"
#include "metrics.h"
#include "table.h"

#define COMPARISON_SCHEMA "kmemlab.comparison/2"

/* A results document whose runs are all of the same kernel and options. */
struct input {
	const char *label;
	const json_t *document;
};

struct comparison_gate {
	bool set;
	double above_percent;		/* a larger regression fails the gate */
	bool kinds[METRIC_KINDS];	/* metrics that can fail it */
};

/*
 * options_differ: boot options or CPU models are what is compared, so they may differ. Between
 * kernel releases, the configuration may always differ.
 */
json_t *comparison_build(const struct input *inputs, size_t count, bool options_differ,
			 const struct comparison_gate *gate);

/* Return why the inputs are not comparable, in one line, or NULL; the caller frees it. */
char *comparison_obstacle(const json_t *comparison);

/* Return true if a metric was measured in the first input and in another one. */
bool comparison_has_changes(const json_t *comparison);

/* Return true if there is a significant change. */
bool comparison_is_significant(const json_t *comparison);

/* Return the number of changes that fail the gate. */
size_t comparison_gate_failures(const json_t *comparison);

void comparison_table(const json_t *comparison, bool verbose, FILE *out);
void comparison_csv(const json_t *comparison, FILE *out);
void comparison_ktap(const json_t *comparison, FILE *out);
void comparison_junit(const json_t *comparison, FILE *out);
void comparison_markdown(const json_t *comparison, FILE *out);
void comparison_html(const json_t *comparison, FILE *out);

/* Return a sentence about the noise. */
const char *comparison_noise_text(const json_t *comparison);

/* Return the outcome of the gate in one line, or NULL without a gate; the caller frees it. */
char *comparison_gate_text(const json_t *comparison);

/* Return "kernel.config.memcg: on | off (affects the comparison)"; the caller frees it. */
char *comparison_difference_text(const json_t *difference);

/* Return "5.10: ok, 6.1: skipped", or NULL if the statuses are equal; the caller frees it. */
char *status_text(const json_t *comparison, const json_t *experiment);

/* Return "+1.7 %", "=" if the change is not significant, "new" if it was 0, or "-". */
struct format change_percent(const json_t *change);

/* Parts of the text that the Markdown page shares. */

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
