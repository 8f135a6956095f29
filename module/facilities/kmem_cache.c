// SPDX-License-Identifier: GPL-2.0
/* kmem_cache: a cache of its own for each experiment, shared with no other where the kernel can. */
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "facilities/facility.h"

/* A slab is one block at most; what debugging adds to each object lies in it as well. */
#if defined(CONFIG_KASAN) || defined(CONFIG_SLUB_DEBUG_ON)
#define OBJECT_SIZE_MAX	(KMALLOC_MAX_SIZE - PAGE_SIZE)
#else
#define OBJECT_SIZE_MAX	KMALLOC_MAX_SIZE
#endif

static __always_inline void *kmemlab_kmem_cache_alloc(struct kmemlab_run *run)
{
	return kmem_cache_alloc(run->private, run->gfp);
}

static __always_inline void kmemlab_kmem_cache_free(struct kmemlab_run *run, void *raw)
{
	kmem_cache_free(run->private, raw);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(kmemlab_kmem_cache)
KMEMLAB_FACILITY_LOOPS(kmemlab_kmem_cache)

static __always_inline size_t kmemlab_kmem_cache_bulk_alloc(struct kmemlab_run *run,
							    void **handles, size_t count)
{
	return kmem_cache_alloc_bulk(run->private, run->gfp, count, handles) ? count : 0;
}

static __always_inline void kmemlab_kmem_cache_bulk_free(struct kmemlab_run *run,
							 void **handles, size_t count)
{
	kmem_cache_free_bulk(run->private, count, handles);
}

KMEMLAB_FACILITY_BULK_ALLOC(kmemlab_kmem_cache)
KMEMLAB_FACILITY_BULK_FREE(kmemlab_kmem_cache)

/* As users of caches have it, but that they know their one cache. */
struct kmem_cache_rcu_object {
	struct rcu_head rcu;
	struct kmem_cache *cache;
};

static void free_after_grace_period(struct rcu_head *rcu)
{
	struct kmem_cache_rcu_object *object =
		container_of(rcu, struct kmem_cache_rcu_object, rcu);

	kmem_cache_free(object->cache, object);
}

/* Not kfree_rcu(): until 6.12 nothing waits for all that was given to it, and the cache goes. */
static __always_inline void kmemlab_kmem_cache_rcu_free(struct kmemlab_run *run, void *raw)
{
	struct kmem_cache_rcu_object *object = raw;

	object->cache = run->private;
	call_rcu(&object->rcu, free_after_grace_period);
}

KMEMLAB_FACILITY_RCU_FREE(kmemlab_kmem_cache)

static const char *kmem_cache_rcu_unavailable(const struct kmemlab_run *run)
{
	return run->object_size < sizeof(struct kmem_cache_rcu_object) ?
		"call_rcu wants a struct rcu_head and a pointer to the cache in the object" : NULL;
}

/* The cache alone chooses the zone: __GFP_DMA32 is a bug of whoever allocates from one. */
static slab_flags_t zone_of(gfp_t zones)
{
	if (zones & __GFP_DMA)
		return SLAB_CACHE_DMA;
	return zones & __GFP_DMA32 ? SLAB_CACHE_DMA32 : 0;
}

/* Two files may run an experiment each at the same time: names must differ. */
static int kmem_cache_prepare(struct kmemlab_run *run)
{
	static atomic_t caches = ATOMIC_INIT(0);
	char name[32];

	snprintf(name, sizeof(name), "kmemlab_%u", atomic_inc_return(&caches));
	run->private = compat_kmem_cache_create_unmergeable(name, run->object_size,
							    run->align, zone_of(run->zones));
	return run->private ? 0 : -ENOMEM;
}

static void kmemlab_kmem_cache_shrink(struct kmemlab_run *run)
{
	kmem_cache_shrink(run->private);
}

static void kmem_cache_finish(struct kmemlab_run *run)
{
	kmem_cache_destroy(run->private);
}

/* A slab's end is lost, an eighth of it at most where objects are small; one slab is begun. */
static u64 kmem_cache_footprint_pages(const struct kmemlab_run *run)
{
	u64 size = ALIGN(run->object_size, run->align);
	u64 pages = kmemlab_pages_for(run->objects, size);

	if (size > PAGE_SIZE)
		pages = (u64)run->objects << get_order(size);
	return pages + pages / 8 + (2UL << get_order(size)) + 16;
}

static size_t kmem_cache_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return kmem_cache_size(run->private);
}

static size_t kmem_cache_aligns_to(const struct kmemlab_run *run)
{
	return PAGE_SIZE;
}

const struct kmemlab_facility_ops kmemlab_kmem_cache = {
	.name = "kmem_cache",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmemlab_kmem_cache),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_BULK |
			KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = sizeof(void *),
	.aligns_to = kmem_cache_aligns_to,
	.object_size_min = 1,
	.object_size_max = OBJECT_SIZE_MAX,
	.grows_by = "slab",
	.idle = "the cache, and slabs that each CPU and node keeps, until the cache is destroyed",
	.gfp_ignored = __GFP_DMA32,
	.gfp_refused = KMEMLAB_GFP_PAGES_ONLY,
	.prepare = kmem_cache_prepare,
	.shareable = true,
	.finish = kmem_cache_finish,
	.footprint_pages = kmem_cache_footprint_pages,
	.usable = kmem_cache_usable,
	.bulk_alloc = kmemlab_kmem_cache_bulk_alloc_timed,
	.bulk_free = kmemlab_kmem_cache_bulk_free_timed,
	.rcu_free_n = kmemlab_kmem_cache_rcu_free_n,
	.rcu_settle = rcu_barrier,
	.rcu_unavailable = kmem_cache_rcu_unavailable,
	.shrink = kmemlab_kmem_cache_shrink,
};
