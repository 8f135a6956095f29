/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same operation's trees on several kernels, laid over each other by function. Pure. */
#ifndef KMEMLAB_EXPLAIN_ALIGNMENT_H
#define KMEMLAB_EXPLAIN_ALIGNMENT_H

#include <stdbool.h>

#include "call_tree.h"

#define SIDES_MAX	8

/* A function on all sides: instructions, 0 where a side does not have it. */
struct aligned {
	char *name;
	uint64_t self[SIDES_MAX], total[SIDES_MAX];
	struct aligned *first, *last, *next;
};

/* One tree of all; at each place its functions are in the order of their first calls. */
struct aligned *align_trees(const struct node *const roots[], size_t sides);

/* All functions of such a tree, side by side below a nameless one; the largest change first. */
struct aligned *align_functions(const struct aligned *tree, size_t sides);
void aligned_release(struct aligned *tree);

/* How much more a side executes than the first one, in the function itself. */
int64_t aligned_change(const struct aligned *aligned, size_t side);

/* Whether all sides execute the same, the functions below included. */
bool aligned_same(const struct aligned *aligned, size_t sides);

#endif
