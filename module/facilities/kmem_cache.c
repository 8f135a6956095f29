// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmem_cache: a private cache for each experiment, not merged with others if possible.
 * kmem_cache_typesafe: the same with SLAB_TYPESAFE_BY_RCU. Objects are reused at once, but
 * slabs are freed after a grace period.
 */
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "facilities/bench_loops.h"

/* A slab is at most one block and includes the debugging data of each object. */
#if defined(CONFIG_KASAN) || defined(CONFIG_SLUB_DEBUG_ON)
#define OBJECT_SIZE_MAX	(KMALLOC_MAX_SIZE - PAGE_SIZE)
#else
#define OBJECT_SIZE_MAX	KMALLOC_MAX_SIZE
#endif

static __always_inline void *kmemlab_kmem_cache_alloc(struct kmemlab_facility_ctx *ctx)
{
	return kmem_cache_alloc(ctx->private, ctx->gfp);
}

static __always_inline void kmemlab_kmem_cache_free(struct kmemlab_facility_ctx *ctx,
						    struct kmemlab_free_args args)
{
	kmem_cache_free(ctx->private, args.object);
}

KMEMLAB_FACILITY_LOOPS(kmem_cache, kmemlab_kmem_cache_alloc, kmemlab_kmem_cache_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static __always_inline size_t kmemlab_kmem_cache_bulk_alloc(struct kmemlab_facility_ctx *ctx,
							    void **objects, size_t count)
{
	return kmem_cache_alloc_bulk(ctx->private, ctx->gfp, count, objects) ? count : 0;
}

static __always_inline void kmemlab_kmem_cache_bulk_free(struct kmemlab_facility_ctx *ctx,
							 void **objects, size_t count)
{
	kmem_cache_free_bulk(ctx->private, count, objects);
}

static size_t kmem_cache_bulk_alloc_timed(struct kmemlab_facility_ctx *ctx, size_t first,
					  size_t count)
{
	return kmemlab_time_bulk_alloc(ctx, first, count, kmemlab_kmem_cache_bulk_alloc);
}

static void kmem_cache_bulk_free_timed(struct kmemlab_facility_ctx *ctx, size_t first,
				       size_t count)
{
	kmemlab_time_bulk_free(ctx, first, count, kmemlab_kmem_cache_bulk_free);
}

/**
 * struct kmem_cache_rcu_object - object that is freed after a grace period
 * @rcu: head for call_rcu()
 * @cache: cache of the object, which an ordinary user has in a static variable
 */
struct kmem_cache_rcu_object {
	struct rcu_head rcu;
	struct kmem_cache *cache;
};

static void kmem_cache_free_rcu_object(struct rcu_head *rcu)
{
	struct kmem_cache_rcu_object *object =
		container_of(rcu, struct kmem_cache_rcu_object, rcu);

	kmem_cache_free(object->cache, object);
}

/*
 * Do not use kfree_rcu(): before 6.12 there is no way to wait for all its
 * objects, which must be freed before the cache is destroyed.
 */
static __always_inline void kmemlab_kmem_cache_rcu_free(struct kmemlab_facility_ctx *ctx,
							struct kmemlab_free_args args)
{
	struct kmem_cache_rcu_object *object = args.object;

	object->cache = ctx->private;
	call_rcu(&object->rcu, kmem_cache_free_rcu_object);
}

static void kmem_cache_rcu_free_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	kmemlab_time_free(ctx, first, count, kmemlab_kmem_cache_rcu_free, kmemlab_plain_unpack);
}

static const char *kmem_cache_rcu_unavailable(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->object_size < sizeof(struct kmem_cache_rcu_object) ?
		"call_rcu needs room for a struct rcu_head and a pointer in the object" : NULL;
}

/* The zone is a property of the cache: allocating with __GFP_DMA32 is a bug. */
static slab_flags_t kmem_cache_zone_flags(gfp_t zones)
{
	if (zones & __GFP_DMA)
		return SLAB_CACHE_DMA;
	return zones & __GFP_DMA32 ? SLAB_CACHE_DMA32 : 0;
}

