// SPDX-License-Identifier: GPL-2.0
/*
 * contig: alloc_contig_range, a run of page frames that one names, emptied of
 * whatever can be moved away. No two runs share a page block, since nothing
 * that stays may lie in one; so a run serves as many objects as a largest block
 * holds. Which blocks are free is found out before, by allocating and freeing
 * them; the kernel's own work on a run is all that is timed.
 */
#include <linux/slab.h>

#include "array.h"
#include "facilities/facility.h"
#include "facilities/own_pages.h"

/* Blocks to turn to where someone else took pages of one meanwhile. */
#define SPARE_BLOCKS	2

/**
 * struct contig - one experiment
 * @next: first frame of the block that is tried next; 0: none is left
 * @pages: of the runs to come
 * @left: blocks that come after @next
 * @blocks: their first frames, the next one last
 */
struct contig {
	unsigned long next;
	unsigned long pages;
	size_t left;
	unsigned long blocks[];
};

struct contig_run {
	unsigned long first;
	unsigned long pages;
};

#ifdef compat_alloc_contig_range
static __always_inline void *contig_alloc(struct kmemlab_run *run)
{
	struct contig *contig = run->private;
	unsigned long first = contig->next;

	if (compat_alloc_contig_range(first, first + contig->pages, run->gfp))
		return NULL;
	return pfn_to_page(first);
}

static __always_inline void contig_free(struct kmemlab_run *run, struct contig_run range)
{
	free_contig_range(range.first, range.pages);
}

static const char *contig_unavailable(void)
{
	return NULL;
}
#else
static __always_inline void *contig_alloc(struct kmemlab_run *run)
{
	return NULL;
}

static __always_inline void contig_free(struct kmemlab_run *run, struct contig_run range)
{
}

static const char *contig_unavailable(void)
{
	return "this kernel exports no alloc_contig_range";
}
#endif

static void take_block(struct contig *contig)
{
	contig->next = contig->left ? contig->blocks[--contig->left] : 0;
}

/* A handle is a run's address, its pages less one in the low bits. */
static __always_inline unsigned long contig_pack(struct kmemlab_run *run, void *raw)
{
	struct contig *contig = run->private;

	take_block(contig);
	return (unsigned long)page_address(raw) | (contig->pages - 1);
}

static void *contig_address(const struct kmemlab_run *run, unsigned long handle)
{
	return (void *)(handle & PAGE_MASK);
}

static unsigned long pages_of(unsigned long handle)
{
	return (handle & ~PAGE_MASK) + 1;
}

static unsigned long contig_frame(const struct kmemlab_run *run, unsigned long handle,
				  size_t page)
{
	return page_to_pfn(virt_to_page(contig_address(run, handle))) + page;
}

static __always_inline struct contig_run contig_unpack(struct kmemlab_run *run,
						       unsigned long handle)
{
	struct contig *contig = run->private;
	struct contig_run range = { contig_frame(run, handle, 0), pages_of(handle) };

	if (contig->next)
		contig->blocks[contig->left++] = contig->next;
	contig->next = range.first;
	return range;
}

KMEMLAB_FACILITY_LOOPS(contig)

static size_t objects_in_block(const struct kmemlab_run *run)
{
	return (PAGE_SIZE << KMEMLAB_MAX_ORDER) / run->object_size;
}

static size_t blocks_wanted(const struct kmemlab_run *run)
{
	return run->alive + SPARE_BLOCKS;
}

/* Blocks that are free just now, in which pages that can be moved away are at home. */
static int find_blocks(struct contig *contig, size_t wanted)
{
	struct page **pages = kmemlab_own_pages_alloc(wanted, KMEMLAB_MAX_ORDER,
						      GFP_KERNEL | __GFP_MOVABLE |
						      KMEMLAB_GFP_ALWAYS);

	if (!pages)
		return -ENOMEM;
	for (contig->left = 0; contig->left < wanted; contig->left++)
		contig->blocks[contig->left] = page_to_pfn(pages[contig->left]);
	kmemlab_own_pages_free(pages, wanted, KMEMLAB_MAX_ORDER);
	return 0;
}

static int contig_prepare(struct kmemlab_run *run)
{
	size_t wanted = blocks_wanted(run);
	struct contig *contig = kmemlab_array_create(struct_size(contig, blocks, wanted), 1);
	int error;

	if (!contig)
		return -ENOMEM;
	error = find_blocks(contig, wanted);
	if (error) {
		kvfree(contig);
		return error;
	}
	take_block(contig);
	run->order = KMEMLAB_MAX_ORDER;
	run->private = contig;
	return 0;
}

static void contig_finish(struct kmemlab_run *run)
{
	kvfree(run->private);
}

static size_t contig_plan(struct kmemlab_run *run, size_t objects)
{
	struct contig *contig = run->private;
	size_t in_block = objects_in_block(run);
	size_t served = objects < in_block ? objects : objects - objects % in_block;

	contig->pages = kmemlab_pages_for(min(served, in_block), run->object_size);
	return served;
}

static bool contig_retry(struct kmemlab_run *run)
{
	struct contig *contig = run->private;

	take_block(contig);
	return contig->next;
}

static size_t contig_operations_max(const struct kmemlab_run *run)
{
	return DIV_ROUND_UP(run->objects, objects_in_block(run));
}

/* All blocks are taken at once for a moment, when they are looked for. */
static u64 contig_footprint_pages(const struct kmemlab_run *run)
{
	return (u64)(blocks_wanted(run) << KMEMLAB_MAX_ORDER) + 4 +
	       2 * kmemlab_own_pages_records(blocks_wanted(run));
}

static size_t contig_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return pages_of(handle) * PAGE_SIZE;
}

static size_t contig_capacity(const struct kmemlab_run *run, unsigned long handle)
{
	return contig_usable(run, handle) / run->object_size;
}

const struct kmemlab_facility_ops kmemlab_contig = {
	.name = "contig",
	KMEMLAB_FACILITY_LOOP_HOOKS(contig),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_SET_CONTIGUOUS |
			KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = 1,
	.aligns_to = kmemlab_aligned_side_by_side,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.idle = "nothing; but each call empties the zone's per-CPU lists",
	.gfp_ignored = __GFP_NORETRY,
	/* The frames are named: no zone is left to choose, and they come as they are. */
	.gfp_refused = GFP_ZONEMASK | __GFP_ZERO | __GFP_ACCOUNT | __GFP_COMP,
	.unavailable = contig_unavailable,
	.prepare = contig_prepare,
	.finish = contig_finish,
	.plan = contig_plan,
	.retry = contig_retry,
	.operations_max = contig_operations_max,
	.footprint_pages = contig_footprint_pages,
	.address = contig_address,
	.usable = contig_usable,
	.capacity = contig_capacity,
	.frame = contig_frame,
};

static_assert((1UL << (PAGE_SHIFT - 1)) >= MAX_ORDER_NR_PAGES);
