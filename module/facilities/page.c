// SPDX-License-Identifier: GPL-2.0
/* page: alloc_pages, a block of 2^order pages for each object. */
#include <linux/mm.h>

#include "facilities/facility.h"

static __always_inline void *page_alloc(struct kmemlab_run *run)
{
	return alloc_pages(run->gfp, run->order);
}

static __always_inline void page_free(struct kmemlab_run *run, void *raw)
{
	__free_pages(raw, run->order);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(page)
KMEMLAB_FACILITY_LOOPS(page)

#ifdef compat_alloc_pages_bulk

static __always_inline size_t page_bulk_alloc(struct kmemlab_run *run, void **handles,
					      size_t count)
{
	return compat_alloc_pages_bulk(run->gfp, count, (struct page **)handles);
}

KMEMLAB_FACILITY_BULK_ALLOC(page)

static const char *page_bulk_unavailable(const struct kmemlab_run *run)
{
	return run->object_size > PAGE_SIZE ? "alloc_pages_bulk gives single pages only" : NULL;
}

#endif

static int page_prepare(struct kmemlab_run *run)
{
	run->order = get_order(run->object_size);
	return 0;
}

static u64 page_footprint_pages(const struct kmemlab_run *run)
{
	return (u64)run->objects << get_order(run->object_size);
}

static void *page_address_of(const struct kmemlab_run *run, unsigned long handle)
{
	return page_address((struct page *)handle);
}

static size_t page_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return PAGE_SIZE << run->order;
}

static unsigned long page_frame(const struct kmemlab_run *run, unsigned long handle,
				size_t page)
{
	return page_to_pfn((struct page *)handle) + page;
}

const struct kmemlab_facility_ops kmemlab_page = {
	.name = "page",
	KMEMLAB_FACILITY_LOOP_HOOKS(page),
#ifdef compat_alloc_pages_bulk
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_BULK |
			KMEMLAB_CAP_MAPPABLE,
	.bulk_alloc = page_bulk_alloc_timed,
	.bulk_unavailable = page_bulk_unavailable,
#else
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_MAPPABLE,
#endif
	.alignment = PAGE_SIZE,
	.aligns_to = kmemlab_aligned_as_block,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.idle = "nothing",
	.gfp_refused = __GFP_HIGHMEM,
	.prepare = page_prepare,
	.footprint_pages = page_footprint_pages,
	.address = page_address_of,
	.usable = page_usable,
	.frame = page_frame,
};
