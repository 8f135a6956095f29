// SPDX-License-Identifier: GPL-2.0
#include "budget.h"

#include <linux/cpuset.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/spinlock.h>
#include <linux/vmstat.h>

static unsigned int budget_percent = 50;
module_param(budget_percent, uint, 0444);
MODULE_PARM_DESC(budget_percent,
		 "how much of the free memory above the watermarks may be taken, in per cent (50)");

static bool throwaway;
module_param(throwaway, bool, 0444);
MODULE_PARM_DESC(throwaway,
		 "this machine is thrown away afterwards: what would harm it later is allowed (N)");

static DEFINE_SPINLOCK(lock);
static u64 reserved;
static u64 held;	/* of them: allocated for long, so that the free pages lack them */

bool kmemlab_throwaway_machine(void)
{
	return throwaway;
}

u64 kmemlab_pages_above_watermarks(gfp_t gfp)
{
	enum zone_type i, highest = gfp_zone(gfp);
	u64 pages = 0;
	int node;

	for_each_online_node(node) {
		if (!node_isset(node, cpuset_current_mems_allowed))
			continue;
		for (i = 0; i <= highest; i++) {
			struct zone *zone = &NODE_DATA(node)->node_zones[i];
			unsigned long keep, free;

			if (!zone_managed_pages(zone))
				continue;
			/* CMA is for movable memory only, the reserve for atomic callers. */
			keep = high_wmark_pages(zone) + zone->lowmem_reserve[highest] +
			       zone_page_state(zone, NR_FREE_CMA_PAGES) +
			       READ_ONCE(zone->nr_reserved_highatomic);
			free = zone_page_state(zone, NR_FREE_PAGES);
			pages += free > keep ? free - keep : 0;
		}
	}
	return pages;
}

/*
 * What an experiment has reserved may be allocated already and missing from the
 * free pages, or not yet: it is taken off in full. What is held for long is known
 * to be missing, so it counts as free first.
 */
static u64 left(gfp_t gfp)
{
	u64 pages = (kmemlab_pages_above_watermarks(gfp) + held) * min(budget_percent, 100U);

	do_div(pages, 100);
	return pages > reserved ? pages - reserved : 0;
}

u64 kmemlab_budget_left(gfp_t gfp)
{
	u64 pages;

	spin_lock(&lock);
	pages = left(gfp);
	spin_unlock(&lock);
	return pages;
}

u64 kmemlab_budget_wants(u64 pages)
{
	u64 all = (pages + kmemlab_budget_reserved()) * 100;

	return budget_percent ? DIV_ROUND_UP_ULL(all, min(budget_percent, 100U)) : U64_MAX;
}

u64 kmemlab_budget_reserved(void)
{
	u64 pages;

	spin_lock(&lock);
	pages = reserved;
	spin_unlock(&lock);
	return pages;
}

int kmemlab_budget_reserve(u64 pages, gfp_t gfp)
{
	int error = -ENOMEM;

	spin_lock(&lock);
	if (pages <= left(gfp)) {
		reserved += pages;
		error = 0;
	}
	spin_unlock(&lock);
	return error;
}

void kmemlab_budget_hold(s64 pages)
{
	spin_lock(&lock);
	held += pages;
	spin_unlock(&lock);
}

void kmemlab_budget_release(u64 pages)
{
	spin_lock(&lock);
	WARN_ON_ONCE(pages > reserved);
	reserved -= pages;
	spin_unlock(&lock);
}
