// SPDX-License-Identifier: GPL-2.0-only
/* kvmalloc: kmalloc if that succeeds at once, else vmalloc. */
#include <linux/slab.h>

#include "facilities/kmalloc_class.h"
#include "facilities/mapped.h"

static __always_inline void *kvmalloc_alloc(struct kmemlab_facility_ctx *ctx)
{
	return kvmalloc(ctx->object_size, ctx->gfp);
}

static __always_inline void kvmalloc_free(struct kmemlab_facility_ctx *ctx,
					  struct kmemlab_free_args args)
{
	kvfree(args.object);
}

KMEMLAB_FACILITY_LOOPS(kvmalloc, kvmalloc_alloc, kvmalloc_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

#ifdef kvfree_rcu
static __always_inline void kvmalloc_rcu_free(struct kmemlab_facility_ctx *ctx,
					      struct kmemlab_free_args args)
{
	struct kmemlab_rcu_object *object = args.object;

	kvfree_rcu(object, rcu);
}

static void kvmalloc_rcu_free_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	kmemlab_time_free(ctx, first, count, kvmalloc_rcu_free, kmemlab_plain_unpack);
}

#define KVMALLOC_RCU_HOOKS				\
	.rcu_free_n = kvmalloc_rcu_free_n,		\
	.rcu_settle = compat_kfree_rcu_settle,		\
	.rcu_unavailable = kmemlab_kmalloc_rcu_unavailable
#else
#define KVMALLOC_RCU_HOOKS	.rcu_free_n = NULL
#endif

static size_t kvmalloc_largest(void)
{
	return min_t(size_t, INT_MAX, kmemlab_mapped_largest());
}

/* Either a power of two from kmalloc, or pages and their records from vmalloc. */
static u64 kvmalloc_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return kmemlab_kmalloc_pages(ctx->objects, ctx->object_size) +
	       (ctx->object_size > PAGE_SIZE ? kmemlab_mapped_records(ctx) : 0);
}

static size_t kvmalloc_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	if (is_vmalloc_addr((void *)handle))
		return PAGE_ALIGN(ctx->object_size);
	return ksize((void *)handle);
}

static size_t kvmalloc_taken(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return is_vmalloc_addr((void *)handle) ? kmemlab_mapped_bytes(ctx, handle) :
						 kvmalloc_usable(ctx, handle);
}

/* Objects larger than a page may come from vmalloc. */
static size_t kvmalloc_aligns_to(const struct kmemlab_facility_ctx *ctx)
{
	return min_t(size_t, kmemlab_kmalloc_aligns_to(ctx), PAGE_SIZE);
}

const struct kmemlab_facility_ops kmemlab_kvmalloc = {
	.name = "kvmalloc",
	KMEMLAB_FACILITY_LOOP_HOOKS(kvmalloc),
	KMEMLAB_KMALLOC_HOOKS,
	.capabilities = KMEMLAB_CAP_SHARED_FRAMES,
	.aligns_to = kvmalloc_aligns_to,
	.object_size_max = INT_MAX,
	.vmalloc_size_min = PAGE_SIZE + 1,
	.largest = kvmalloc_largest,
	.idle = "the same as kmalloc and vmalloc",
	.gfp_ignored = __GFP_NORETRY,
	.gfp_refused = __GFP_DMA | __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.footprint_pages = kvmalloc_footprint_pages,
	.usable = kvmalloc_usable,
	.taken = kvmalloc_taken,
	.quiesce = vm_unmap_aliases,
	KVMALLOC_RCU_HOOKS,
};
