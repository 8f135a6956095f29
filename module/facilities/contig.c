// SPDX-License-Identifier: GPL-2.0-only
/*
 * contig: alloc_contig_range, a given range of page frames from which the kernel
 * migrates movable pages. Two ranges must not share a page block, because a page
 * block of the range must not contain unmovable pages; therefore a range serves
 * as many objects as fit into a block of the largest order. Larger objects take
 * adjacent blocks.
 *
 * Ranges are found in advance as alloc_contig_pages() finds one, which most kernels do
 * not export: in the same zones, nodes and order, by trying to allocate each range that
 * has no reserved or huge pages. This migrates the pages in them, so that the timed calls
 * find the ranges free, unless others have allocated pages there in the meantime.
 */
#include <linux/cpuset.h>
#include <linux/list.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/topology.h>

#include "budget.h"
#include "facilities/bench_loops.h"
#include "internal.h"
#include "util.h"

/* Spare ranges, used if others have meanwhile allocated pages of a range. */
#define SPARE_RANGES	2

/* Failed attempts on a machine in use: each one isolates, drains and migrates. */
#define HOST_TRIES	64

/**
 * struct contig_bench - one experiment
 * @next: first frame of the range to try next
 * @spent: @next was tried already, and no other range is left
 * @pages: pages of the next ranges
 * @list: element of contig_benches
 * @claimed: number of ranges that no other bench may have
 * @claimed_pages: pages of each of them
 * @left: number of ranges to try after @next
 * @ranges: first frames of the claimed ranges, then, in reverse order, of those to try after @next
 */
struct contig_bench {
	unsigned long next;
	bool spent;
	unsigned long pages;
	struct list_head list;
	size_t claimed;
	unsigned long claimed_pages;
	size_t left;
	unsigned long ranges[];
};

static LIST_HEAD(contig_benches);
static DEFINE_SPINLOCK(contig_benches_lock);
static DEFINE_MUTEX(contig_claim_mutex);	/* serializes searches, which may take long */

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

/* Return the ranges to try; the claims before them do not change while the bench exists. */
static unsigned long *contig_stack(struct contig_bench *bench)
{
	return bench->ranges + bench->claimed;
}

/*
 * Without another range the last one stays: it can be tried again, while frame 0 may have
 * no struct page, which alloc_contig_range() reads.
 */
static void contig_take_range(struct contig_bench *bench)
{
	bench->spent = !bench->left;
	if (!bench->spent)
		bench->next = contig_stack(bench)[--bench->left];
}

/* Return the number of adjacent blocks that an object takes. */
static size_t contig_range_blocks(const struct kmemlab_facility_ctx *ctx)
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

	contig_take_range(bench);
	return (unsigned long)page_address(object) |
	       (contig_range_blocks(ctx) > 1 ? 0 : bench->pages - 1);
}

static void *contig_address(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return (void *)(handle & PAGE_MASK);
}

static unsigned long contig_handle_pages(const struct kmemlab_facility_ctx *ctx,
					 unsigned long handle)
{
	if (contig_range_blocks(ctx) > 1)
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
		contig_stack(bench)[bench->left++] = bench->next;
	bench->next = args.pfn;
	bench->spent = false;
	return args;
}

KMEMLAB_FACILITY_LOOPS(contig, contig_alloc, contig_free, contig_pack, contig_unpack)

static size_t contig_objects_per_block(const struct kmemlab_facility_ctx *ctx)
{
	return max_t(size_t, (PAGE_SIZE << KMEMLAB_MAX_ORDER) / ctx->object_size, 1);
}

static size_t contig_range_count(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->alive + SPARE_RANGES;
}

static bool contig_is_claimed(unsigned long first, unsigned long pages)
{
	const struct contig_bench *bench;
	bool claimed = false;
	size_t i;

	spin_lock(&contig_benches_lock);
	list_for_each_entry(bench, &contig_benches, list) {
		for (i = 0; i < bench->claimed && !claimed; i++)
			claimed = first < bench->ranges[i] + bench->claimed_pages &&
				  bench->ranges[i] < first + pages;
	}
	spin_unlock(&contig_benches_lock);
	return claimed;
}

/* Check the pages of a range as alloc_contig_pages() does before it tries the range. */
static bool contig_is_valid(const struct zone *zone, unsigned long first, unsigned long pages)
{
	unsigned long pfn;

	for (pfn = first; pfn < first + pages; pfn++) {
		struct page *page = pfn_to_online_page(pfn);

		if (!page || page_zone(page) != zone || PageReserved(page) || PageHuge(page))
			return false;
	}
	return true;
}

