// SPDX-License-Identifier: GPL-2.0-only
/*
 * gen_pool: parts of preallocated memory, as drivers use it for memory of a
 * device. The blocks are allocated before the first timed operation.
 */
#include <linux/genalloc.h>
#include <linux/io.h>
#include <linux/slab.h>

#include "facilities/bench_loops.h"
#include "facilities/page_array.h"

#ifndef CONFIG_GENERIC_ALLOCATOR
/* Stubs that are never called: a kernel has gen_pool only if a driver selects it. */
#define gen_pool_create(order, node)			NULL
#define gen_pool_destroy(pool)				((void)(pool))
#define gen_pool_add_virt(pool, virt, phys, size, node)	((void)(pool), (void)(size), -ENODEV)
#define gen_pool_alloc(pool, size)			((void)(pool), 0UL)
#define gen_pool_free(pool, address, size)		((void)(pool))
#define gen_pool_virt_to_phys(pool, address)		((void)(pool), (phys_addr_t)0)
#endif

/* gen_pool searches each block from its start: drivers have few and large blocks. */
#define BLOCK_ORDER_MIN		4

/**
 * struct gen_pool_bench - one experiment
 * @pool: pool that is measured
 * @blocks: memory of the pool
 * @count: number of blocks
 * @order: order of each block
 */
struct gen_pool_bench {
	struct gen_pool *pool;
	struct page **blocks;
	size_t count;
	unsigned int order;
};

static const char *gen_pool_unavailable(void)
{
	return IS_ENABLED(CONFIG_GENERIC_ALLOCATOR) ?
		NULL : "this kernel has no gen_pool (CONFIG_GENERIC_ALLOCATOR)";
}

static __always_inline void *kmemlab_gen_pool_alloc(struct kmemlab_facility_ctx *ctx)
{
	struct gen_pool_bench *bench = ctx->private;

	return (void *)gen_pool_alloc(bench->pool, ctx->object_size);
}

static __always_inline void kmemlab_gen_pool_free(struct kmemlab_facility_ctx *ctx,
						  struct kmemlab_free_args args)
{
	struct gen_pool_bench *bench = ctx->private;

	gen_pool_free(bench->pool, (unsigned long)args.object, ctx->object_size);
}

KMEMLAB_FACILITY_LOOPS(gen_pool, kmemlab_gen_pool_alloc, kmemlab_gen_pool_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

/* Return the order of a granule, which is one bit of the pool's bitmap; objects take 1 or 2. */
static unsigned int gen_pool_granule_order(const struct kmemlab_facility_ctx *ctx)
{
	return min_t(unsigned int, ilog2(max(ctx->object_size, ctx->align)), PAGE_SHIFT);
}

static size_t gen_pool_rounded_size(const struct kmemlab_facility_ctx *ctx)
{
	return ALIGN(ctx->object_size, 1UL << gen_pool_granule_order(ctx));
}

static unsigned int gen_pool_block_order(const struct kmemlab_facility_ctx *ctx)
{
	u64 bytes = min_t(u64, (u64)ctx->alive * gen_pool_rounded_size(ctx),
			  PAGE_SIZE << KMEMLAB_MAX_ORDER);

	return clamp_t(unsigned int, get_order(bytes),
		       max_t(unsigned int, BLOCK_ORDER_MIN, get_order(ctx->object_size)),
		       KMEMLAB_MAX_ORDER);
}

/* Return the number of blocks for all objects; an object does not cross blocks. */
static size_t gen_pool_block_count(const struct kmemlab_facility_ctx *ctx)
{
	size_t objects_per_block = (PAGE_SIZE << gen_pool_block_order(ctx)) /
				   gen_pool_rounded_size(ctx);

	return DIV_ROUND_UP(ctx->alive, objects_per_block);
}

static int gen_pool_add_blocks(struct gen_pool_bench *bench)
{
	size_t bytes = PAGE_SIZE << bench->order;
	int ret = 0;
	size_t i;

	for (i = 0; i < bench->count && !ret; i++)
		ret = gen_pool_add_virt(bench->pool,
					(unsigned long)page_address(bench->blocks[i]),
					page_to_phys(bench->blocks[i]), bytes, NUMA_NO_NODE);
	return ret;
}

static int gen_pool_prepare(struct kmemlab_facility_ctx *ctx)
{
	struct gen_pool_bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!bench)
		return -ENOMEM;
	bench->order = gen_pool_block_order(ctx);
	bench->count = gen_pool_block_count(ctx);
	bench->blocks = kmemlab_page_array_alloc(bench->count, bench->order, ctx->gfp);
	if (!bench->blocks)
		goto free_bench;
	bench->pool = gen_pool_create(gen_pool_granule_order(ctx), NUMA_NO_NODE);
	if (!bench->pool)
		goto free_blocks;
	ret = gen_pool_add_blocks(bench);
	if (ret)
		goto destroy_pool;
	ctx->private = bench;
	return 0;

destroy_pool:
	gen_pool_destroy(bench->pool);
free_blocks:
	kmemlab_page_array_free(bench->blocks, bench->count, bench->order);
free_bench:
	kfree(bench);
	return ret;
}

static void gen_pool_finish(struct kmemlab_facility_ctx *ctx)
{
	struct gen_pool_bench *bench = ctx->private;

	gen_pool_destroy(bench->pool);
	kmemlab_page_array_free(bench->blocks, bench->count, bench->order);
	kfree(bench);
}

/* Blocks, their array, and a bit per granule. */
static u64 gen_pool_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	u64 count = gen_pool_block_count(ctx);
	u64 pages = count << gen_pool_block_order(ctx);
	u64 bits = (pages << PAGE_SHIFT) >> gen_pool_granule_order(ctx);

	return pages + kmemlab_page_array_records(count) + DIV_ROUND_UP_ULL(bits / 8, PAGE_SIZE) +
	       count / 8 + 4;
}

static size_t gen_pool_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return gen_pool_rounded_size(ctx);
}

static unsigned long gen_pool_frame(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
				    size_t page)
{
	const struct gen_pool_bench *bench = ctx->private;

	return PHYS_PFN(gen_pool_virt_to_phys(bench->pool, handle)) + page;
}

const struct kmemlab_facility_ops kmemlab_gen_pool = {
	.name = "gen_pool",
	KMEMLAB_FACILITY_LOOP_HOOKS(gen_pool),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = 1,
	.aligns_to = kmemlab_aligned_to_page,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.own_limit = true,
	.idle = "all of its memory, and one bit per granule",
	/* gen_pool_alloc() does not zero memory. */
	.gfp_refused = __GFP_HIGHMEM | __GFP_ZERO,
	.unavailable = gen_pool_unavailable,
	.preallocates = true,
	.prepare = gen_pool_prepare,
	.finish = gen_pool_finish,
	.footprint_pages = gen_pool_footprint_pages,
	.usable = gen_pool_usable,
	.frame = gen_pool_frame,
};
