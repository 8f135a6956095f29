/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of the table: the experiments that differ in nothing but the workload, of which
 * pair has the costs and batch the memory; where others were asked for, or one of the two is
 * missing, each its own line. No line holds two experiments of one workload.
 */
#ifndef KMEMLAB_TABLE_GROUPS_H
#define KMEMLAB_TABLE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

struct group {
	const json_t *first;	/* result that names the line */
	const json_t *cost;	/* result of the cost workload, or NULL */
	const json_t *memory;	/* result that took memory and contiguity, or NULL */
	bool full;		/* pair and batch are both in it */
	long long objects_per_operation;
};

struct groups {
	bool by_workload;		/* each has its own line */
	const char *cost_workload;	/* if not: "pair" where there is one, else the first */
	struct group *groups;
	size_t count;
};

/* Whether all results have the same value in this field (of this group of fields, or NULL). */
bool results_agree(const json_t *results, const char *group, const char *name);

bool results_hold_alike(const json_t *results);

/* Of the memory that a result met; NULL where it was as it is after boot. */
const char *condition_of(const json_t *result);

/* Of the results that were measured; refused ones have no line. */
struct groups groups_of(const json_t *results);

/* The same, each result a line of its own. */
struct groups groups_each(const json_t *results);

/*
 * The note on the lines marked with "*": "* one operation covers 1 to 16 objects (page)". Return:
 * whether there are any; it has no end of line.
 */
bool groups_print_packed(const struct groups *groups, FILE *out);
void groups_release(struct groups *groups);

#endif
