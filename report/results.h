/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the text and HTML reports of a results document; internal to report/. */
#ifndef KMEMLAB_REPORT_RESULTS_H
#define KMEMLAB_REPORT_RESULTS_H

#include "report.h"
#include "table.h"

/*
 * A row has the costs and the memory of "batch", and the p50 of "pair" if the two experiments
 * are equal otherwise. Results of other workloads, or of only one of the two, have their own row.
 */
struct results_row {
	const json_t *first;	/* result that names the row */
	const json_t *cost;	/* result of the cost workload, or NULL */
	const json_t *pair;	/* result of "pair" if it is not cost, or NULL */
	const json_t *memory;	/* result with memory and contiguity, or NULL */
	bool full;		/* has both pair and batch */
	long long objects_per_operation;
};

struct results_rows {
	bool by_workload;		/* every result has its own row */
	bool has_pairs;			/* a row has a pair */
	const char *cost_workload;	/* otherwise: "batch" if it was measured, else the first */
	struct results_row *list;
	size_t count;
};

/* Group the measured results into rows, or give each its own row. */
struct results_rows results_rows_build(const json_t *results);
struct results_rows results_rows_each(const json_t *results);
void results_rows_release(struct results_rows *rows);

/* Return true if all results have the same value at path. */
bool results_agree(const json_t *results, const char *path);
bool results_hold_same_count(const json_t *results);

/* Return the memory condition of a result, or NULL for the default. */
const char *condition_of(const json_t *result);

/*
 * Return the note on rows marked with "*", "* one operation covers 1 to 16 objects (page)", or
 * NULL if no row is marked; the caller frees it.
 */
char *results_rows_note(const struct results_rows *rows);

/* Build the table of rows: parameters that differ, costs, memory, contiguity. */
struct table results_table(const json_t *results, const struct results_rows *rows);

/* Build the table of all results of a run, one per row, with their status. */
struct table experiments_table(const json_t *document);

/* Build the table of events per operation counted by the CPU; empty if nothing was counted. */
struct table pmu_table(const json_t *results);

/* Build the table of memory that stays after partial frees; empty if there is none. */
struct table kept_table(const json_t *results);

/* Build the table of what operations consist of; empty without --mix. */
struct table mix_table(const json_t *results);

/* Build the table of the part of each p50 that init_on_alloc costs. */
struct table init_cost_table(const json_t *document);

/* Return true if some CPUs never allocated at the same time, which leaves no throughput. */
bool throughput_is_missing(const struct results_rows *rows);

/*
 * Return why an allocation failed, from the group "refusal" of its result, or NULL if that is
 * NULL; the caller frees it. A cause is only named if the figures prove it. @page_size is in bytes.
 */
char *refusal_text(const json_t *refusal, long long page_size);

/* Print the lines about skipped, failed and ended experiments and about odd statistics. */
void print_notes(const json_t *results, long long page_size, bool verbose, FILE *out);

/* Print all statistics of each experiment. */
void print_verbose(const json_t *document, FILE *out);

/* Return true if these are results of kmemlab measure. */
bool has_operations(const json_t *document);

/* Print the operations of kmemlab measure as text. */
void print_operations(const json_t *document, FILE *out);

/* Return the clock and its overhead in one line; the caller frees it. */
char *clock_text(const json_t *environment);

bool clock_counts_instructions(const json_t *environment);

#endif
