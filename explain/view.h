/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An analysis, for people and for programs. Pure. */
#ifndef KMEMLAB_EXPLAIN_VIEW_H
#define KMEMLAB_EXPLAIN_VIEW_H

#include <stdio.h>

#include <jansson.h>

#include "analysis.h"

/* What was explained. */
struct view_facts {
	const char *facility, *op, *workload, *gfp;
	const char *kernel;		/* "6.1.0-56-amd64" */
	const char *arch;
	const char *state;		/* "steady" ... */
	uint64_t size;			/* bytes of an object */
	uint64_t objects;		/* an operation may be of several */
	unsigned int overhead;		/* instructions of the clock that were taken off */
	const struct cache_model *model;	/* or NULL */
	const char *input_sha256;
};

/* A tree with bars, the paths, the sum against the clock. */
void view_tree(const struct analysis *analysis, const struct path *path,
	       const struct view_facts *facts, FILE *out);

/* The path's basic blocks, in the order of their first executions. */
void view_blocks(const struct analysis *analysis, const struct path *path, FILE *out);

/* schema kmemlab.explain/1 */
json_t *view_json(const struct analysis *analysis, const struct path *path,
		  const struct view_facts *facts);

/* Of such a document; one line a function: "a;b;c 22", as flame graphs are drawn from. */
void view_folded(const json_t *document, FILE *out);

/* One of several kernels. */
struct compared {
	const struct analysis *analysis;
	const struct path *path;
	const struct view_facts *facts;
};

/*
 * By function and by call: where kernels differ from the first one. Each
 * column's differences add up to that of the clocks. At most SIDES_MAX.
 */
void view_comparison(const struct compared *sides, size_t count, FILE *out);

/* All documents, and the differences by function. */
json_t *view_comparison_json(const struct compared *sides, size_t count);

#endif
