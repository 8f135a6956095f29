// SPDX-License-Identifier: GPL-2.0-only
/*
 * page: alloc_pages, a block of 2^order pages per object.
 * folio: folio_alloc, a compound block per object.
 * page_exact: alloc_pages_exact, which frees the unused pages of the block at once.
 * get_free_pages: __get_free_pages, a block by its address instead of its struct page.
 * page_nolock: alloc_pages_nolock, a compound block per object.
 */
#include <linux/mm.h>

#include "facilities/bench_loops.h"

static __always_inline void *page_alloc(struct kmemlab_facility_ctx *ctx)
{
	return alloc_pages(ctx->gfp, ctx->order);
}

static __always_inline void page_free(struct kmemlab_facility_ctx *ctx,
				      struct kmemlab_free_args args)
{
	__free_pages(args.object, ctx->order);
}

KMEMLAB_FACILITY_LOOPS(page, page_alloc, page_free, kmemlab_plain_pack, kmemlab_plain_unpack)

#ifdef HAVE_FOLIO
static __always_inline void *kmemlab_folio_alloc(struct kmemlab_facility_ctx *ctx)
{
	return folio_alloc(ctx->gfp, ctx->order);
}

static __always_inline void kmemlab_folio_free(struct kmemlab_facility_ctx *ctx,
					       struct kmemlab_free_args args)
{
	folio_put(args.object);
}
#else
static __always_inline void *kmemlab_folio_alloc(struct kmemlab_facility_ctx *ctx)
{
	return NULL;
}

static __always_inline void kmemlab_folio_free(struct kmemlab_facility_ctx *ctx,
					       struct kmemlab_free_args args)
{
}
#endif

static const char *folio_unavailable(void)
{
	return __is_defined(HAVE_FOLIO) ? NULL : "this kernel has no folios";
}

KMEMLAB_FACILITY_LOOPS(folio, kmemlab_folio_alloc, kmemlab_folio_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static __always_inline void *page_exact_alloc(struct kmemlab_facility_ctx *ctx)
{
	return alloc_pages_exact(ctx->object_size, ctx->gfp);
}

static __always_inline void page_exact_free(struct kmemlab_facility_ctx *ctx,
					    struct kmemlab_free_args args)
{
	free_pages_exact(args.object, ctx->object_size);
}

KMEMLAB_FACILITY_LOOPS(page_exact, page_exact_alloc, page_exact_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static __always_inline void *get_free_pages_alloc(struct kmemlab_facility_ctx *ctx)
{
	return (void *)__get_free_pages(ctx->gfp, ctx->order);
}

static __always_inline void get_free_pages_free(struct kmemlab_facility_ctx *ctx,
						struct kmemlab_free_args args)
{
	free_pages((unsigned long)args.object, ctx->order);
}

KMEMLAB_FACILITY_LOOPS(get_free_pages, get_free_pages_alloc, get_free_pages_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static __always_inline void *page_nolock_alloc(struct kmemlab_facility_ctx *ctx)
{
#ifdef HAVE_EXPORT_ALLOC_PAGES_NOLOCK_NOPROF
	return alloc_pages_nolock(ctx->gfp, NUMA_NO_NODE, ctx->order);
#else
	return NULL;
#endif
}

/* free_pages_nolock() is not exported. */
KMEMLAB_FACILITY_LOOPS(page_nolock, page_nolock_alloc, page_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static const char *page_nolock_unavailable(void)
{
	return __is_defined(HAVE_EXPORT_ALLOC_PAGES_NOLOCK_NOPROF) ? NULL :
	       "this kernel does not export alloc_pages_nolock";
}

static int page_prepare(struct kmemlab_facility_ctx *ctx)
{
	ctx->order = get_order(ctx->object_size);
	return 0;
}

static u64 page_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return (u64)ctx->objects << get_order(ctx->object_size);
}

/* The whole block is allocated before its unused pages are freed. */
static u64 page_exact_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->objects * kmemlab_pages_for(1, ctx->object_size) +
	       (1UL << get_order(ctx->object_size));
}

#define PAGE_HOOKS							\
	.alignment = PAGE_SIZE,						\
	.aligns_to = kmemlab_aligned_as_block,				\
	.object_size_min = 1,						\
	.idle = "nothing"

#define PAGE_BLOCK_HOOKS						\
	PAGE_HOOKS,							\
	.prepare = page_prepare,					\
	.footprint_pages = page_footprint_pages,			\
	.usable = kmemlab_block_usable

/* A handle is the first page; a folio starts with it, too. */
#define PAGE_HANDLE_HOOKS						\
	PAGE_BLOCK_HOOKS,						\
	.address = kmemlab_block_address,				\
	.frame = kmemlab_block_frame

#ifdef compat_alloc_pages_bulk
static __always_inline size_t page_bulk_alloc(struct kmemlab_facility_ctx *ctx, void **objects,
					      size_t count)
{
	return compat_alloc_pages_bulk(ctx->gfp, count, (struct page **)objects);
}

static size_t page_bulk_alloc_timed(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	return kmemlab_time_bulk_alloc(ctx, first, count, page_bulk_alloc);
}

static const char *page_bulk_unavailable(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->object_size > PAGE_SIZE ?
	       "alloc_pages_bulk allocates single pages only" : NULL;
}

#define PAGE_BULK_CAPABILITY	KMEMLAB_CAP_BULK
#define PAGE_BULK_HOOKS							\
	.bulk_alloc = page_bulk_alloc_timed,				\
	.bulk_unavailable = page_bulk_unavailable
#else
#define PAGE_BULK_CAPABILITY	0
#define PAGE_BULK_HOOKS		.bulk_alloc = NULL
#endif

const struct kmemlab_facility_ops kmemlab_page = {
	.name = "page",
	KMEMLAB_FACILITY_LOOP_HOOKS(page),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_MAPPABLE |
			PAGE_BULK_CAPABILITY,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.gfp_refused = __GFP_HIGHMEM,
	PAGE_BULK_HOOKS,
	PAGE_HANDLE_HOOKS,
};

const struct kmemlab_facility_ops kmemlab_folio = {
	.name = "folio",
	KMEMLAB_FACILITY_LOOP_HOOKS(folio),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.gfp_refused = __GFP_HIGHMEM,
	PAGE_HANDLE_HOOKS,
	.unavailable = folio_unavailable,
};

const struct kmemlab_facility_ops kmemlab_page_exact = {
	.name = "page_exact",
	KMEMLAB_FACILITY_LOOP_HOOKS(page_exact),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	PAGE_HOOKS,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.gfp_refused = __GFP_HIGHMEM | __GFP_COMP,
	.footprint_pages = page_exact_footprint_pages,
	.usable = kmemlab_whole_pages,
	.frame = kmemlab_linear_frame,
};

const struct kmemlab_facility_ops kmemlab_get_free_pages = {
	.name = "get_free_pages",
	KMEMLAB_FACILITY_LOOP_HOOKS(get_free_pages),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.gfp_refused = __GFP_HIGHMEM,
	PAGE_BLOCK_HOOKS,
	.frame = kmemlab_linear_frame,
};

/* Its pages are always zeroed. */
const struct kmemlab_facility_ops kmemlab_page_nolock = {
	.name = "page_nolock",
	KMEMLAB_FACILITY_LOOP_HOOKS(page_nolock),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	.object_size_max = PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER,
	.gfp_ignored = ~__GFP_ACCOUNT,
	.gfp_refused = __GFP_DMA | __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	PAGE_HANDLE_HOOKS,
	.unavailable = page_nolock_unavailable,
};
