// SPDX-License-Identifier: GPL-2.0
/* folio: folio_alloc, a compound block of pages for each object. */
#include <linux/mm.h>

#include "facilities/facility.h"

#ifdef HAVE_FOLIO
static __always_inline void *kmemlab_folio_alloc(struct kmemlab_run *run)
{
	return folio_alloc(run->gfp, run->order);
}

static __always_inline void kmemlab_folio_free(struct kmemlab_run *run, void *raw)
{
	folio_put(raw);
}

static const char *folio_unavailable(void)
{
	return NULL;
}
#else
static __always_inline void *kmemlab_folio_alloc(struct kmemlab_run *run)
{
	return NULL;
}

static __always_inline void kmemlab_folio_free(struct kmemlab_run *run, void *raw)
{
}

static const char *folio_unavailable(void)
{
	return "this kernel has no folios";
}
#endif

KMEMLAB_FACILITY_PLAIN_HANDLES(kmemlab_folio)
KMEMLAB_FACILITY_LOOPS(kmemlab_folio)

static int folio_prepare(struct kmemlab_run *run)
{
	run->order = get_order(run->object_size);
	return 0;
}

static u64 folio_footprint_pages(const struct kmemlab_run *run)
{
	return (u64)run->objects << get_order(run->object_size);
}

/* A folio begins with its first page. */
static struct page *first_page(unsigned long handle)
{
	return (struct page *)handle;
}

static void *folio_address_of(const struct kmemlab_run *run, unsigned long handle)
{
	return page_address(first_page(handle));
}

static size_t folio_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return PAGE_SIZE << run->order;
}

static unsigned long folio_frame(const struct kmemlab_run *run, unsigned long handle,
				 size_t page)
{
	return page_to_pfn(first_page(handle)) + page;
}

const struct kmemlab_facility_ops kmemlab_folio = {
	.name = "folio",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmemlab_folio),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	.alignment = PAGE_SIZE,
	.aligns_to = kmemlab_aligned_as_block,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.idle = "nothing",
	.gfp_refused = __GFP_HIGHMEM,
	.unavailable = folio_unavailable,
	.prepare = folio_prepare,
	.footprint_pages = folio_footprint_pages,
	.address = folio_address_of,
	.usable = folio_usable,
	.frame = folio_frame,
};
