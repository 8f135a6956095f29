// SPDX-License-Identifier: GPL-2.0-only
/* page_frag: consecutive fragments of a block of pages, as in network drivers. */
#include <linux/slab.h>

#include "facilities/bench_loops.h"

static __always_inline void *kmemlab_page_frag_alloc(struct kmemlab_facility_ctx *ctx)
{
	return page_frag_alloc(ctx->private, ctx->object_size, ctx->gfp);
}

static __always_inline void kmemlab_page_frag_free(struct kmemlab_facility_ctx *ctx,
						   struct kmemlab_free_args args)
{
	page_frag_free(args.object);
}

KMEMLAB_FACILITY_LOOPS(page_frag, kmemlab_page_frag_alloc, kmemlab_page_frag_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static int page_frag_prepare(struct kmemlab_facility_ctx *ctx)
{
	struct page_frag_cache *cache = kzalloc(sizeof(*cache), GFP_KERNEL);

	ctx->private = cache;
	return cache ? 0 : -ENOMEM;
}

static void page_frag_finish(struct kmemlab_facility_ctx *ctx)
{
	compat_page_frag_cache_drain(ctx->private);
	kfree(ctx->private);
}

/* The end of a block may be too small for an object; at most two blocks are partly used. */
static u64 page_frag_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	size_t objects_per_page = PAGE_SIZE / ctx->object_size;

	return DIV_ROUND_UP_ULL(ctx->objects, objects_per_page) +
	       2 * PAGE_FRAG_CACHE_MAX_SIZE / PAGE_SIZE;
}

static size_t page_frag_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return ctx->object_size;
}

const struct kmemlab_facility_ops kmemlab_page_frag = {
	.name = "page_frag",
	KMEMLAB_FACILITY_LOOP_HOOKS(page_frag),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = 1,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE,
	.grows_by = "block",
	.idle = "one block of up to 32 KiB, until the cache is drained",
	.gfp_refused = __GFP_HIGHMEM | __GFP_ZERO,
	.prepare = page_frag_prepare,
	.finish = page_frag_finish,
	.footprint_pages = page_frag_footprint_pages,
	.usable = page_frag_usable,
	.frame = kmemlab_linear_frame,
};
