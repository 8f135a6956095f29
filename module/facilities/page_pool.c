// SPDX-License-Identifier: GPL-2.0-only
/*
 * page_pool: pages that a network driver's receive queue recycles, without DMA mapping.
 *
 * The pool's cache has no lock: its consumer runs in softirq context on one CPU. So do the
 * timed loops. A pool frees into the cache there, and into its ring on another CPU.
 */
#include <linux/bottom_half.h>
#include <linux/err.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "facilities/bench_loops.h"

#define CACHE_PAGES	128	/* PP_ALLOC_CACHE_SIZE, or less with large pages */
#define RING_PAGES	1024	/* the kernel's default; a driver has one per receive descriptor */

/**
 * struct page_pool_bench - the pool of an experiment
 * @pool: the pool
 * @cpu: CPU that allocated last
 */
struct page_pool_bench {
	struct page_pool *pool;
	int cpu;
};

#if defined(CONFIG_PAGE_POOL) && !defined(CONFIG_PREEMPT_RT)
#ifdef HAVE_PAGE_POOL_HELPERS_H
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

static __always_inline void *kmemlab_page_pool_alloc(struct kmemlab_facility_ctx *ctx)
{
	struct page_pool_bench *bench = ctx->private;

	return page_pool_alloc_pages(bench->pool, ctx->gfp);
}

static __always_inline void kmemlab_page_pool_free(struct kmemlab_facility_ctx *ctx,
						   struct kmemlab_free_args args)
{
	struct page_pool_bench *bench = ctx->private;

	page_pool_recycle_direct(bench->pool, args.object);
}

static __always_inline void page_pool_free_to_ring(struct kmemlab_facility_ctx *ctx,
						   struct kmemlab_free_args args)
{
	struct page_pool_bench *bench = ctx->private;

#if defined(HAVE_PAGE_POOL_HELPERS_H) || defined(HAVE_PAGE_POOL_PUT_FULL_PAGE)
	page_pool_put_full_page(bench->pool, args.object, false);
#else
	page_pool_put_page(bench->pool, args.object, false);
#endif
}

static int page_pool_prepare(struct kmemlab_facility_ctx *ctx)
{
	const struct page_pool_params params = {
		.order = get_order(ctx->object_size),
		.pool_size = RING_PAGES,
		.nid = NUMA_NO_NODE,
	};
	struct page_pool_bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	int err;

	if (!bench)
		return -ENOMEM;
	bench->pool = page_pool_create(&params);
	if (IS_ERR(bench->pool)) {
		err = PTR_ERR(bench->pool);
		kfree(bench);
		return err;
	}
	ctx->order = params.order;
	ctx->private = bench;
	return 0;
}

static void page_pool_finish(struct kmemlab_facility_ctx *ctx)
{
	struct page_pool_bench *bench = ctx->private;

	page_pool_destroy(bench->pool);
	kfree(bench);
}

#define UNAVAILABLE	NULL
#else
static __always_inline void *kmemlab_page_pool_alloc(struct kmemlab_facility_ctx *ctx)
{
	return NULL;
}

static __always_inline void kmemlab_page_pool_free(struct kmemlab_facility_ctx *ctx,
						   struct kmemlab_free_args args)
{
}

#define page_pool_free_to_ring	kmemlab_page_pool_free
#define page_pool_prepare	NULL
#define page_pool_finish	NULL
#define UNAVAILABLE		(IS_ENABLED(CONFIG_PAGE_POOL) ?				\
				 "with PREEMPT_RT, kmemlab does not run in softirq context" :	\
				 "this kernel has no page pools (CONFIG_PAGE_POOL)")
#endif

KMEMLAB_FACILITY_LOOPS(page_pool, kmemlab_page_pool_alloc, kmemlab_page_pool_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

/* Some kernels use the cache only while a softirq is served, not while they are disabled. */
static void softirq_begin(void)
{
	local_bh_disable();
	preempt_count_add(SOFTIRQ_OFFSET);
}

static void softirq_end(void)
{
	preempt_count_sub(SOFTIRQ_OFFSET);
	local_bh_enable();
}

static void page_pool_consume(struct kmemlab_facility_ctx *ctx)
{
	struct page_pool_bench *bench = ctx->private;

	softirq_begin();
	bench->cpu = smp_processor_id();
}

static bool page_pool_is_consumer(struct kmemlab_facility_ctx *ctx)
{
	struct page_pool_bench *bench = ctx->private;

	return bench->cpu == smp_processor_id();
}

static size_t page_pool_softirq_alloc_n(struct kmemlab_facility_ctx *ctx, size_t first,
					size_t count)
{
	size_t done;

	page_pool_consume(ctx);
	done = page_pool_alloc_n(ctx, first, count);
	softirq_end();
	return done;
}

static void page_pool_softirq_free_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	softirq_begin();
	if (page_pool_is_consumer(ctx))
		page_pool_free_n(ctx, first, count);
	else
		kmemlab_time_free(ctx, first, count, page_pool_free_to_ring,
				  kmemlab_plain_unpack);
	softirq_end();
}

static size_t page_pool_softirq_pair_n(struct kmemlab_facility_ctx *ctx, size_t count)
{
	size_t done;

	page_pool_consume(ctx);
	done = page_pool_pair_n(ctx, count);
	softirq_end();
	return done;
}

static size_t page_pool_softirq_alloc_batch(struct kmemlab_facility_ctx *ctx, size_t first,
					    size_t count, struct kmemlab_batch_time *batch)
{
	size_t done;

	page_pool_consume(ctx);
	done = page_pool_alloc_batch(ctx, first, count, batch);
	softirq_end();
	return done;
}

static void page_pool_softirq_free_batch(struct kmemlab_facility_ctx *ctx, size_t first,
					 size_t count, struct kmemlab_batch_time *batch)
{
	softirq_begin();
	if (page_pool_is_consumer(ctx))
		page_pool_free_batch(ctx, first, count, batch);
	else
		kmemlab_time_free_batch(ctx, first, count, batch, page_pool_free_to_ring,
					kmemlab_plain_unpack);
	softirq_end();
}

static const char *page_pool_unavailable(void)
{
	return UNAVAILABLE;
}

/* The pool allocates single pages in bulk, so its cache can have more than the objects. */
static u64 page_pool_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return ((u64)ctx->objects << get_order(ctx->object_size)) + CACHE_PAGES + 8;
}

const struct kmemlab_facility_ops kmemlab_page_pool = {
	.name = "page_pool",
	.alloc_n = page_pool_softirq_alloc_n,
	.free_n = page_pool_softirq_free_n,
	.pair_n = page_pool_softirq_pair_n,
	.alloc_batch = page_pool_softirq_alloc_batch,
	.free_batch = page_pool_softirq_free_batch,
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	.alignment = PAGE_SIZE,
	.aligns_to = kmemlab_aligned_as_block,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.grows_by = "pages",
	.idle = "up to 128 blocks in its cache and 1024 in its ring, until the pool is destroyed",
	.gfp_ignored = __GFP_DIRECT_RECLAIM,
	/* Recycled pages are not zeroed; nothing is charged in softirq context. */
	.gfp_refused = __GFP_ZERO | __GFP_ACCOUNT | __GFP_HIGHMEM | __GFP_MOVABLE,
	.unavailable = page_pool_unavailable,
	.prepare = page_pool_prepare,
	.finish = page_pool_finish,
	.footprint_pages = page_pool_footprint_pages,
	.address = kmemlab_block_address,
	.usable = kmemlab_block_usable,
	.frame = kmemlab_block_frame,
};
