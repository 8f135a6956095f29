// SPDX-License-Identifier: GPL-2.0
/*
 * cold: as pair, but what could be handed out again at once is given back
 * before each operation: the facility's own caches, and the per-CPU lists of
 * the zone that it takes its pages from. Asking for a range of frames empties
 * those, and nothing else that modules may call does.
 */
#include <linux/mm.h>

#include "compat/compat.h"
#include "workloads/workload.h"

#ifdef compat_alloc_contig_range

static const char *cold_unavailable(void)
{
	return NULL;
}

/* Return: -EBUSY where no page block is free: the facility itself was not asked. */
static int empty_lists(gfp_t gfp)
{
	struct page *page = alloc_pages(gfp & ~__GFP_COMP, pageblock_order);
	unsigned long pfn;

	if (!page)
		return -EBUSY;
	pfn = page_to_pfn(page);
	__free_pages(page, pageblock_order);
	/* Whether the range is still there to be had matters not: the lists were emptied. */
	if (!compat_alloc_contig_range(pfn, pfn + pageblock_nr_pages, GFP_KERNEL | __GFP_NOWARN))
		free_contig_range(pfn, pageblock_nr_pages);
	return 0;
}

#else

static const char *cold_unavailable(void)
{
	return "this kernel exports nothing that empties the per-CPU lists";
}

static int empty_lists(gfp_t gfp)
{
	return -EOPNOTSUPP;
}

#endif

static int make_cold(struct kmemlab_object_set *set)
{
	if (set->facility->capabilities & KMEMLAB_CAP_INSTRUMENT)
		return 0;
	if (set->facility->shrink)
		set->facility->shrink(&set->run);
	return empty_lists(set->run.gfp);
}

static int cold_run(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context)
{
	int error = 0;

	if (!set->run.alloc.count)
		error = kmemlab_object_set_one_by_one(set, held, context);
	return error ?: kmemlab_object_set_pair_after(set, make_cold);
}

const struct kmemlab_workload_ops kmemlab_workload_cold = {
	.name = "cold",
	.unavailable = cold_unavailable,
	.run = cold_run,
};
