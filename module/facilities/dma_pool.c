// SPDX-License-Identifier: GPL-2.0
/* dma_pool: dma_pool_alloc, small blocks cut from coherent pages. */
#include <linux/dmapool.h>
#include <linux/slab.h>

#include "facilities/dma_device.h"

/* What the kernel makes of a smaller size. */
#define BLOCK_MIN	4U

/* Pages that a kernel may look at to free a ramp's objects: some seconds' work. */
#define LOOKS_MAX	BIT(28)

/**
 * struct pool - one experiment
 * @pool: the blocks
 * @device: that the memory is for
 * @address: device address of what was allocated last
 * @slots: one for each object
 */
struct pool {
	struct dma_pool *pool;
	struct device *device;
	dma_addr_t address;
	struct kmemlab_slots *slots;
};

static __always_inline void *kmemlab_dma_pool_alloc(struct kmemlab_run *run)
{
	struct pool *pool = run->private;

	return dma_pool_alloc(pool->pool, run->gfp, &pool->address);
}

static __always_inline void kmemlab_dma_pool_free(struct kmemlab_run *run,
						  struct kmemlab_slot slot)
{
	struct pool *pool = run->private;

	dma_pool_free(pool->pool, slot.address, slot.other);
}

static __always_inline unsigned long kmemlab_dma_pool_pack(struct kmemlab_run *run, void *raw)
{
	struct pool *pool = run->private;

	return kmemlab_slot_take(pool->slots, raw, pool->address);
}

static __always_inline struct kmemlab_slot kmemlab_dma_pool_unpack(struct kmemlab_run *run,
								   unsigned long handle)
{
	struct pool *pool = run->private;

	return kmemlab_slot_give(pool->slots, handle);
}

KMEMLAB_FACILITY_LOOPS(kmemlab_dma_pool)

static int dma_pool_prepare(struct kmemlab_run *run)
{
	struct pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	int error = -ENOMEM;

	if (!pool)
		return -ENOMEM;
	pool->slots = kmemlab_slots_create(run);
	if (!pool->slots)
		goto free_pool;
	pool->device = kmemlab_dma_device_create();
	error = PTR_ERR_OR_ZERO(pool->device);
	if (error)
		goto free_slots;
	pool->pool = dma_pool_create("kmemlab", pool->device, run->object_size,
				     run->align, 0);
	if (!pool->pool) {
		error = -ENOMEM;
		goto destroy_device;
	}
	run->private = pool;
	return 0;

destroy_device:
	kmemlab_dma_device_destroy(pool->device);
free_slots:
	kvfree(pool->slots);
free_pool:
	kfree(pool);
	return error;
}

static void dma_pool_finish(struct kmemlab_run *run)
{
	struct pool *pool = run->private;

	dma_pool_destroy(pool->pool);
	kmemlab_dma_device_destroy(pool->device);
	kvfree(pool->slots);
	kfree(pool);
}

static size_t block_size(const struct kmemlab_run *run)
{
	return ALIGN(max_t(size_t, run->object_size, BLOCK_MIN), run->align);
}

/* Blocks cross no page's end, or have pages of their own; each page has a record. */
static u64 dma_pool_footprint_pages(const struct kmemlab_run *run)
{
	size_t size = block_size(run);
	u64 pages;

	if (size > PAGE_SIZE)
		pages = (u64)run->objects << get_order(size);
	else
		pages = DIV_ROUND_UP_ULL(run->objects, PAGE_SIZE / size);
	return pages + pages / 16 + kmemlab_slots_pages(run->alive) + 16;
}

/* Each of the blocks in a page is looked for among half of the pages, on average. */
static size_t dma_pool_ramp_max(const struct kmemlab_run *run)
{
	size_t in_page = max_t(size_t, PAGE_SIZE / block_size(run), 1);

	if (!compat_dma_pool_frees_by_search())
		return SIZE_MAX;
	return in_page * int_sqrt(2 * LOOKS_MAX / in_page);
}

static void *dma_pool_address(const struct kmemlab_run *run, unsigned long handle)
{
	return kmemlab_slot_of(handle)->address;
}

static size_t dma_pool_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return block_size(run);
}

static size_t dma_pool_taken(const struct kmemlab_run *run, unsigned long handle)
{
	return kmemlab_dma_taken(kmemlab_slot_of(handle)->address, block_size(run));
}

static unsigned long dma_pool_frame(const struct kmemlab_run *run, unsigned long handle,
				    size_t page)
{
	const struct pool *pool = run->private;

	return kmemlab_dma_frame(pool->device, kmemlab_slot_of(handle)->other, page);
}

static size_t dma_pool_aligns_to(const struct kmemlab_run *run)
{
	return PAGE_SIZE;
}

const struct kmemlab_facility_ops kmemlab_dma_pool = {
	.name = "dma_pool",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmemlab_dma_pool),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_DMA |
			KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = BLOCK_MIN,
	.aligns_to = dma_pool_aligns_to,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.physical_limit = KMEMLAB_DMA_LIMIT,
	.grows_by = "block",
	.idle = "every page that it ever took, until the pool is destroyed",
	/* The device's mask alone decides where it comes from. */
	.gfp_refused = GFP_ZONEMASK | __GFP_COMP,
	.prepare = dma_pool_prepare,
	.finish = dma_pool_finish,
	.ramp_max = dma_pool_ramp_max,
	.footprint_pages = dma_pool_footprint_pages,
	.address = dma_pool_address,
	.usable = dma_pool_usable,
	.taken = dma_pool_taken,
	.frame = dma_pool_frame,
};
