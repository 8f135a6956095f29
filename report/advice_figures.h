/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a result says of one object. */
#ifndef KMEMLAB_ADVICE_FIGURES_H
#define KMEMLAB_ADVICE_FIGURES_H

#include <stdbool.h>

#include <jansson.h>

/* How many objects one allocation covers at most. */
long long objects_per_operation(const json_t *result);

/*
 * The cost of "alloc" or "free", an object: p50, or what all operations took over all objects
 * where they cover several, as those differ in how many.
 */
double cost_an_object(const json_t *result, const char *direction);

/* What stands behind an object, with what a facility holds beside all of them. */
double memory_an_object(const json_t *result, const json_t *environment);

/* All that were not interrupted slept, and what slept is in no statistics. */
bool has_no_cost(const json_t *result);

/* In one of the directions each was, so that it is in the cost. */
bool is_always_interrupted(const json_t *result);

#endif
