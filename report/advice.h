/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advice on the facility for given objects: the document "kmemlab.advice/2" (docs/results.md),
 * from a results document that measures such objects.
 */
#ifndef KMEMLAB_REPORT_ADVICE_H
#define KMEMLAB_REPORT_ADVICE_H

#include <stdio.h>

#include <jansson.h>

#include "facility_info.h"
#include "metrics.h"

#define ADVICE_SCHEMA "kmemlab.advice/2"

/*
 * Return NULL if the document does not measure such objects: *error is set to one line, which
 * the caller frees.
 */
json_t *advice_build(const json_t *document, const struct requirements *requirements,
		     char **error);

void advice_table(const json_t *advice, FILE *out);

/* Selection of results and facilities that meet the requirements; internal to report/. */

/* A facility and its results. */
struct candidate {
	const char *facility;
	const struct facility_info *info;
	const json_t *pair, *batch;	/* results, or NULL */
	const json_t *costs;		/* pair or batch: the relevant costs */
	struct interval cost, memory, key;	/* key: value to rank by */
	long long per_operation;	/* objects per operation */
	bool clears_separately;		/* the call includes a memset() */
	bool is_special;		/* for another purpose than the requirements */
	bool is_partial;		/* part of its cost is not measured */
	char *call;
};

/* Return true if a result measures such objects, with this GFP profile and no special options. */
bool advice_accepts(const json_t *result, const struct requirements *requirements,
		    const char *gfp);

/* Return one line that explains why no result is accepted; the caller frees it. */
char *advice_rejection(const json_t *document, const struct requirements *requirements);

/* Return true if every object was contiguous. */
bool candidate_is_contiguous(const struct candidate *candidate,
			     const struct requirements *requirements);

/*
 * Return why a facility cannot be used, or NULL if it can; the caller frees it. *measured is false
 * if it may meet the requirements, but its cost is unknown.
 */
char *candidate_exclusion(const json_t *document, const struct candidate *candidate,
			  const struct requirements *requirements, bool *measured);

#endif
