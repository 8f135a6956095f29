// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmalloc: the size is known at run time only, which takes another path than a constant size.
 * kmalloc_nolock: the same for callers that must not wait for a lock.
 */
#include <linux/atomic.h>
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

#if defined(HAVE_EXPORT_KMALLOC_NOLOCK_NOPROF) || defined(HAVE_EXPORT__KMALLOC_NOLOCK_NOPROF)
static __always_inline void *kmalloc_nolock_alloc(struct kmemlab_facility_ctx *ctx)
{
	return kmalloc_nolock(ctx->object_size, ctx->gfp, NUMA_NO_NODE);
}

static __always_inline void kmalloc_nolock_free(struct kmemlab_facility_ctx *ctx,
						struct kmemlab_free_args args)
{
	kfree_nolock(args.object);
}

/* slab_lock() would wait if an interrupted task held it. */
static const char *kmalloc_nolock_unavailable(void)
{
#if defined(CONFIG_64BIT) && defined(system_has_cmpxchg128)
	const bool exchanges = system_has_cmpxchg128();
#elif !defined(CONFIG_64BIT) && defined(system_has_cmpxchg64)
	const bool exchanges = system_has_cmpxchg64();
#else
	const bool exchanges = false;
#endif

	return exchanges ? NULL : "the CPU cannot exchange two words atomically";
}
#else
static __always_inline void *kmalloc_nolock_alloc(struct kmemlab_facility_ctx *ctx)
{
	return NULL;
}

static __always_inline void kmalloc_nolock_free(struct kmemlab_facility_ctx *ctx,
						struct kmemlab_free_args args)
{
}

static const char *kmalloc_nolock_unavailable(void)
{
	return "this kernel does not export kmalloc_nolock";
}
#endif

KMEMLAB_FACILITY_LOOPS(kmalloc_nolock, kmalloc_nolock_alloc, kmalloc_nolock_free,
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

const struct kmemlab_facility_ops kmemlab_kmalloc_nolock = {
	.name = "kmalloc_nolock",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmalloc_nolock),
	KMEMLAB_KMALLOC_HOOKS,
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.aligns_to = kmemlab_kmalloc_aligns_to,
	.object_size_max = KMALLOC_MAX_CACHE_SIZE,
	.idle = KMEMLAB_KMALLOC_IDLE,
	.gfp_ignored = ~(__GFP_ACCOUNT | __GFP_ZERO),
	.gfp_refused = __GFP_DMA | __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.unavailable = kmalloc_nolock_unavailable,
	.footprint_pages = kmalloc_footprint_pages,
	.usable = kmemlab_kmalloc_usable,
};
