// SPDX-License-Identifier: GPL-2.0
/*
 * gen_pool: a pool that hands out parts of memory that one has already, as
 * drivers do with memory on a device. Its blocks are taken before, and are not
 * timed.
 */
#include <linux/genalloc.h>
#include <linux/io.h>
#include <linux/slab.h>

#include "facilities/own_pages.h"
#include "facilities/facility.h"

#ifdef CONFIG_GENERIC_ALLOCATOR
static const char *gen_pool_unavailable(void)
{
	return NULL;
}
#else
/* Only some drivers bring it into a kernel: then none of this is ever called. */
#define gen_pool_create(order, node)			NULL
#define gen_pool_destroy(pool)				((void)(pool))
#define gen_pool_add_virt(pool, virt, phys, size, node)	((void)(pool), (void)(size), -ENODEV)
#define gen_pool_alloc(pool, size)			((void)(pool), 0UL)
#define gen_pool_free(pool, address, size)		((void)(pool))
#define gen_pool_virt_to_phys(pool, address)		((void)(pool), (phys_addr_t)0)

static const char *gen_pool_unavailable(void)
{
	return "this kernel has no gen_pool (CONFIG_GENERIC_ALLOCATOR)";
}
#endif

/* Each block is searched from its begin: few and large ones are what drivers have. */
#define BLOCK_ORDER_MIN		4

/**
 * struct pool - one experiment
 * @pool: hands out the parts
 * @blocks: that it hands out
 * @count: of blocks
 * @order: of each block
 */
struct pool {
	struct gen_pool *pool;
	struct page **blocks;
	size_t count;
	unsigned int order;
};

static __always_inline void *kmemlab_gen_pool_alloc(struct kmemlab_run *run)
{
	struct pool *pool = run->private;

	return (void *)gen_pool_alloc(pool->pool, run->object_size);
}

static __always_inline void kmemlab_gen_pool_free(struct kmemlab_run *run, void *raw)
{
	struct pool *pool = run->private;

	gen_pool_free(pool->pool, (unsigned long)raw, run->object_size);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(kmemlab_gen_pool)
KMEMLAB_FACILITY_LOOPS(kmemlab_gen_pool)

/* A bit of the pool's map stands for so many bytes: an object takes one or two of them. */
static unsigned int granule_order(const struct kmemlab_run *run)
{
	return min_t(unsigned int, ilog2(max(run->object_size, run->align)), PAGE_SHIFT);
}

static size_t granules_size(const struct kmemlab_run *run)
{
	return ALIGN(run->object_size, 1UL << granule_order(run));
}

static unsigned int block_order(const struct kmemlab_run *run)
{
	u64 wanted = (u64)run->alive * granules_size(run);

	return clamp_t(unsigned int, get_order(min_t(u64, wanted, PAGE_SIZE << KMEMLAB_MAX_ORDER)),
		       max_t(unsigned int, BLOCK_ORDER_MIN, get_order(run->object_size)),
		       KMEMLAB_MAX_ORDER);
}

/* Blocks for all objects; an object lies in one block. */
static size_t block_count(const struct kmemlab_run *run)
{
	size_t in_block = (PAGE_SIZE << block_order(run)) / granules_size(run);

	return DIV_ROUND_UP(run->alive, in_block);
}

static int add_blocks(struct pool *pool)
{
	size_t bytes = PAGE_SIZE << pool->order;
	int error = 0;
	size_t i;

	for (i = 0; i < pool->count && !error; i++)
		error = gen_pool_add_virt(pool->pool,
					  (unsigned long)page_address(pool->blocks[i]),
					  page_to_phys(pool->blocks[i]), bytes, NUMA_NO_NODE);
	return error;
}

static int gen_pool_prepare(struct kmemlab_run *run)
{
	struct pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	int error = -ENOMEM;

	if (!pool)
		return -ENOMEM;
	pool->order = block_order(run);
	pool->count = block_count(run);
	pool->blocks = kmemlab_own_pages_alloc(pool->count, pool->order, run->gfp);
	if (!pool->blocks)
		goto free_pool;
	pool->pool = gen_pool_create(granule_order(run), NUMA_NO_NODE);
	if (!pool->pool)
		goto free_blocks;
	error = add_blocks(pool);
	if (error)
		goto destroy_pool;
	run->private = pool;
	return 0;

destroy_pool:
	gen_pool_destroy(pool->pool);
free_blocks:
	kmemlab_own_pages_free(pool->blocks, pool->count, pool->order);
free_pool:
	kfree(pool);
	return error;
}

static void gen_pool_finish(struct kmemlab_run *run)
{
	struct pool *pool = run->private;

	gen_pool_destroy(pool->pool);
	kmemlab_own_pages_free(pool->blocks, pool->count, pool->order);
	kfree(pool);
}

/* Blocks, their list, and a bit for each granule. */
static u64 gen_pool_footprint_pages(const struct kmemlab_run *run)
{
	u64 count = block_count(run);
	u64 pages = count << block_order(run);
	u64 bits = (pages << PAGE_SHIFT) >> granule_order(run);

	return pages + kmemlab_own_pages_records(count) + DIV_ROUND_UP_ULL(bits / 8, PAGE_SIZE) +
	       count / 8 + 4;
}

static size_t gen_pool_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return granules_size(run);
}

static unsigned long gen_pool_frame(const struct kmemlab_run *run, unsigned long handle,
				    size_t page)
{
	const struct pool *pool = run->private;

	return PHYS_PFN(gen_pool_virt_to_phys(pool->pool, handle)) + page;
}

static size_t gen_pool_aligns_to(const struct kmemlab_run *run)
{
	return PAGE_SIZE;
}

const struct kmemlab_facility_ops kmemlab_gen_pool = {
	.name = "gen_pool",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmemlab_gen_pool),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = 1,
	.aligns_to = gen_pool_aligns_to,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.idle = "all of its memory, and a bit for each granule",
	/* It hands memory out as it is. */
	.gfp_refused = __GFP_HIGHMEM | __GFP_ZERO,
	.unavailable = gen_pool_unavailable,
	.prepare = gen_pool_prepare,
	.finish = gen_pool_finish,
	.footprint_pages = gen_pool_footprint_pages,
	.usable = gen_pool_usable,
	.frame = gen_pool_frame,
};
