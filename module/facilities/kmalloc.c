// SPDX-License-Identifier: GPL-2.0
/* kmalloc: the size is known at run time only, which takes another path than a constant. */
#include <linux/slab.h>

#include "facilities/facility.h"
#include "facilities/kmalloc_class.h"

static __always_inline void *kmalloc_alloc(struct kmemlab_run *run)
{
	return kmalloc(run->object_size, run->gfp);
}

static __always_inline void kmalloc_free(struct kmemlab_run *run, void *raw)
{
	kfree(raw);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(kmalloc)
KMEMLAB_FACILITY_LOOPS(kmalloc)

/* There is no kmalloc in bulk. */
static __always_inline void kmalloc_bulk_free(struct kmemlab_run *run, void **handles,
					      size_t count)
{
	kfree_bulk(count, handles);
}

KMEMLAB_FACILITY_BULK_FREE(kmalloc)

static __always_inline void kmalloc_rcu_free(struct kmemlab_run *run, void *raw)
{
	struct kmemlab_rcu_object *object = raw;

	kfree_rcu(object, rcu);
}

KMEMLAB_FACILITY_RCU_FREE(kmalloc)

/* Size classes waste less than half; a slab that is begun may stay partly empty. */
static u64 kmalloc_footprint_pages(const struct kmemlab_run *run)
{
	return kmemlab_kmalloc_pages(run->objects, run->object_size);
}

const struct kmemlab_facility_ops kmemlab_kmalloc = {
	.name = "kmalloc",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmalloc),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC |
			KMEMLAB_CAP_SHARED_FRAMES | KMEMLAB_CAP_BULK,
	.alignment = ARCH_KMALLOC_MINALIGN,
	.aligns_to = kmemlab_kmalloc_aligns_to,
	.object_size_min = 1,
	.object_size_max = KMALLOC_MAX_SIZE,
	.grows_by = "slab",
	.grows_up_to = KMALLOC_MAX_CACHE_SIZE,
	.counted_as_slab = true,
	.idle = "nothing of its own: its caches serve the whole kernel",
	.gfp_refused = __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.footprint_pages = kmalloc_footprint_pages,
	.usable = kmemlab_kmalloc_usable,
	.bulk_free = kmalloc_bulk_free_timed,
	.rcu_free_n = kmalloc_rcu_free_n,
	.rcu_settle = compat_kfree_rcu_settle,
	.rcu_unavailable = kmemlab_kmalloc_rcu_unavailable,
};
