/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a result that are worth comparing, and the experiment that a result is of. */
#ifndef KMEMLAB_FIGURES_H
#define KMEMLAB_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "spread.h"

enum figure_kind {
	FIGURE_COST,
	FIGURE_TAIL,
	FIGURE_MEMORY,
	FIGURE_CONTIGUITY,
	FIGURE_KINDS,
};

struct figure {
	const char *name;	/* for people: "alloc p50" */
	const char *path[3];	/* where it stands in a result */
	enum figure_kind kind;
	bool more_is_better;
	bool of_ramps;		/* of no other workload */
};

extern const struct figure figures[];
extern const size_t figure_count;
extern const char *const figure_kind_names[FIGURE_KINDS];

/*
 * Objects that were alive together, which memory and contiguity are of: more than were asked
 * for where a workload goes on until it is refused.
 */
long long objects_held(const json_t *result);

/* The figure of a result, or NULL where it was not measured; borrowed. */
const json_t *figure_of(const json_t *result, const struct figure *figure);

/* The p50 of "alloc" or "free" in a group of samples, "clean" or "all"; borrowed, or NULL. */
const json_t *p50_of_group(const json_t *result, const char *direction, const char *group);

/* The figure of this experiment over all runs of a document. */
struct spread figure_spread(const json_t *document, const json_t *experiment,
			    const struct figure *figure);

/*
 * What names the experiment and nothing of its outcome: a new object. A plan may have one
 * several times: among results, "occurrence" says which of those this is, from 1 on.
 */
json_t *experiment_of(const json_t *result);
json_t *experiment_at(const json_t *results, size_t index);

/* Without an occurrence it is the first. */
bool same_experiment(const json_t *a, const json_t *b);

/* The result of this experiment in one run of a document, or NULL; borrowed. */
const json_t *experiment_result(const json_t *document, size_t run, const json_t *experiment);

/* "kmalloc pair, 2,000 x 32", with what is not the default; to be freed. */
char *experiment_words(const json_t *experiment);

/*
 * "kmalloc pair", with what is not the default, and with objects and size where @among, the
 * results it stands with, differ in them; to be freed.
 */
char *experiment_short(const json_t *experiment, const json_t *among);

/* "kmalloc.pair.2000x32.atomic", a test's name; to be freed. */
char *experiment_test_name(const json_t *experiment);

/* What is not the default alone: ", gfp atomic, 2 CPUs", or empty; to be freed. */
char *experiment_unusual(const json_t *experiment);

#endif