/* Experiments of two open files can run at the same time: their caches need distinct names. */
static int kmem_cache_prepare_with(struct kmemlab_facility_ctx *ctx, slab_flags_t flags)
{
	static atomic_t caches = ATOMIC_INIT(0);
	char name[32];

	snprintf(name, sizeof(name), "kmemlab_%u", atomic_inc_return(&caches));
	ctx->private = compat_kmem_cache_create_unmergeable(name, ctx->object_size, ctx->align,
							    kmem_cache_zone_flags(ctx->zones) |
							    flags);
	return ctx->private ? 0 : -ENOMEM;
}

static int kmem_cache_prepare(struct kmemlab_facility_ctx *ctx)
{
	return kmem_cache_prepare_with(ctx, 0);
}

static int kmem_cache_typesafe_prepare(struct kmemlab_facility_ctx *ctx)
{
	return kmem_cache_prepare_with(ctx, SLAB_TYPESAFE_BY_RCU);
}

static void kmemlab_kmem_cache_shrink(struct kmemlab_facility_ctx *ctx)
{
	kmem_cache_shrink(ctx->private);
}

static void kmem_cache_finish(struct kmemlab_facility_ctx *ctx)
{
	kmem_cache_destroy(ctx->private);
}

/* The slabs are free after a grace period. */
static void kmem_cache_typesafe_finish(struct kmemlab_facility_ctx *ctx)
{
	kmem_cache_destroy(ctx->private);
	rcu_barrier();
}

/*
 * Small objects waste at most an eighth of a slab; one slab may be partly filled. The free
 * pointer of SLAB_TYPESAFE_BY_RCU is behind the object.
 */
static u64 kmem_cache_pages(const struct kmemlab_facility_ctx *ctx, size_t pointer_size)
{
	u64 size = ALIGN(ALIGN(ctx->object_size, sizeof(void *)) + pointer_size, ctx->align);
	u64 pages = kmemlab_pages_for(ctx->objects, size);

	if (size > PAGE_SIZE)
		pages = (u64)ctx->objects << get_order(size);
	return pages + pages / 8 + (2UL << get_order(size)) + 16;
}

static u64 kmem_cache_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return kmem_cache_pages(ctx, 0);
}

static u64 kmem_cache_typesafe_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return kmem_cache_pages(ctx, sizeof(void *));
}

static size_t kmem_cache_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return kmem_cache_size(ctx->private);
}

#define KMEM_CACHE_HOOKS						\
	KMEMLAB_FACILITY_LOOP_HOOKS(kmem_cache),			\
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC |	\
			KMEMLAB_CAP_BULK | KMEMLAB_CAP_SHARED_FRAMES,	\
	.alignment = sizeof(void *),					\
	.aligns_to = kmemlab_aligned_to_page,				\
	.object_size_min = 1,						\
	.grows_by = "slab",						\
	.gfp_ignored = __GFP_DMA32,					\
	.gfp_refused = KMEMLAB_GFP_PAGES_ONLY,				\
	.shareable = true,						\
	.usable = kmem_cache_usable,					\
	.bulk_alloc = kmem_cache_bulk_alloc_timed,			\
	.bulk_free = kmem_cache_bulk_free_timed,			\
	.shrink = kmemlab_kmem_cache_shrink

const struct kmemlab_facility_ops kmemlab_kmem_cache = {
	.name = "kmem_cache",
	KMEM_CACHE_HOOKS,
	.object_size_max = OBJECT_SIZE_MAX,
	.idle = "the cache, with slabs that each CPU and node keeps until it is destroyed",
	.prepare = kmem_cache_prepare,
	.finish = kmem_cache_finish,
	.footprint_pages = kmem_cache_footprint_pages,
	.rcu_free_n = kmem_cache_rcu_free_n,
	.rcu_settle = rcu_barrier,
	.rcu_unavailable = kmem_cache_rcu_unavailable,
};

const struct kmemlab_facility_ops kmemlab_kmem_cache_typesafe = {
	.name = "kmem_cache_typesafe",
	KMEM_CACHE_HOOKS,
	.object_size_max = OBJECT_SIZE_MAX - sizeof(void *),
	.idle = "the same as kmem_cache, and freed slabs until a grace period ends",
	.quiesce = rcu_barrier,
	.quiesce_waits = true,
	.prepare = kmem_cache_typesafe_prepare,
	.finish = kmem_cache_typesafe_finish,
	.footprint_pages = kmem_cache_typesafe_footprint_pages,
};
