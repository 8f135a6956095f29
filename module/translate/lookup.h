/* SPDX-License-Identifier: GPL-2.0-only */
/* Translation of one address: page table levels, struct page, and routes. */
#ifndef KMEMLAB_TRANSLATE_LOOKUP_H
#define KMEMLAB_TRANSLATE_LOOKUP_H

#include <linux/kmemlab.h>
#include <linux/log2.h>
#include <linux/types.h>

#include "translate/walk.h"

/**
 * struct kmemlab_translation - page frame of a kernel page by each route that applies
 * @pfn: page frame by the module's own walk
 * @routes: KMEMLAB_ROUTE_* that were used
 * @disagree: routes that returned another frame than @pfn
 * @pfns: page frame by each route, indexed by its bit; ~0: no frame
 */
struct kmemlab_translation {
	unsigned long pfn;
	u32 routes;
	u32 disagree;
	unsigned long pfns[KMEMLAB_ROUTES_MAX];
};

/**
 * struct kmemlab_lookup_slot - reusable room for an answer
 * @answer: the answer
 * @path: number of the path whose steps @answer has; 0: none
 */
struct kmemlab_lookup_slot {
	struct kmemlab_lookup *answer;
	unsigned int path;
};

int kmemlab_translate(const void *address, struct kmemlab_translation *to);

/* Add the page frame that another route returned for the same page. */
static inline void kmemlab_translation_add(struct kmemlab_translation *to, u32 route,
					   unsigned long pfn)
{
	to->routes |= route;
	to->pfns[ilog2(route)] = pfn;
	if (pfn != to->pfn)
		to->disagree |= route;
}

/*
 * Call these between kmemlab_walk_begin() and kmemlab_walk_end(). They fill every
 * field of the answer except route_pfns of unused routes, which must be 0 or from
 * an earlier answer with the same @routes.
 */
void kmemlab_lookup_kernel(struct kmemlab_walker *walker, u64 address, bool routes,
			   struct kmemlab_lookup_slot *slot);
void kmemlab_lookup_process(struct kmemlab_walker *walker, u64 address,
			    struct kmemlab_lookup_slot *slot);
void kmemlab_lookup_phys(struct kmemlab_walker *walker, u64 phys, bool routes,
			 struct kmemlab_lookup_slot *slot);

void kmemlab_lookup_none(struct kmemlab_lookup_slot *slot, u64 address, u32 status);
void kmemlab_lookup_add_route(struct kmemlab_lookup *answer, u32 route, unsigned long pfn);

#endif
