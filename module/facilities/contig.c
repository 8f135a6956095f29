// SPDX-License-Identifier: GPL-2.0-only
/*
 * contig: alloc_contig_range, a given range of page frames from which the kernel
 * migrates movable pages. Two ranges must not share a page block, because a page
 * block of the range must not contain unmovable pages; therefore a range serves
 * as many objects as fit into a block of the largest order. Free blocks are found
 * in advance by allocating and freeing them, so that only the kernel's work on
 * the range is timed. Larger objects take adjacent blocks.
 */
#include <linux/slab.h>
#include <linux/sort.h>

#include "facilities/bench_loops.h"
#include "facilities/page_array.h"
#include "util.h"

/* Spare blocks, used if others have meanwhile allocated pages of a block. */
#define SPARE_BLOCKS	2

/**
 * struct contig_bench - one experiment
 * @next: first frame of the block to try next
 * @spent: @next was tried already, and no other block is left
 * @pages: pages of the next ranges
 * @left: number of blocks in @blocks, or of runs of adjacent blocks for larger objects
 * @blocks: first frames of the blocks to try after @next, in reverse order
 */
struct contig_bench {
	unsigned long next;
	bool spent;
	unsigned long pages;
	size_t left;
	unsigned long blocks[];
};

#ifdef compat_alloc_contig_range
static __always_inline void *contig_alloc(struct kmemlab_facility_ctx *ctx)
{
	struct contig_bench *bench = ctx->private;
	unsigned long first = bench->next;

	if (compat_alloc_contig_range(first, first + bench->pages, ctx->gfp))
		return NULL;
	return pfn_to_page(first);
}

static __always_inline void contig_free(struct kmemlab_facility_ctx *ctx,
					struct kmemlab_free_args args)
{
	free_contig_range(args.pfn, args.pages);
}
#else
static __always_inline void *contig_alloc(struct kmemlab_facility_ctx *ctx)
{
	return NULL;
}

static __always_inline void contig_free(struct kmemlab_facility_ctx *ctx,
					struct kmemlab_free_args args)
{
}
#endif

static const char *contig_unavailable(void)
{
#ifdef compat_alloc_contig_range
	return NULL;
#else
	return "this kernel exports no alloc_contig_range";
#endif
}

/*
 * Without another block the last one stays: it can be tried again, while frame 0 may have
 * no struct page, which alloc_contig_range() reads.
 */
static void contig_take_block(struct contig_bench *bench)
{
	bench->spent = !bench->left;
	if (!bench->spent)
		bench->next = bench->blocks[--bench->left];
}

/* Return the number of adjacent blocks that an object takes. */
static size_t contig_run_blocks(const struct kmemlab_facility_ctx *ctx)
{
	return DIV_ROUND_UP(ctx->object_size, PAGE_SIZE << KMEMLAB_MAX_ORDER);
}

/*
 * A handle is the address of the range, with the number of pages less one in the low bits unless
 * each range is one object of several blocks.
 */
static __always_inline unsigned long contig_pack(struct kmemlab_facility_ctx *ctx, void *object)
{
	struct contig_bench *bench = ctx->private;

	contig_take_block(bench);
	return (unsigned long)page_address(object) |
	       (contig_run_blocks(ctx) > 1 ? 0 : bench->pages - 1);
}

static void *contig_address(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return (void *)(handle & PAGE_MASK);
}

static unsigned long contig_handle_pages(const struct kmemlab_facility_ctx *ctx,
					 unsigned long handle)
{
	if (contig_run_blocks(ctx) > 1)
		return kmemlab_pages_for(1, ctx->object_size);
	return (handle & ~PAGE_MASK) + 1;
}

static unsigned long contig_frame(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
				  size_t page)
{
	return page_to_pfn(virt_to_page(contig_address(ctx, handle))) + page;
}

static __always_inline struct kmemlab_free_args contig_unpack(struct kmemlab_facility_ctx *ctx,
							      unsigned long handle)
{
	struct contig_bench *bench = ctx->private;
	struct kmemlab_free_args args = {
		.pfn = contig_frame(ctx, handle, 0),
		.pages = contig_handle_pages(ctx, handle),
	};

	if (!bench->spent)
		bench->blocks[bench->left++] = bench->next;
	bench->next = args.pfn;
	bench->spent = false;
	return args;
}

KMEMLAB_FACILITY_LOOPS(contig, contig_alloc, contig_free, contig_pack, contig_unpack)

static size_t contig_objects_per_block(const struct kmemlab_facility_ctx *ctx)
{
	return max_t(size_t, (PAGE_SIZE << KMEMLAB_MAX_ORDER) / ctx->object_size, 1);
}

