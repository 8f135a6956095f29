// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma_coherent: dma_alloc_coherent, whole pages, coherent between CPU and device.
 * dma_pool: dma_pool_alloc, small blocks of coherent pages.
 */
#include <linux/bits.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "facilities/handle_slots.h"

/* Address limit of a device that does not set a DMA mask. */
#define DMA_LIMIT	BIT_ULL(32)

/* Minimum block size of dma_pool_create(). */
#define POOL_BLOCK_MIN	4U

/* Maximum number of pages to search to free the objects of a ramp, which takes seconds. */
#define POOL_SEARCH_MAX	BIT(28)

/**
 * struct dma_bench - one experiment
 * @target: for dma_coherent: @device
 * @pool: for dma_pool
 * @dma: device address of the last allocation
 * @device: device that the memory is for
 * @slots: one for each live object
 *
 * The argument of the timed calls is the first member: at another offset, arm64 needs
 * one more instruction to load it and the address of @dma.
 */
struct dma_bench {
	union {
		struct device *target;
		struct dma_pool *pool;
	};
	dma_addr_t dma;
	struct device *device;
	struct kmemlab_handle_slots *slots;
};

static __always_inline void *dma_coherent_alloc(struct kmemlab_facility_ctx *ctx)
{
	struct dma_bench *bench = ctx->private;

	return dma_alloc_coherent(bench->target, ctx->object_size, &bench->dma, ctx->gfp);
}

static __always_inline void dma_coherent_free(struct kmemlab_facility_ctx *ctx,
					      struct kmemlab_free_args args)
{
	struct dma_bench *bench = ctx->private;

	dma_free_coherent(bench->target, ctx->object_size, args.object, args.dma);
}

static __always_inline void *kmemlab_dma_pool_alloc(struct kmemlab_facility_ctx *ctx)
{
	struct dma_bench *bench = ctx->private;

	return dma_pool_alloc(bench->pool, ctx->gfp, &bench->dma);
}

static __always_inline void kmemlab_dma_pool_free(struct kmemlab_facility_ctx *ctx,
						  struct kmemlab_free_args args)
{
	struct dma_bench *bench = ctx->private;

	dma_pool_free(bench->pool, args.object, args.dma);
}

static __always_inline unsigned long dma_pack(struct kmemlab_facility_ctx *ctx, void *object)
{
	struct dma_bench *bench = ctx->private;

	return kmemlab_handle_slot_get(bench->slots, object, bench->dma);
}

static __always_inline struct kmemlab_free_args dma_unpack(struct kmemlab_facility_ctx *ctx,
							   unsigned long handle)
{
	struct dma_bench *bench = ctx->private;

	return kmemlab_handle_slot_put(bench->slots, handle);
}

KMEMLAB_FACILITY_LOOPS(dma_coherent, dma_coherent_alloc, dma_coherent_free,
		       dma_pack, dma_unpack)
KMEMLAB_FACILITY_LOOPS(dma_pool, kmemlab_dma_pool_alloc, kmemlab_dma_pool_free,
		       dma_pack, dma_unpack)

/* Return: a platform device without a bus or driver, or an ERR_PTR. */
static struct device *dma_device_create(void)
{
	struct platform_device *device =
		platform_device_register_simple("kmemlab", PLATFORM_DEVID_AUTO, NULL, 0);
	int ret;

	/* platform_device_add() returns -EINVAL if there was no memory for the name. */
	if (IS_ERR(device))
		return PTR_ERR(device) == -EINVAL ? ERR_PTR(-ENOMEM) : ERR_CAST(device);
	ret = dma_set_mask_and_coherent(&device->dev, DMA_BIT_MASK(32));
	if (ret) {
		platform_device_unregister(device);
		return ERR_PTR(ret);
	}
	return &device->dev;
}

static void dma_finish(struct kmemlab_facility_ctx *ctx)
{
	struct dma_bench *bench = ctx->private;

	platform_device_unregister(to_platform_device(bench->device));
	kvfree(bench->slots);
	kfree(bench);
}

static void dma_pool_finish(struct kmemlab_facility_ctx *ctx)
{
	struct dma_bench *bench = ctx->private;

	dma_pool_destroy(bench->pool);
	dma_finish(ctx);
}

static int dma_prepare(struct kmemlab_facility_ctx *ctx)
{
	struct dma_bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!bench)
		return -ENOMEM;
	bench->slots = kmemlab_handle_slots_create(ctx);
	if (!bench->slots)
		goto free_bench;
	bench->device = dma_device_create();
	ret = PTR_ERR_OR_ZERO(bench->device);
	if (ret)
		goto free_slots;
	bench->target = bench->device;
	ctx->private = bench;
	return 0;

free_slots:
	kvfree(bench->slots);
free_bench:
	kfree(bench);
	return ret;
}

