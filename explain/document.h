/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of explain as a JSON document (schema kmemlab.explain/2), and its text output. */
#ifndef KMEMLAB_EXPLAIN_DOCUMENT_H
#define KMEMLAB_EXPLAIN_DOCUMENT_H

#include <stdio.h>

#include <jansson.h>

#include "analysis.h"

#define EXPLAIN_KERNELS_MAX	8	/* kernels in one document */

/* The experiment that was traced. */
struct explain_context {
	const char *facility, *op, *workload, *gfp, *condition;
	const char *kernel;		/* release, for example "6.1.0-56-amd64" */
	const char *arch;
	const char *state;		/* of the path shown: "steady", "cold", "refill" or "all" */
	uint64_t size;			/* bytes per object */
	uint64_t objects;		/* an operation may cover several objects */
	unsigned int bulk, repeats;	/* bulk: 0 is the workload's own */
	unsigned int overhead;		/* instructions of the clock reads, subtracted */
	const struct cache_model *model;	/* or NULL */
	const struct cycle_estimate *estimates;
	size_t estimate_count;
	const char *input_sha256;
};

/* Return the document for one kernel; path is the path shown. */
json_t *explain_document(const struct analysis *analysis, const struct path *path,
			 const struct explain_context *context);

/* Return the document that compares an array of documents by function and by call. */
json_t *explain_diff_document(json_t *kernels);

/* Print the call tree, all paths and the comparison with the clock. */
void explain_print_tree(const json_t *document, FILE *out);

/* Print the modelled cycles of the path shown, if there are any. */
void explain_print_cycles(const json_t *document, FILE *out);

/* Print the basic blocks of the path shown, ordered by first execution. */
void explain_print_blocks(const json_t *document, FILE *out);

/*
 * Print how the kernels differ from the first one, by function and by call. Each
 * column of differences adds up to the difference of the clocks.
 */
void explain_print_diff(const json_t *document, FILE *out);

/* Print one line per function for flame graph tools: "caller;function instructions". */
void explain_print_folded(const json_t *document, FILE *out);

#endif
