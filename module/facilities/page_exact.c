// SPDX-License-Identifier: GPL-2.0
/* page_exact: alloc_pages_exact, as many pages as an object needs, the rest given back at once. */
#include <linux/mm.h>

#include "facilities/facility.h"

static __always_inline void *page_exact_alloc(struct kmemlab_run *run)
{
	return alloc_pages_exact(run->object_size, run->gfp);
}

static __always_inline void page_exact_free(struct kmemlab_run *run, void *raw)
{
	free_pages_exact(raw, run->object_size);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(page_exact)
KMEMLAB_FACILITY_LOOPS(page_exact)

/* Each object's block is whole for a moment, before its tail is given back. */
static u64 page_exact_footprint_pages(const struct kmemlab_run *run)
{
	return run->objects * kmemlab_pages_for(1, run->object_size) +
	       (1UL << get_order(run->object_size));
}

static unsigned long page_exact_frame(const struct kmemlab_run *run, unsigned long handle,
				      size_t page)
{
	return page_to_pfn(virt_to_page((void *)handle)) + page;
}

const struct kmemlab_facility_ops kmemlab_page_exact = {
	.name = "page_exact",
	KMEMLAB_FACILITY_LOOP_HOOKS(page_exact),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	.alignment = PAGE_SIZE,
	.aligns_to = kmemlab_aligned_as_block,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.idle = "nothing",
	.gfp_refused = __GFP_HIGHMEM | __GFP_COMP,
	.footprint_pages = page_exact_footprint_pages,
	.usable = kmemlab_whole_pages,
	.frame = page_exact_frame,
};
