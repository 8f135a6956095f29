// SPDX-License-Identifier: GPL-2.0-only
/* kmalloc: the size is known at run time only, which takes another path than a constant size. */
#include <linux/slab.h>

#include "facilities/bench_loops.h"
#include "facilities/kmalloc_class.h"

static __always_inline void *kmalloc_alloc(struct kmemlab_facility_ctx *ctx)
{
	return kmalloc(ctx->object_size, ctx->gfp);
}

static __always_inline void kmalloc_free(struct kmemlab_facility_ctx *ctx,
					 struct kmemlab_free_args args)
{
	kfree(args.object);
}

KMEMLAB_FACILITY_LOOPS(kmalloc, kmalloc_alloc, kmalloc_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

/* The kernel has kfree_bulk() but no bulk kmalloc(). */
static __always_inline void kmalloc_bulk_free(struct kmemlab_facility_ctx *ctx, void **objects,
					      size_t count)
{
	kfree_bulk(count, objects);
}

static void kmalloc_bulk_free_timed(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	kmemlab_time_bulk_free(ctx, first, count, kmalloc_bulk_free);
}

static __always_inline void kmalloc_rcu_free(struct kmemlab_facility_ctx *ctx,
					     struct kmemlab_free_args args)
{
	struct kmemlab_rcu_object *object = args.object;

	kfree_rcu(object, rcu);
}

static void kmalloc_rcu_free_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	kmemlab_time_free(ctx, first, count, kmalloc_rcu_free, kmemlab_plain_unpack);
}

static u64 kmalloc_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return kmemlab_kmalloc_pages(ctx->objects, ctx->object_size);
}

const struct kmemlab_facility_ops kmemlab_kmalloc = {
	.name = "kmalloc",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmalloc),
	KMEMLAB_KMALLOC_HOOKS,
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC |
			KMEMLAB_CAP_SHARED_FRAMES | KMEMLAB_CAP_BULK,
	.aligns_to = kmemlab_kmalloc_aligns_to,
	.object_size_max = KMALLOC_MAX_SIZE,
	.idle = KMEMLAB_KMALLOC_IDLE,
	.gfp_refused = __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.footprint_pages = kmalloc_footprint_pages,
	.usable = kmemlab_kmalloc_usable,
	.bulk_free = kmalloc_bulk_free_timed,
	.rcu_free_n = kmalloc_rcu_free_n,
	.rcu_settle = compat_kfree_rcu_settle,
	.rcu_unavailable = kmemlab_kmalloc_rcu_unavailable,
};
