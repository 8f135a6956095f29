// SPDX-License-Identifier: GPL-2.0
/* kvmalloc: kmalloc where that works at once, else vmalloc. */
#include <linux/slab.h>

#include "facilities/kmalloc_class.h"
#include "facilities/mapped.h"

static __always_inline void *kvmalloc_alloc(struct kmemlab_run *run)
{
	return kvmalloc(run->object_size, run->gfp);
}

static __always_inline void kvmalloc_free(struct kmemlab_run *run, void *raw)
{
	kvfree(raw);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(kvmalloc)
KMEMLAB_FACILITY_LOOPS(kvmalloc)

static __always_inline void kvmalloc_rcu_free(struct kmemlab_run *run, void *raw)
{
	struct kmemlab_rcu_object *object = raw;

	kvfree_rcu(object, rcu);
}

KMEMLAB_FACILITY_RCU_FREE(kvmalloc)

static size_t kvmalloc_largest(void)
{
	return min_t(size_t, INT_MAX, kmemlab_mapped_largest());
}

/* Either a power of two from kmalloc, or pages and their records from vmalloc. */
static u64 kvmalloc_footprint_pages(const struct kmemlab_run *run)
{
	return kmemlab_kmalloc_pages(run->objects, run->object_size) +
	       (run->object_size > PAGE_SIZE ? kmemlab_mapped_records(run) : 0);
}

static size_t kvmalloc_usable(const struct kmemlab_run *run, unsigned long handle)
{
	if (is_vmalloc_addr((void *)handle))
		return PAGE_ALIGN(run->object_size);
	return ksize((void *)handle);
}

/* Beyond a page it may be vmalloc's. */
static size_t kvmalloc_aligns_to(const struct kmemlab_run *run)
{
	return min_t(size_t, kmemlab_kmalloc_aligns_to(run), PAGE_SIZE);
}

const struct kmemlab_facility_ops kmemlab_kvmalloc = {
	.name = "kvmalloc",
	KMEMLAB_FACILITY_LOOP_HOOKS(kvmalloc),
	.capabilities = KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = ARCH_KMALLOC_MINALIGN,
	.aligns_to = kvmalloc_aligns_to,
	.object_size_min = 1,
	.object_size_max = INT_MAX,
	.largest = kvmalloc_largest,
	.grows_by = "slab",
	.grows_up_to = KMALLOC_MAX_CACHE_SIZE,
	.counted_as_slab = true,
	.idle = "what kmalloc and vmalloc cost",
	.gfp_ignored = __GFP_NORETRY,
	.gfp_refused = __GFP_DMA | __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.footprint_pages = kvmalloc_footprint_pages,
	.usable = kvmalloc_usable,
	.quiesce = vm_unmap_aliases,
	.rcu_free_n = kvmalloc_rcu_free_n,
	.rcu_settle = compat_kfree_rcu_settle,
	.rcu_unavailable = kmemlab_kmalloc_rcu_unavailable,
};