/* Allocate ranges of a zone until @count are claimed or @tries failed. Return 0 or -EINTR. */
static int contig_claim_in_zone(struct kmemlab_facility_ctx *ctx, const struct zone *zone,
				size_t count, size_t *tries)
{
	struct contig_bench *bench = ctx->private;
	const unsigned long end = zone_end_pfn(zone);
	unsigned long first = roundup(zone->zone_start_pfn, bench->pages);

	for (; first + bench->pages <= end && bench->claimed < count && *tries;
	     first += bench->pages) {
		int err = kmemlab_page_read_begin();

		if (err)
			return err;
		bench->next = first;
		if (!contig_is_claimed(first, bench->pages) &&
		    contig_is_valid(zone, first, bench->pages)) {
			if (contig_alloc(ctx))
				bench->ranges[bench->claimed++] = first;
			else
				(*tries)--;
		}
		kmemlab_page_read_end();
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Allocate ranges from the zones that serve the caller, in the order of the page allocator. */
static int contig_claim_in_zones(struct kmemlab_facility_ctx *ctx, size_t count)
{
	struct zoneref *ref = node_zonelist(numa_node_id(), ctx->gfp)->_zonerefs;
	size_t tries = kmemlab_throwaway_machine() ? SIZE_MAX : HOST_TRIES;
	int err = 0;

	for (; zonelist_zone(ref) && !err; ref++) {
		struct zone *zone = zonelist_zone(ref);

		if (zone_idx(zone) <= gfp_zone(ctx->gfp) &&
		    node_isset(zone_to_nid(zone), cpuset_current_mems_allowed))
			err = contig_claim_in_zone(ctx, zone, count, &tries);
	}
	return err;
}

/* Free the claimed ranges, for the timed calls to allocate them again, the first one first. */
static void contig_free_claims(struct kmemlab_facility_ctx *ctx)
{
	struct contig_bench *bench = ctx->private;

	while (bench->left < bench->claimed) {
		const unsigned long first = bench->ranges[bench->claimed - 1 - bench->left];

		contig_free(ctx, (struct kmemlab_free_args) {
			.pfn = first,
			.pages = bench->claimed_pages,
		});
		contig_stack(bench)[bench->left++] = first;
		cond_resched();
	}
}

/* Searches do not overlap: two experiments would each get a part. */
static int contig_claim(struct kmemlab_facility_ctx *ctx, size_t count)
{
	struct contig_bench *bench = ctx->private;
	int err = mutex_lock_interruptible(&contig_claim_mutex);

	if (err)
		return err;
	bench->pages = contig_range_blocks(ctx) << KMEMLAB_MAX_ORDER;
	bench->claimed_pages = bench->pages;
	err = contig_claim_in_zones(ctx, count);
	if (!err && !bench->claimed)
		err = -ENOSPC;
	if (!err) {
		spin_lock(&contig_benches_lock);
		list_add(&bench->list, &contig_benches);
		spin_unlock(&contig_benches_lock);
	}
	contig_free_claims(ctx);
	mutex_unlock(&contig_claim_mutex);
	return err;
}

static int contig_prepare(struct kmemlab_facility_ctx *ctx)
{
	const size_t count = contig_range_count(ctx);
	struct contig_bench *bench =
		kmemlab_kvarray_create(struct_size(bench, ranges, 2 * count), 1);
	int err;

	if (!bench)
		return -ENOMEM;
	ctx->private = bench;
	err = contig_claim(ctx, count);
	if (err) {
		kvfree(bench);
		return err;
	}
	contig_take_range(bench);
	ctx->order = KMEMLAB_MAX_ORDER;
	return 0;
}

static void contig_finish(struct kmemlab_facility_ctx *ctx)
{
	struct contig_bench *bench = ctx->private;

	spin_lock(&contig_benches_lock);
	list_del(&bench->list);
	spin_unlock(&contig_benches_lock);
	kvfree(bench);
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

	contig_take_range(bench);
	return !bench->spent;
}

static size_t contig_operations_max(const struct kmemlab_facility_ctx *ctx)
{
	return DIV_ROUND_UP(ctx->objects, contig_objects_per_block(ctx));
}

/* contig_claim() allocates all ranges at the same time. */
static u64 contig_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	const u64 ranges = contig_range_count(ctx);

	return (ranges * contig_range_blocks(ctx) << KMEMLAB_MAX_ORDER) +
	       DIV_ROUND_UP_ULL(2 * ranges * sizeof(long), PAGE_SIZE) + 4;
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
