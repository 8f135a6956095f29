// SPDX-License-Identifier: GPL-2.0
/* mempool: kmalloc with a reserve that is touched only where kmalloc refuses. */
#include <linux/mempool.h>
#include <linux/slab.h>

#include "facilities/facility.h"
#include "facilities/kmalloc_class.h"

/* Two requests of eight parts: enough to make progress with, as block drivers have it. */
#define RESERVE_OBJECTS		16

static __always_inline void *kmemlab_mempool_alloc(struct kmemlab_run *run)
{
	return mempool_alloc(run->private, run->gfp);
}

static __always_inline void kmemlab_mempool_free(struct kmemlab_run *run, void *raw)
{
	mempool_free(raw, run->private);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(kmemlab_mempool)
KMEMLAB_FACILITY_LOOPS(kmemlab_mempool)

static int mempool_prepare(struct kmemlab_run *run)
{
	run->private = mempool_create_node(RESERVE_OBJECTS, mempool_kmalloc, mempool_kfree,
					   (void *)run->object_size,
					   GFP_KERNEL | KMEMLAB_GFP_ALWAYS, NUMA_NO_NODE);
	return run->private ? 0 : -ENOMEM;
}

static void mempool_finish(struct kmemlab_run *run)
{
	mempool_destroy(run->private);
}

static u64 mempool_footprint_pages(const struct kmemlab_run *run)
{
	return kmemlab_kmalloc_pages(run->objects + RESERVE_OBJECTS, run->object_size);
}

const struct kmemlab_facility_ops kmemlab_mempool = {
	.name = "mempool",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmemlab_mempool),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = ARCH_KMALLOC_MINALIGN,
	.aligns_to = kmemlab_kmalloc_aligns_to,
	.object_size_min = 1,
	.object_size_max = KMALLOC_MAX_SIZE,
	.grows_by = "slab",
	.grows_up_to = KMALLOC_MAX_CACHE_SIZE,
	.counted_as_slab = true,
	.idle = "a reserve of " __stringify(RESERVE_OBJECTS) " objects",
	/* It warns of __GFP_ZERO: an element from the reserve is not zeroed. */
	.gfp_refused = __GFP_ZERO | __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.waits_for_frees = true,
	.prepare = mempool_prepare,
	.shareable = true,
	.finish = mempool_finish,
	.footprint_pages = mempool_footprint_pages,
	.usable = kmemlab_kmalloc_usable,
};
