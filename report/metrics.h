/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics of results and their statistics; the identity of experiments. */
#ifndef KMEMLAB_REPORT_METRICS_H
#define KMEMLAB_REPORT_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "runner/record_fields.h"

enum metric_kind {
	METRIC_COST,		/* mean, deferred cost included: what comparisons judge */
	METRIC_PART,		/* parts of the mean */
	METRIC_P50,
	METRIC_TAIL,
	METRIC_BYTES,		/* cleared and copied by string instructions */
	METRIC_MEMORY,
	METRIC_CONTIGUITY,
	METRIC_KINDS,
};

struct metric {
	const char *name;	/* human-readable: "alloc mean" */
	const char *path;	/* in a result */
	enum metric_kind kind;
	bool more_is_better;
	bool growing_only;	/* applies to workloads that grow, and to no other */
	bool needs_spread;	/* differs between boots: compared only with a known noise */
};

/* Return the field of results that the metric is. */
const struct field *metric_field(const struct metric *metric);

/*
 * Return the unit of a metric in a run, such as "instructions per object", or NULL if it is a
 * number of things; the caller frees it.
 */
char *metric_unit(const struct metric *metric, const json_t *environment);

/* Return true for what operations do, not for the memory that objects take. */
bool metric_is_cost(const struct metric *metric);

extern const struct metric metrics[];
extern const size_t metric_count;
extern const char *const metric_kind_names[METRIC_KINDS];

/* Return the number of copies of each object: one per possible CPU for percpu, else 1. */
long long object_copies(const json_t *result);

/*
 * Return the number of objects that were live at the same time. Workloads that grow hold more
 * objects than requested.
 */
long long objects_held(const json_t *result);

/* Return a metric of a result, borrowed, or NULL if it was not measured. */
const json_t *metric_value(const json_t *result, const struct metric *metric);

/* Statistics of one metric over several boots. */
struct interval {
	size_t boots;
	double min, max;
	double median, mean;
	double variance;	/* sample variance; 0 for one boot */
};

/* Return the statistics of count values, which are sorted in place. */
struct interval interval_of(double *values, size_t count);

/* Return the width of the interval relative to its median. */
double interval_relative_width(const struct interval *interval);

struct delta {
	double before, after, change;
	double noise;		/* for timed metrics half the confidence interval */
	bool significant;
};

/* Compare counted metrics: significant if the medians differ by more than either interval. */
struct delta delta_counted(const struct interval *before, const struct interval *after);

/* Compare timed metrics by Welch's t-test at 95 %. */
struct delta delta_timed(const struct interval *before, const struct interval *after);

/* Return the statistics of an experiment's metric over all runs of a document. */
struct interval metric_interval(const json_t *document, const json_t *experiment,
				const struct metric *metric);

/* Return the maximum number of objects per operation; direction is "alloc" or "free". */
long long objects_per_operation(const json_t *result, const char *direction);

/* Return true if all samples were interrupted, so that the cost includes interrupts. */
bool always_interrupted(const json_t *result, const char *direction);

/* Return true if there is no cost: every sample was interrupted or slept. */
bool cost_is_hidden(const json_t *result);

/* Return the mean cost of "alloc" or "free" per object, including deferred cost; 0 if unknown. */
double cost_per_object(const json_t *result, const char *direction);

/* Return true if the mean of the first or a later quarter of the operations differs by 10 %. */
bool cost_drifts(const json_t *result, const char *direction);

/* Return the memory per object, including the facility's fixed overhead. */
double memory_per_object(const json_t *result, const json_t *environment);

/*
 * Return a new object that identifies the experiment of a result. A plan may contain an
 * experiment several times: "occurrence" counts from 1 in experiment_at(), and is 1 by default.
 */
json_t *experiment_of(const json_t *result);
json_t *experiment_at(const json_t *results, size_t index);
bool same_experiment(const json_t *a, const json_t *b);

/* Return the experiment's result in one run of a document, borrowed, or NULL. */
const json_t *experiment_result(const json_t *document, size_t run, const json_t *experiment);

/* Return "kmalloc pair, 2,000 x 32" with all non-default parameters; the caller frees it. */
char *experiment_title(const json_t *experiment);

/*
 * Return a title without objects and size if all results have the same ones: "kmalloc pair";
 * the caller frees it.
 */
char *experiment_short_title(const json_t *experiment, const json_t *results);

/* Return the short title without the workload, "kmalloc"; the caller frees it. */
char *experiment_row_title(const json_t *experiment, const json_t *results);

/* Return the name of a KTAP test, "kmalloc.pair.2000x32.atomic"; the caller frees it. */
char *experiment_test_name(const json_t *experiment);

/* Return only the non-default parameters, ", gfp atomic, 2 CPUs", or ""; the caller frees it. */
char *experiment_parameters(const json_t *experiment);

/*
 * Return one line about the first difference between the results of two documents' first runs,
 * or NULL; the caller frees it.
 */
char *results_diff(const json_t *before, const json_t *after);

#endif