static int dma_pool_prepare(struct kmemlab_facility_ctx *ctx)
{
	struct dma_bench *bench;
	int ret = dma_prepare(ctx);

	if (ret)
		return ret;
	bench = ctx->private;
	bench->pool = dma_pool_create("kmemlab", bench->device, ctx->object_size, ctx->align, 0);
	if (!bench->pool) {
		dma_finish(ctx);
		return -ENOMEM;
	}
	return 0;
}

static size_t dma_pool_block_size(const struct kmemlab_facility_ctx *ctx)
{
	return ALIGN(max_t(size_t, ctx->object_size, POOL_BLOCK_MIN), ctx->align);
}

/* Blocks of the page allocator; on some machines an alias mapping takes page tables. */
static u64 dma_coherent_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	u64 pages = (u64)ctx->objects << get_order(ctx->object_size);

	return pages + pages / 64 + kmemlab_handle_slots_pages(ctx->alive) + 16;
}

/* A block does not cross a page boundary or has pages of its own; each page has a record. */
static u64 dma_pool_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	size_t size = dma_pool_block_size(ctx);
	u64 pages;

	if (size > PAGE_SIZE)
		pages = (u64)ctx->objects << get_order(size);
	else
		pages = DIV_ROUND_UP_ULL(ctx->objects, PAGE_SIZE / size);
	return pages + pages / 16 + kmemlab_handle_slots_pages(ctx->alive) + 16;
}

/* Older kernels search half of the pages on average to free a block. */
static size_t dma_pool_ramp_max(const struct kmemlab_facility_ctx *ctx)
{
	size_t blocks = max_t(size_t, PAGE_SIZE / dma_pool_block_size(ctx), 1);

	if (!compat_dma_pool_frees_by_search())
		return SIZE_MAX;
	return blocks * int_sqrt(2 * POOL_SEARCH_MAX / blocks);
}

static void *dma_address(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return kmemlab_handle_slot_find(handle)->object;
}

static size_t dma_pool_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return dma_pool_block_size(ctx);
}

/*
 * Return the bytes that the allocator took for @bytes at the handle's address. In a
 * block of the page allocator that was not split only the first page has references.
 */
static size_t dma_taken_bytes(unsigned long handle, size_t bytes)
{
	const void *address = kmemlab_handle_slot_find(handle)->object;
	struct page *page;

	if (bytes <= PAGE_SIZE || is_vmalloc_addr(address))
		return bytes;
	page = virt_to_page(address);
	return page_count(page) && !page_count(page + 1) ?
	       PAGE_SIZE << get_order(bytes) : bytes;
}

static size_t dma_coherent_taken(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return dma_taken_bytes(handle, ctx->object_size);
}

static size_t dma_pool_taken(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return dma_taken_bytes(handle, dma_pool_block_size(ctx));
}

/* Without an IOMMU, device addresses are physical addresses. */
static unsigned long dma_frame(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
			       size_t page)
{
	const struct dma_bench *bench = ctx->private;

	if (device_iommu_mapped(bench->device))
		return KMEMLAB_NO_FRAME;
	return PHYS_PFN(kmemlab_handle_slot_find(handle)->dma) + page;
}

/* Without a reserved contiguous area, device memory is a block of the page allocator. */
static size_t dma_largest(void)
{
	if (!IS_ENABLED(CONFIG_DMA_CMA))
		return PAGE_SIZE << KMEMLAB_MAX_ORDER;
	return min_t(u64, (u64)totalram_pages() << PAGE_SHIFT, INT_MAX);
}

/* The zone depends on the mask of the device only. */
#define DMA_HOOKS							\
	.object_size_min = 1,						\
	.object_size_max = INT_MAX,					\
	.largest = dma_largest,						\
	.physical_limit = DMA_LIMIT,					\
	.gfp_refused = GFP_ZONEMASK | __GFP_COMP,			\
	.address = dma_address,						\
	.frame = dma_frame

const struct kmemlab_facility_ops kmemlab_dma_coherent = {
	.name = "dma_coherent",
	KMEMLAB_FACILITY_LOOP_HOOKS(dma_coherent),
	DMA_HOOKS,
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_DMA,
	.alignment = PAGE_SIZE,
	.idle = "nothing",
	.prepare = dma_prepare,
	.finish = dma_finish,
	.footprint_pages = dma_coherent_footprint_pages,
	.usable = kmemlab_whole_pages,
	.taken = dma_coherent_taken,
};

const struct kmemlab_facility_ops kmemlab_dma_pool = {
	.name = "dma_pool",
	KMEMLAB_FACILITY_LOOP_HOOKS(dma_pool),
	DMA_HOOKS,
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_DMA |
			KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = POOL_BLOCK_MIN,
	.aligns_to = kmemlab_aligned_to_page,
	.grows_by = "block",
	.idle = "all pages that it ever allocated, until the pool is destroyed",
	.prepare = dma_pool_prepare,
	.finish = dma_pool_finish,
	.ramp_max = dma_pool_ramp_max,
	.footprint_pages = dma_pool_footprint_pages,
	.usable = dma_pool_usable,
	.taken = dma_pool_taken,
};
