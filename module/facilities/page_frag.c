// SPDX-License-Identifier: GPL-2.0
/* page_frag: fragments cut one after the other from a block of pages, as network drivers do. */
#include <linux/slab.h>

#include "facilities/facility.h"

static __always_inline void *kmemlab_page_frag_alloc(struct kmemlab_run *run)
{
	return page_frag_alloc(run->private, run->object_size, run->gfp);
}

static __always_inline void kmemlab_page_frag_free(struct kmemlab_run *run, void *raw)
{
	page_frag_free(raw);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(kmemlab_page_frag)
KMEMLAB_FACILITY_LOOPS(kmemlab_page_frag)

static int page_frag_prepare(struct kmemlab_run *run)
{
	struct page_frag_cache *cache = kzalloc(sizeof(*cache), GFP_KERNEL);

	run->private = cache;
	return cache ? 0 : -ENOMEM;
}

static void page_frag_finish(struct kmemlab_run *run)
{
	compat_page_frag_cache_drain(run->private);
	kfree(run->private);
}

/* A block's end may be too short for one more object; two blocks are begun at the most. */
static u64 page_frag_footprint_pages(const struct kmemlab_run *run)
{
	size_t in_page = PAGE_SIZE / run->object_size;

	return DIV_ROUND_UP_ULL(run->objects, in_page) +
	       2 * PAGE_FRAG_CACHE_MAX_SIZE / PAGE_SIZE;
}

static size_t page_frag_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return run->object_size;
}

static unsigned long page_frag_frame(const struct kmemlab_run *run, unsigned long handle,
				     size_t page)
{
	return page_to_pfn(virt_to_page((void *)handle)) + page;
}

const struct kmemlab_facility_ops kmemlab_page_frag = {
	.name = "page_frag",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmemlab_page_frag),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = 1,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE,
	.grows_by = "block",
	.idle = "the block that is begun, of 32 KiB at the most, until the cache is drained",
	.gfp_refused = __GFP_HIGHMEM | __GFP_ZERO,
	.prepare = page_frag_prepare,
	.finish = page_frag_finish,
	.footprint_pages = page_frag_footprint_pages,
	.usable = page_frag_usable,
	.frame = page_frag_frame,
};
