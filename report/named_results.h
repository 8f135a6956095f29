/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All results of a document, each with a name that is unique in it: for output formats. */
#ifndef KMEMLAB_REPORT_NAMED_RESULTS_H
#define KMEMLAB_REPORT_NAMED_RESULTS_H

#include <stddef.h>

#include <jansson.h>

#include "metrics.h"

struct named_result {
	size_t run;		/* index */
	const json_t *environment, *result;
	char *name;		/* "kmalloc.pair.2000x32.no2.run2" */
};

struct named_results {
	struct named_result *list;
	size_t count;
};

#define cleanup_named_results	__attribute__((cleanup(named_results_release)))

/* Return the results of all runs in their order; they point into the document. */
struct named_results named_results_of(const json_t *document);
void named_results_release(struct named_results *results);

/* Return a metric, borrowed, or NULL if it was not measured or the experiment failed. */
const json_t *named_value(const struct named_result *named, const struct metric *metric);

/* Return the end of the names of a run, ".run2", or "" for the first one; the caller frees it. */
char *run_suffix(size_t run);

/* Paths in the environment that tell runs from each other, with their titles. */
struct run_label {
	const char *title, *path;
};

extern const struct run_label run_labels[];
extern const size_t run_label_count;

#endif
