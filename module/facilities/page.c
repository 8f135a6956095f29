// SPDX-License-Identifier: GPL-2.0
/* page: alloc_pages, a block of 2^order pages for each object. */
#include "facilities/blocks.h"

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
	KMEMLAB_BLOCK_HOOKS,
};
