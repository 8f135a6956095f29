// SPDX-License-Identifier: GPL-2.0
/*
 * page_packed: objects packed side by side into blocks of the page allocator,
 * the studio's way: full largest blocks, then the smallest block that holds the
 * rest, halved where the allocator refuses. A handle is a block's page frame
 * number, its order in the low bits.
 */
#include <linux/mm.h>

#include "block_order.h"
#include "facilities/facility.h"

#define ORDER_BITS	4

struct page_packed_block {
	struct page *page;
	unsigned int order;
};

static __always_inline void *page_packed_alloc(struct kmemlab_run *run)
{
	return alloc_pages(run->gfp, run->order);
}

static __always_inline void page_packed_free(struct kmemlab_run *run,
					     struct page_packed_block block)
{
	__free_pages(block.page, block.order);
}

static __always_inline unsigned long page_packed_pack(struct kmemlab_run *run, void *raw)
{
	return page_to_pfn((struct page *)raw) << ORDER_BITS | run->order;
}

static __always_inline unsigned int order_of(unsigned long handle)
{
	return handle & (BIT(ORDER_BITS) - 1);
}

static __always_inline struct page *page_of(unsigned long handle)
{
	return pfn_to_page(handle >> ORDER_BITS);
}

static __always_inline struct page_packed_block page_packed_unpack(struct kmemlab_run *run,
								   unsigned long handle)
{
	struct page_packed_block block = { page_of(handle), order_of(handle) };

	/* Worked out here, not between two reads of the clock. */
	barrier_data(block.page);
	return block;
}

KMEMLAB_FACILITY_LOOPS(page_packed)

static size_t objects_in(const struct kmemlab_run *run, unsigned int order)
{
	return (PAGE_SIZE << order) / run->object_size;
}

static int page_packed_prepare(struct kmemlab_run *run)
{
	run->order_limit = KMEMLAB_MAX_ORDER;
	return 0;
}

/* Pages that @objects take when packed into blocks of @order. */
static u64 pages_needed(const struct kmemlab_run *run, size_t objects, unsigned int order)
{
	size_t in_block = objects_in(run, order);

	/* What is left over at a block's end is lost only where a block is full. */
	return ((u64)(objects / in_block) << order) +
	       kmemlab_pages_for(objects % in_block, run->object_size);
}

static size_t page_packed_plan(struct kmemlab_run *run, size_t objects)
{
	size_t in_block = objects_in(run, run->order_limit);

	if (objects >= in_block) {
		run->order = run->order_limit;
		return objects - objects % in_block;
	}
	run->order = kmemlab_block_order(kmemlab_pages_for(objects, run->object_size),
					 run->order_limit);
	return objects;
}

static bool page_packed_retry(struct kmemlab_run *run)
{
	if (run->order <= get_order(run->object_size))
		return false;
	run->order_limit = run->order - 1;
	return true;
}

/* Every block as small as an object allows. */
static size_t page_packed_operations_max(const struct kmemlab_run *run)
{
	return DIV_ROUND_UP(run->objects, objects_in(run, get_order(run->object_size)));
}

static u64 page_packed_footprint_pages(const struct kmemlab_run *run)
{
	unsigned int smallest = get_order(run->object_size);
	u64 packed = pages_needed(run, run->objects, KMEMLAB_MAX_ORDER);
	u64 halved = pages_needed(run, run->objects, smallest);

	/* The last block holds the rest and up to as much again. */
	packed += min_t(u64, packed, MAX_ORDER_NR_PAGES);
	return max(packed, halved + (1U << smallest));
}

static void *page_packed_address(const struct kmemlab_run *run, unsigned long handle)
{
	return page_address(page_of(handle));
}

static size_t page_packed_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return PAGE_SIZE << order_of(handle);
}

static size_t page_packed_capacity(const struct kmemlab_run *run, unsigned long handle)
{
	return objects_in(run, order_of(handle));
}

static unsigned long page_packed_frame(const struct kmemlab_run *run, unsigned long handle,
				       size_t page)
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
