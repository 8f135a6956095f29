// SPDX-License-Identifier: GPL-2.0-only
#include "budget.h"

#include <linux/cpuset.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/spinlock.h>
#include <linux/vmstat.h>

#include "compat/compat.h"
#include "util.h"

static unsigned int budget_percent = 50;
module_param(budget_percent, uint, 0444);
MODULE_PARM_DESC(budget_percent,
		 "memory budget in percent of the free memory above the watermarks (default 50)");

static bool throwaway;
module_param(throwaway, bool, 0444);
MODULE_PARM_DESC(throwaway,
		 "the machine is discarded afterwards: allow experiments that harm it (default N)");

static DEFINE_SPINLOCK(budget_lock);
static u64 budget_reserved;
static u64 budget_held;	/* reserved pages that are known to be allocated */

/**
 * kmemlab_throwaway_machine() - query the module parameter throwaway
 *
 * Return: true if the machine is discarded after the experiments.
 */
bool kmemlab_throwaway_machine(void)
{
	return throwaway;
}

/* CMA serves movable memory only, the reserve serves atomic callers. */
static void budget_add_above(struct zone *zone, enum zone_type highest, void *context)
{
	const unsigned long keep = high_wmark_pages(zone) + zone->lowmem_reserve[highest] +
				   zone_page_state(zone, NR_FREE_CMA_PAGES) +
				   READ_ONCE(zone->nr_reserved_highatomic);
	const unsigned long free = zone_page_state(zone, NR_FREE_PAGES);
	u64 *pages = context;

	*pages += free > keep ? free - keep : 0;
}

/**
 * kmemlab_zone_listed() - count the pages in the per-CPU lists of a zone
 * @zone: the zone
 *
 * Return: number of pages in the lists of the CPUs that are online.
 */
u64 kmemlab_zone_listed(const struct zone *zone)
{
	u64 pages = 0;
	int cpu;

	for_each_online_cpu(cpu)
		pages += max(compat_zone_cpu_listed(zone, cpu), 0L);
	return pages;
}

static void budget_add_listed(struct zone *zone, enum zone_type highest, void *context)
{
	u64 *pages = context;

	*pages += kmemlab_zone_listed(zone);
}

/**
 * kmemlab_zones_serving() - visit the zones that serve an allocation of the caller
 * @gfp: allocation flags that select the zones
 * @visit: called for each zone with memory
 * @context: argument of @visit
 */
void kmemlab_zones_serving(gfp_t gfp,
			   void (*visit)(struct zone *zone, enum zone_type highest, void *context),
			   void *context)
{
	enum zone_type i, highest = gfp_zone(gfp);
	int node;

	for_each_online_node(node) {
		if (!node_isset(node, cpuset_current_mems_allowed))
			continue;
		for (i = 0; i <= highest; i++) {
			struct zone *zone = &NODE_DATA(node)->node_zones[i];

			if (zone_managed_pages(zone))
				visit(zone, highest, context);
		}
	}
}

/**
 * kmemlab_pages_above_watermarks() - count the free pages above the high watermarks
 * @gfp: allocation flags that select the zones
 *
 * Return: number of pages in the zones that serve @gfp.
 */
u64 kmemlab_pages_above_watermarks(gfp_t gfp)
{
	u64 pages = 0;

	kmemlab_zones_serving(gfp, budget_add_above, &pages);
	return pages;
}

/**
 * kmemlab_pages_listed() - count the pages in the per-CPU lists
 * @gfp: allocation flags that select the zones
 *
 * Return: number of pages in the lists of the zones that serve @gfp.
 */
u64 kmemlab_pages_listed(gfp_t gfp)
{
	u64 pages = 0;

	kmemlab_zones_serving(gfp, budget_add_listed, &pages);
	return pages;
}

/*
 * Return the unreserved part of @percent of the free memory. The pages of a reservation
 * may be allocated already, and thus missing from the free pages, or not: subtract all of
 * them. Held pages are known to be missing, so add them first.
 *
 * Pages in per-CPU lists are free memory, or the experiments before would decide how much
 * there is. But they serve only some allocations: never count on them.
 */
static u64 budget_left(gfp_t gfp, unsigned int percent)
{
	const u64 unlisted = kmemlab_pages_above_watermarks(gfp) + budget_held;
	u64 pages = (unlisted + kmemlab_pages_listed(gfp)) * min(percent, 100U);

	do_div(pages, 100);
	pages = min(pages, unlisted);
	return pages > budget_reserved ? pages - budget_reserved : 0;
}

/**
 * kmemlab_budget_left() - query the unreserved part of the budget
 * @gfp: allocation flags that select the zones
 *
 * Return: number of pages that can be reserved.
 */
u64 kmemlab_budget_left(gfp_t gfp)
{
	u64 pages;

	spin_lock(&budget_lock);
	pages = budget_left(gfp, budget_percent);
	spin_unlock(&budget_lock);
	return pages;
}