static size_t contig_run_count(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->alive + SPARE_BLOCKS;
}

static int contig_compare(const void *a, const void *b)
{
	const unsigned long first = page_to_pfn(*(struct page *const *)a);
	const unsigned long second = page_to_pfn(*(struct page *const *)b);

	return first < second ? -1 : first > second;
}

/* Check that blocks are adjacent and in one zone; @pages is sorted. */
static bool contig_is_run(struct page *const *pages, size_t blocks)
{
	return page_to_pfn(pages[blocks - 1]) - page_to_pfn(pages[0]) ==
	       (blocks - 1) << KMEMLAB_MAX_ORDER &&
	       page_zone(pages[blocks - 1]) == page_zone(pages[0]);
}

/* Find runs of blocks that are free now and of movable type. */
static int contig_find_runs(struct contig_bench *bench, size_t runs, size_t run_blocks)
{
	const size_t count = runs * run_blocks;
	struct page **pages = kmemlab_page_array_alloc(count, KMEMLAB_MAX_ORDER,
						      GFP_KERNEL | __GFP_MOVABLE |
						      KMEMLAB_GFP_ALWAYS);
	size_t i = 0;

	if (!pages)
		return -ENOMEM;
	if (run_blocks > 1)
		sort(pages, count, sizeof(*pages), contig_compare, NULL);
	while (i + run_blocks <= count) {
		const bool found = contig_is_run(pages + i, run_blocks);

		if (found)
			bench->blocks[bench->left++] = page_to_pfn(pages[i]);
		i += found ? run_blocks : 1;
	}
	kmemlab_page_array_free(pages, count, KMEMLAB_MAX_ORDER);
	return bench->left ? 0 : -ENOMEM;
}

static int contig_prepare(struct kmemlab_facility_ctx *ctx)
{
	size_t count = contig_run_count(ctx);
	struct contig_bench *bench = kmemlab_kvarray_create(struct_size(bench, blocks, count), 1);
	int ret;

	if (!bench)
		return -ENOMEM;
	ret = contig_find_runs(bench, count, contig_run_blocks(ctx));
	if (ret) {
		kvfree(bench);
		return ret;
	}
	contig_take_block(bench);
	ctx->order = KMEMLAB_MAX_ORDER;
	ctx->private = bench;
	return 0;
}

static void contig_finish(struct kmemlab_facility_ctx *ctx)
{
	kvfree(ctx->private);
}

static size_t contig_plan(struct kmemlab_facility_ctx *ctx, size_t objects)
{
	struct contig_bench *bench = ctx->private;
	size_t per_block = contig_objects_per_block(ctx);
	size_t served = objects < per_block ? objects : objects - objects % per_block;

	bench->pages = kmemlab_pages_for(min(served, per_block), ctx->object_size);
	return served;
}

static bool contig_retry(struct kmemlab_facility_ctx *ctx)
{
	struct contig_bench *bench = ctx->private;

	contig_take_block(bench);
	return !bench->spent;
}

static size_t contig_operations_max(const struct kmemlab_facility_ctx *ctx)
{
	return DIV_ROUND_UP(ctx->objects, contig_objects_per_block(ctx));
}

/* contig_find_runs() allocates all blocks at the same time. */
static u64 contig_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	const u64 blocks = (u64)contig_run_count(ctx) * contig_run_blocks(ctx);

	return (blocks << KMEMLAB_MAX_ORDER) + 4 + 2 * kmemlab_page_array_records(blocks);
}

/* Return the size of memory: a range cannot be larger. */
static size_t contig_largest(void)
{
	return min_t(u64, (u64)totalram_pages() << PAGE_SHIFT, INT_MAX);
}

static size_t contig_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return contig_handle_pages(ctx, handle) * PAGE_SIZE;
}

static size_t contig_capacity(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return contig_usable(ctx, handle) / ctx->object_size;
}

const struct kmemlab_facility_ops kmemlab_contig = {
	.name = "contig",
	KMEMLAB_FACILITY_LOOP_HOOKS(contig),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_SET_CONTIGUOUS |
			KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = 1,
	.aligns_to = kmemlab_aligned_side_by_side,
	.object_size_min = 1,
	.object_size_max = INT_MAX,
	.preallocates = true,
	.own_limit = true,
	.largest = contig_largest,
	.idle = "nothing; but each call drains the per-CPU lists of the zone",
	.gfp_ignored = __GFP_NORETRY,
	/* The caller selects the frames, so no zone is left to choose, and they are not zeroed. */
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
