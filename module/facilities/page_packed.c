// SPDX-License-Identifier: GPL-2.0-only
/*
 * page_packed: objects packed into blocks of the page allocator: first blocks of
 * the largest order, then the smallest block that holds the rest; the order is
 * lowered if an allocation fails. A handle is the page frame number of a block,
 * with its order in the low bits.
 */
#include <linux/mm.h>

#include "facilities/bench_loops.h"
#include "util.h"

#define ORDER_BITS	4

static __always_inline void *page_packed_alloc(struct kmemlab_facility_ctx *ctx)
{
	return alloc_pages(ctx->gfp, ctx->order);
}

static __always_inline void page_packed_free(struct kmemlab_facility_ctx *ctx,
					     struct kmemlab_free_args args)
{
	__free_pages(args.object, args.order);
}

static __always_inline unsigned long page_packed_pack(struct kmemlab_facility_ctx *ctx,
						      void *object)
{
	return page_to_pfn((struct page *)object) << ORDER_BITS | ctx->order;
}

static __always_inline unsigned int page_packed_order(unsigned long handle)
{
	return handle & (BIT(ORDER_BITS) - 1);
}

static __always_inline struct page *page_packed_page(unsigned long handle)
{
	return pfn_to_page(handle >> ORDER_BITS);
}

static __always_inline struct kmemlab_free_args
page_packed_unpack(struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	struct kmemlab_free_args args = {
		.object = page_packed_page(handle),
		.order = page_packed_order(handle),
	};

	/* Compute the page here, not between the clock reads. */
	barrier_data(args.object);
	return args;
}

KMEMLAB_FACILITY_LOOPS(page_packed, page_packed_alloc, page_packed_free,
		       page_packed_pack, page_packed_unpack)

static size_t page_packed_objects_per_block(const struct kmemlab_facility_ctx *ctx,
					    unsigned int order)
{
	return (PAGE_SIZE << order) / ctx->object_size;
}

static int page_packed_prepare(struct kmemlab_facility_ctx *ctx)
{
	ctx->order_limit = KMEMLAB_MAX_ORDER;
	return 0;
}

/* Return the pages for @objects in blocks of @order; only full blocks have an unused end. */
static u64 page_packed_pages(const struct kmemlab_facility_ctx *ctx, size_t objects,
			     unsigned int order)
{
	size_t per_block = page_packed_objects_per_block(ctx, order);

	return ((u64)(objects / per_block) << order) +
	       kmemlab_pages_for(objects % per_block, ctx->object_size);
}

static size_t page_packed_plan(struct kmemlab_facility_ctx *ctx, size_t objects)
{
	size_t per_block = page_packed_objects_per_block(ctx, ctx->order_limit);

	if (objects >= per_block) {
		ctx->order = ctx->order_limit;
		return objects - objects % per_block;
	}
	ctx->order = kmemlab_block_order(kmemlab_pages_for(objects, ctx->object_size),
					 ctx->order_limit);
	return objects;
}

static bool page_packed_retry(struct kmemlab_facility_ctx *ctx)
{
	if (ctx->order <= get_order(ctx->object_size))
		return false;
	ctx->order_limit = ctx->order - 1;
	return true;
}

/* In the worst case every block is of the smallest order that holds an object. */
static size_t page_packed_operations_max(const struct kmemlab_facility_ctx *ctx)
{
	unsigned int order = get_order(ctx->object_size);

	return DIV_ROUND_UP(ctx->objects, page_packed_objects_per_block(ctx, order));
}

static u64 page_packed_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	unsigned int min_order = get_order(ctx->object_size);
	u64 packed = page_packed_pages(ctx, ctx->objects, KMEMLAB_MAX_ORDER);
	u64 split = page_packed_pages(ctx, ctx->objects, min_order);

	/* The last block is up to twice as large as the rest. */
	packed += min_t(u64, packed, MAX_ORDER_NR_PAGES);
	return max(packed, split + (1U << min_order));
}

static void *page_packed_address(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return page_address(page_packed_page(handle));
}

static size_t page_packed_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return PAGE_SIZE << page_packed_order(handle);
}

static size_t page_packed_capacity(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return page_packed_objects_per_block(ctx, page_packed_order(handle));
}

static unsigned long page_packed_frame(const struct kmemlab_facility_ctx *ctx,
				       unsigned long handle, size_t page)
{
	return (handle >> ORDER_BITS) + page;
}

const struct kmemlab_facility_ops kmemlab_page_packed = {
	.name = "page_packed",
	KMEMLAB_FACILITY_LOOP_HOOKS(page_packed),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_SET_CONTIGUOUS |
			KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES | KMEMLAB_CAP_MAPPABLE,
	.alignment = 1,
	.aligns_to = kmemlab_aligned_side_by_side,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.idle = "nothing",
	.gfp_refused = __GFP_HIGHMEM,
	.prepare = page_packed_prepare,
	.plan = page_packed_plan,
	.retry = page_packed_retry,
	.operations_max = page_packed_operations_max,
	.footprint_pages = page_packed_footprint_pages,
	.address = page_packed_address,
	.usable = page_packed_usable,
	.capacity = page_packed_capacity,
	.frame = page_packed_frame,
};
