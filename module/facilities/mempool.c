// SPDX-License-Identifier: GPL-2.0-only
/* mempool: kmalloc with a reserve that is used only if kmalloc fails. */
#include <linux/mempool.h>
#include <linux/slab.h>

#include "facilities/kmalloc_class.h"

/* Two requests of eight parts: enough to make progress, as in block drivers. */
#define RESERVE_OBJECTS		16

static __always_inline void *kmemlab_mempool_alloc(struct kmemlab_facility_ctx *ctx)
{
	return mempool_alloc(ctx->private, ctx->gfp);
}

static __always_inline void kmemlab_mempool_free(struct kmemlab_facility_ctx *ctx,
						 struct kmemlab_free_args args)
{
	mempool_free(args.object, ctx->private);
}

KMEMLAB_FACILITY_LOOPS(mempool, kmemlab_mempool_alloc, kmemlab_mempool_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static int mempool_prepare(struct kmemlab_facility_ctx *ctx)
{
	ctx->private = mempool_create_node(RESERVE_OBJECTS, mempool_kmalloc, mempool_kfree,
					   (void *)ctx->object_size,
					   GFP_KERNEL | KMEMLAB_GFP_ALWAYS, NUMA_NO_NODE);
	return ctx->private ? 0 : -ENOMEM;
}

static void mempool_finish(struct kmemlab_facility_ctx *ctx)
{
	mempool_destroy(ctx->private);
}

static u64 mempool_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return kmemlab_kmalloc_pages(ctx->objects + RESERVE_OBJECTS, ctx->object_size);
}

const struct kmemlab_facility_ops kmemlab_mempool = {
	.name = "mempool",
	KMEMLAB_FACILITY_LOOP_HOOKS(mempool),
	KMEMLAB_KMALLOC_HOOKS,
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.aligns_to = kmemlab_kmalloc_aligns_to,
	.object_size_max = KMALLOC_MAX_SIZE,
	.idle = "a reserve of " __stringify(RESERVE_OBJECTS) " objects",
	/* mempool_alloc() warns about __GFP_ZERO: objects of the reserve are not zeroed. */
	.gfp_refused = __GFP_ZERO | __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.waits_for_frees = true,
	.prepare = mempool_prepare,
	.shareable = true,
	.finish = mempool_finish,
	.footprint_pages = mempool_footprint_pages,
	.usable = kmemlab_kmalloc_usable,
};
