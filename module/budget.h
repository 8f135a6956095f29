/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The budget: how much of the machine's memory the module may take at all. One
 * reservation for everything it holds, made before the first allocation.
 */
#ifndef KMEMLAB_BUDGET_H
#define KMEMLAB_BUDGET_H

#include <linux/gfp.h>
#include <linux/types.h>

/* Pages that may be reserved now for allocations with @gfp. */
u64 kmemlab_budget_left(gfp_t gfp);

/* Free pages above the high watermarks in all zones that serve @gfp. */
u64 kmemlab_pages_above_watermarks(gfp_t gfp);

/* How many of those there must be, so that @pages can be reserved. */
u64 kmemlab_budget_wants(u64 pages);

/* Whoever loaded the module says that this machine is thrown away afterwards. */
bool kmemlab_throwaway_machine(void);

/* Pages that are reserved. */
u64 kmemlab_budget_reserved(void);

/* Return: 0, or -ENOMEM where @pages are more than is left. */
int kmemlab_budget_reserve(u64 pages, gfp_t gfp);
void kmemlab_budget_release(u64 pages);

/*
 * @pages of a reservation are allocated and will be for long; a negative number
 * when they were given back, before kmemlab_budget_release().
 */
void kmemlab_budget_hold(s64 pages);

#endif
