/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is true of a facility on every kernel: the C to write, and what it can
 * never do. What depends on the kernel comes with the results.
 */
#ifndef KMEMLAB_FACILITY_FACTS_H
#define KMEMLAB_FACILITY_FACTS_H

#include <stdbool.h>
#include <stddef.h>

/* In calls, {size}, {gfp} and {order} stand for themselves; {block_...} is of what one call covers. */
struct facility_facts {
	const char *name;
	const char *set_up;	/* what goes before, once; or NULL */
	const char *alloc;
	const char *zeroed;	/* the call that clears; NULL: alloc with __GFP_ZERO */
	const char *dma32;	/* the call below 4 GiB, "gfp": alloc with __GFP_DMA32, or NULL */
	const char *free;
	const char *beware;	/* what the figures do not show, or NULL */
	const char *not_in_figures;	/* what has to be done as well, and has no figure; or NULL */
	const char *not_in_kernel;	/* why nobody can call it, or NULL */
	bool may_be_atomic;
};

extern const struct facility_facts facility_facts[];
extern const size_t facility_facts_count;

/* NULL for one that the table doesn't have. */
const struct facility_facts *facility_facts_of(const char *name);

#endif