/**
 * kmemlab_budget_required() - free memory that a reservation requires
 * @pages: pages to be reserved
 *
 * Return: number of free pages above the watermarks, or U64_MAX.
 */
u64 kmemlab_budget_required(u64 pages)
{
	u64 required;

	if (!budget_percent)
		return U64_MAX;
	spin_lock(&budget_lock);
	required = DIV_ROUND_UP_ULL((pages + budget_reserved) * 100, min(budget_percent, 100U));
	required -= min(required, budget_held);
	spin_unlock(&budget_lock);
	return required;
}

/**
 * kmemlab_budget_reserved() - query the reserved part of the budget
 *
 * Return: number of reserved pages.
 */
u64 kmemlab_budget_reserved(void)
{
	u64 pages;

	spin_lock(&budget_lock);
	pages = budget_reserved;
	spin_unlock(&budget_lock);
	return pages;
}

/**
 * kmemlab_budget_more() - name what increases the budget
 *
 * A machine that is not discarded is a host, or a VM in which the user loads the module.
 *
 * Return: the text.
 */
const char *kmemlab_budget_more(void)
{
	return throwaway ? "--memory" : "--memory in a VM or the parameter budget_percent";
}

/**
 * kmemlab_budget_describe() - say why a reservation is refused
 * @text: buffer for the text, which follows "may take" or "needs"
 * @pages: pages to be reserved
 * @gfp: allocation flags that select the zones
 * @more: text that names what increases the budget
 */
void kmemlab_budget_describe(char text[KMEMLAB_BUDGET_TEXT_MAX], u64 pages, gfp_t gfp,
			     const char *more)
{
	snprintf(text, KMEMLAB_BUDGET_TEXT_MAX,
		 "%s, but the budget, %u %% of the free memory, has %s left (more with %s)",
		 kmemlab_amount(kmemlab_amount_needed(pages)), min(budget_percent, 100U),
		 kmemlab_amount(kmemlab_budget_left(gfp)), more);
}

/**
 * kmemlab_budget_may_be_all() - check if all free memory may be taken
 *
 * Return: true on a machine that is discarded, or if the budget is all free memory.
 */
bool kmemlab_budget_may_be_all(void)
{
	return throwaway || budget_percent >= 100;
}

static int budget_reserve(u64 pages, gfp_t gfp, unsigned int percent)
{
	int err = -ENOMEM;

	spin_lock(&budget_lock);
	if (pages <= budget_left(gfp, percent)) {
		budget_reserved += pages;
		err = 0;
	}
	spin_unlock(&budget_lock);
	return err;
}

/**
 * kmemlab_budget_reserve() - reserve a part of the budget
 * @pages: number of pages
 * @gfp: allocation flags that select the zones
 *
 * Return: 0, or -ENOMEM if less than @pages are left.
 */
int kmemlab_budget_reserve(u64 pages, gfp_t gfp)
{
	return budget_reserve(pages, gfp, budget_percent);
}

/**
 * kmemlab_budget_reserve_all() - reserve all free memory above the watermarks
 * @gfp: allocation flags that select the zones
 * @pages: number of pages, set even on error
 *
 * Return: 0, or -ENOMEM if there is none, if the budget is only a part of it, or if others
 * have reserved memory that they may not have allocated yet.
 */
int kmemlab_budget_reserve_all(gfp_t gfp, u64 *pages)
{
	int err = -ENOMEM;

	spin_lock(&budget_lock);
	*pages = kmemlab_pages_above_watermarks(gfp);
	if (*pages && kmemlab_budget_may_be_all() && budget_reserved <= budget_held) {
		budget_reserved += *pages;
		err = 0;
	}
	spin_unlock(&budget_lock);
	return err;
}

/**
 * kmemlab_budget_reserve_free() - reserve memory that is not reserved by others
 * @pages: number of pages, in excess of the budget on a machine that is discarded afterwards
 * @gfp: allocation flags that select the zones
 *
 * Return: 0, or -ENOMEM if less than @pages are left.
 */
int kmemlab_budget_reserve_free(u64 pages, gfp_t gfp)
{
	return budget_reserve(pages, gfp, throwaway ? 100 : budget_percent);
}

/**
 * kmemlab_budget_hold() - declare that reserved pages stay allocated
 * @pages: number of pages; negative after they were freed, before
 *	   kmemlab_budget_release()
 */
void kmemlab_budget_hold(s64 pages)
{
	spin_lock(&budget_lock);
	budget_held += pages;
	spin_unlock(&budget_lock);
}

/**
 * kmemlab_budget_release() - undo kmemlab_budget_reserve()
 * @pages: number of pages
 */
void kmemlab_budget_release(u64 pages)
{
	spin_lock(&budget_lock);
	WARN_ON_ONCE(pages > budget_reserved);
	budget_reserved -= pages;
	spin_unlock(&budget_lock);
}
