// SPDX-License-Identifier: GPL-2.0-only
/*
 * cold: pair, but before each operation the memory that could be reused at once
 * is freed: the caches of the facility and the per-CPU lists of the zone.
 * alloc_contig_range() drains these lists; no other exported function does.
 */
#include <linux/mm.h>

#include "compat/compat.h"
#include "workloads/workload.h"

/**
 * struct cold_block - page block that is allocated during one operation
 * @first: first frame; 0: no block was found yet
 * @allocated: true while it is allocated
 */
struct cold_block {
	unsigned long first;
	bool allocated;
};

#ifdef compat_alloc_contig_range

static const char *cold_unavailable(void)
{
	return NULL;
}

/* Freeing adds the pages to the lists, so do it only before they are drained again. */
static void cold_free_block(struct cold_block *block)
{
	if (block->allocated)
		free_contig_range(block->first, pageblock_nr_pages);
	block->allocated = false;
}

/* Return: the first frame of a block that is free now; 0 if there is none. */
static unsigned long cold_find_block(gfp_t gfp)
{
	struct page *page = alloc_pages(gfp & ~__GFP_COMP, pageblock_order);

	if (!page)
		return 0;
	__free_pages(page, pageblock_order);
	return page_to_pfn(page);
}

/* Return: 0, or -EBUSY if no page block is free, which is not a failure of the facility. */
static int cold_drain_lists(struct cold_block *block, gfp_t gfp)
{
	unsigned int tries;

	cold_free_block(block);
	for (tries = 0; tries < 2 && !block->allocated; tries++) {
		unsigned long first = block->first ?: cold_find_block(gfp);

		if (!first)
			return -EBUSY;
		block->allocated = !compat_alloc_contig_range(first, first + pageblock_nr_pages,
							      GFP_KERNEL | __GFP_NOWARN);
		/* Others may keep pages of the block: find another one. */
		block->first = block->allocated ? first : 0;
	}
	return 0;
}

#else

static const char *cold_unavailable(void)
{
	return "this kernel exports no function that drains the per-CPU lists";
}

static void cold_free_block(struct cold_block *block)
{
}

static int cold_drain_lists(struct cold_block *block, gfp_t gfp)
{
	return -EOPNOTSUPP;
}

#endif

static int cold_prepare_operation(struct kmemlab_object_set *set, void *context)
{
	if (set->facility->capabilities & KMEMLAB_CAP_CALIBRATION)
		return 0;
	if (set->facility->shrink)
		set->facility->shrink(&set->ctx);
	return cold_drain_lists(context, set->ctx.gfp);
}

static int cold_run(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held, void *context)
{
	struct cold_block block = { 0 };
	int ret = 0;

	if (!set->ctx.alloc.count)
		ret = kmemlab_object_set_one_by_one(set, on_held, context);
	if (ret)
		return ret;
	ret = kmemlab_object_set_pair_after(set, cold_prepare_operation, &block);
	cold_free_block(&block);
	return ret;
}

static unsigned long cold_own_pages(void)
{
	return pageblock_nr_pages;
}

const struct kmemlab_workload_ops kmemlab_workload_cold = {
	KMEMLAB_WORKLOAD(cold),
	.unavailable = cold_unavailable,
	.own_pages = cold_own_pages,
	.run = cold_run,
};
