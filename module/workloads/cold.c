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

/**
 * struct taken_block - a page block that is taken for as long as one operation takes
 * @first: its first frame; 0: none was found yet
 * @taken: it is
 */
struct taken_block {
	unsigned long first;
	bool taken;
};

#ifdef compat_alloc_contig_range

static const char *cold_unavailable(void)
{
	return NULL;
}

/* Its pages go to the lists: so not before they are to be emptied again. */
static void give_back(struct taken_block *block)
{
	if (block->taken)
		free_contig_range(block->first, pageblock_nr_pages);
	block->taken = false;
}

/* Return: first frame of a block that was free just now; 0: none is. */
static unsigned long find_block(gfp_t gfp)
{
	struct page *page = alloc_pages(gfp & ~__GFP_COMP, pageblock_order);

	if (!page)
		return 0;
	__free_pages(page, pageblock_order);
	return page_to_pfn(page);
}

/* Return: -EBUSY where no page block is free: the facility itself was not asked. */
static int empty_lists(struct taken_block *block, gfp_t gfp)
{
	unsigned int tries;

	give_back(block);
	for (tries = 0; tries < 2 && !block->taken; tries++) {
		unsigned long first = block->first ?: find_block(gfp);

		if (!first)
			return -EBUSY;
		block->taken = !compat_alloc_contig_range(first, first + pageblock_nr_pages,
							  GFP_KERNEL | __GFP_NOWARN);
		/* Who took a page of it may keep that. */
		block->first = block->taken ? first : 0;
	}
	return 0;
}

#else

static const char *cold_unavailable(void)
{
	return "this kernel exports nothing that empties the per-CPU lists";
}

static void give_back(struct taken_block *block)
{
}

static int empty_lists(struct taken_block *block, gfp_t gfp)
{
	return -EOPNOTSUPP;
}

#endif

static int make_cold(struct kmemlab_object_set *set, void *context)
{
	if (set->facility->capabilities & KMEMLAB_CAP_INSTRUMENT)
		return 0;
	if (set->facility->shrink)
		set->facility->shrink(&set->run);
	return empty_lists(context, set->run.gfp);
}

static int cold_run(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context)
{
	struct taken_block block = { 0 };
	int error = 0;

	if (!set->run.alloc.count)
		error = kmemlab_object_set_one_by_one(set, held, context);
	if (error)
		return error;
	error = kmemlab_object_set_pair_after(set, make_cold, &block);
	give_back(&block);
	return error;
}

static unsigned long cold_own_pages(void)
{
	return pageblock_nr_pages;
}

const struct kmemlab_workload_ops kmemlab_workload_cold = {
	.name = "cold",
	.unavailable = cold_unavailable,
	.own_pages = cold_own_pages,
	.run = cold_run,
};
