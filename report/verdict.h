/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a document says as a whole: did it work, and what was proved. */
#ifndef KMEMLAB_VERDICT_H
#define KMEMLAB_VERDICT_H

#include <stdbool.h>

#include <jansson.h>

struct verdict {
	size_t ok, refused, failed;	/* records */
	bool self_check_ok;
	/* over the records that are ok and were verified: */
	size_t proved;			/* records */
	long long objects;		/* verified objects of all of them */
	long long objects_asked;	/* objects of all of them */
	long long objects_least, objects_most;	/* verified in one record */
	size_t routes_least, routes_most;
	/* over all records: */
	long long mismatches;
	long long route_disagreements;
};

struct verdict verdict_of(const json_t *document);

/* One line on what was proved, to be freed. */
char *verdict_proof(const struct verdict *verdict);

#endif
