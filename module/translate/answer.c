// SPDX-License-Identifier: GPL-2.0
#include "translate/answer.h"

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "translate/page_describe.h"

void kmemlab_answer_none(struct kmemlab_slot *slot, u64 address, u32 status)
{
	memset(slot->answer, 0, sizeof(*slot->answer));
	slot->answer->address = address;
	slot->answer->status = status;
	slot->way = 0;
}

static u32 status_of(int error)
{
	switch (error) {
	case 0:
		return KMEMLAB_ANSWER_OK;
	case -ENXIO:
		return KMEMLAB_ANSWER_NOT_PRESENT;
	case -EFAULT:
		return KMEMLAB_ANSWER_UNREADABLE;
	default:
		return KMEMLAB_ANSWER_CHANGING;
	}
}

/* Of a way that the slot has steps of already, only the last one can be another. */
static __always_inline void take_steps(const struct kmemlab_way *way, struct kmemlab_slot *slot)
{
	const struct kmemlab_walk *walk = &way->walk;
	const unsigned int last = walk->count - 1;

	if (likely(slot->way == way->number)) {
		slot->answer->steps[last] = walk->steps[last];
		return;
	}
	/* What lies behind the walk's end is 0. */
	memcpy(slot->answer->steps, walk->steps, sizeof(slot->answer->steps));
	slot->answer->steps_count = walk->count;
	slot->way = way->number;
}

/*
 * Takes over what the walk found. Field by field, which is much cheaper than
 * clearing all first: only the routes beyond the walk are left as they are.
 */
static __always_inline void take_walk(struct kmemlab_walker *walker, u64 address, int error,
				      struct kmemlab_slot *slot)
{
	const struct kmemlab_walk *walk = &walker->way->walk;
	struct kmemlab_answer *answer = slot->answer;

	if (unlikely(error)) {
		kmemlab_answer_none(slot, address, status_of(error));
	} else {
		answer->address = address;
		answer->phys = PFN_PHYS(walk->pfn) | offset_in_page(address);
		answer->position = 0;
		answer->status = KMEMLAB_ANSWER_OK;
		answer->leaf_shift = walk->leaf_shift;
		answer->routes = KMEMLAB_ROUTE_WALK;
		answer->disagree = 0;
		answer->pad = 0;
		answer->route_pfns[ilog2(KMEMLAB_ROUTE_WALK)] = walk->pfn;
		kmemlab_page_describe(walker->onlines, walk->pfn, &answer->page);
	}
	take_steps(walker->way, slot);
}

static noinline void take_routes(const void *address, const struct kmemlab_walk *walk,
				 struct kmemlab_answer *answer)
{
	struct kmemlab_translation translation;
	unsigned int i;

	kmemlab_ask_routes(address, walk, &translation);
	answer->routes = translation.routes;
	answer->disagree = translation.disagree;
	for (i = 0; i < KMEMLAB_ROUTES_MAX; i++) {
		if (translation.routes & BIT(i))
			answer->route_pfns[i] = translation.pfns[i];
	}
}

static enum kmemlab_half half_of(u64 address)
{
	return address == (unsigned long)address ? kmemlab_arch_half(address) : KMEMLAB_HALF_NONE;
}

/* An address near one that was walked to lies in the same half. */
static __always_inline bool fits(const struct kmemlab_way *way, u64 address,
				 enum kmemlab_half half)
{
	return (address == (unsigned long)address && kmemlab_way_is_near(way, address)) ||
	       half_of(address) == half;
}

void kmemlab_answer_kernel(struct kmemlab_walker *walker, u64 address, bool routes,
			   struct kmemlab_slot *slot)
{
	struct kmemlab_way *way = kmemlab_way_of(walker, address);
	int error;

	if (unlikely(!fits(way, address, KMEMLAB_HALF_KERNEL))) {
		kmemlab_answer_none(slot, address, half_of(address) == KMEMLAB_HALF_PROCESS ?
				    KMEMLAB_ANSWER_NOT_KERNEL : KMEMLAB_ANSWER_NON_CANONICAL);
		return;
	}
	error = kmemlab_walk_by(walker, way, address);
	take_walk(walker, address, error, slot);
	if (!error && routes)
		take_routes((const void *)(unsigned long)address, &way->walk, slot->answer);
}

void kmemlab_answer_process(struct kmemlab_walker *walker, u64 address,
			    struct kmemlab_slot *slot)
{
	struct kmemlab_way *way = kmemlab_way_of(walker, address);

	if (unlikely(!fits(way, address, KMEMLAB_HALF_PROCESS))) {
		kmemlab_answer_none(slot, address, half_of(address) == KMEMLAB_HALF_KERNEL ?
				    KMEMLAB_ANSWER_NOT_PROCESS : KMEMLAB_ANSWER_NON_CANONICAL);
		return;
	}
	take_walk(walker, address, kmemlab_walk_by(walker, way, address), slot);
}

/* The kernel address that shows a frame at all times, or 0. */
static u64 direct_map_address(u64 phys)
{
	unsigned long pfn = PHYS_PFN(phys);

	if (PFN_PHYS(pfn) != (phys & PAGE_MASK) || !pfn_valid(pfn) ||
	    PageHighMem(pfn_to_page(pfn)))
		return 0;
	return (unsigned long)__va(phys);
}

void kmemlab_answer_phys(struct kmemlab_walker *walker, u64 phys, bool routes,
			 struct kmemlab_slot *slot)
{
	u64 address = direct_map_address(phys);
	struct kmemlab_answer *answer = slot->answer;

	if (address)
		kmemlab_answer_kernel(walker, address, routes, slot);
	else
		kmemlab_answer_none(slot, 0, KMEMLAB_ANSWER_NO_DIRECT_MAP);
	/* The page is there to be told of, whatever the direct map shows. */
	if (answer->status && PHYS_PFN(phys) == phys >> PAGE_SHIFT)
		kmemlab_page_describe(walker->onlines, PHYS_PFN(phys), &answer->page);
	answer->phys = phys;
}

void kmemlab_answer_add_route(struct kmemlab_answer *answer, u32 route, unsigned long pfn)
{
	answer->routes |= route;
	answer->route_pfns[ilog2(route)] = pfn;
	if (pfn != PHYS_PFN(answer->phys))
		answer->disagree |= route;
}
