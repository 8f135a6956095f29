/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output formats of a results document. Callers check ferror(out). */
#ifndef KMEMLAB_REPORT_H
#define KMEMLAB_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/*
 * Print the results as text, those of kmemlab measure as a table of operations; verbose prints
 * the results and all statistics of each experiment.
 */
void report_table(const json_t *document, bool verbose, FILE *out);

/* Print the distributions of the costs of each experiment as text. */
void report_histogram(const json_t *document, FILE *out);

/* Return true if an operation of kmemlab measure lost memory, which its text reports. */
bool operations_leak(const json_t *document);

void report_json(const json_t *document, FILE *out);
void report_csv(const json_t *document, FILE *out);	/* one row per result */
void report_csv_long(const json_t *document, FILE *out);	/* one row per field */
void report_ktap(const json_t *document, FILE *out);	/* one test per result */
void report_junit(const json_t *document, FILE *out);	/* the same tests */
void report_openmetrics(const json_t *document, FILE *out);	/* for Prometheus */
void report_benchmark_json(const json_t *document, FILE *out);	/* for github-action-benchmark */
void report_html(const json_t *document, FILE *out);	/* a page without external files */
void report_explanation_html(const json_t *document, FILE *out);	/* of kmemlab.explain/2 */

/* Outcome of a document's first run. */
struct summary {
	size_t ok, skipped, failed;	/* results */
	bool self_check_ok;
	/* over the results that are ok and were verified: */
	size_t verified;		/* results */
	long long objects;		/* verified objects */
	long long objects_requested;
	long long objects_min, objects_max;	/* verified per result */
	size_t routes_min, routes_max;
	/* over all results: */
	long long mismatched_bytes;
	long long route_mismatches;
};

struct summary summarize(const json_t *document);

/* Return one line about the verified objects; the caller frees it. */
char *verification_summary(const struct summary *summary);

/*
 * Return true if the document's two runs differ only in init_on_alloc, on and then off, so that
 * its cost can be shown.
 */
bool init_cost_is_separate(const json_t *document);

#endif
