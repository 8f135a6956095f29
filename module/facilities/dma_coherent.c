// SPDX-License-Identifier: GPL-2.0
/* dma_coherent: dma_alloc_coherent, memory that CPU and device see alike, in whole pages. */
#include <linux/slab.h>

#include "facilities/dma_device.h"

/**
 * struct dma_coherent - one experiment
 * @device: that the memory is for
 * @address: device address of what was allocated last
 * @slots: one for each object
 */
struct dma_coherent {
	struct device *device;
	dma_addr_t address;
	struct kmemlab_slots *slots;
};

static __always_inline void *dma_coherent_alloc(struct kmemlab_run *run)
{
	struct dma_coherent *dma = run->private;

	return dma_alloc_coherent(dma->device, run->object_size, &dma->address, run->gfp);
}

static __always_inline void dma_coherent_free(struct kmemlab_run *run, struct kmemlab_slot slot)
{
	struct dma_coherent *dma = run->private;

	dma_free_coherent(dma->device, run->object_size, slot.address, slot.other);
}

static __always_inline unsigned long dma_coherent_pack(struct kmemlab_run *run, void *raw)
{
	struct dma_coherent *dma = run->private;

	return kmemlab_slot_take(dma->slots, raw, dma->address);
}

static __always_inline struct kmemlab_slot dma_coherent_unpack(struct kmemlab_run *run,
							       unsigned long handle)
{
	struct dma_coherent *dma = run->private;

	return kmemlab_slot_give(dma->slots, handle);
}

KMEMLAB_FACILITY_LOOPS(dma_coherent)

static int dma_coherent_prepare(struct kmemlab_run *run)
{
	struct dma_coherent *dma = kzalloc(sizeof(*dma), GFP_KERNEL);
	int error = -ENOMEM;

	if (!dma)
		return -ENOMEM;
	dma->slots = kmemlab_slots_create(run);
	if (!dma->slots)
		goto free_dma;
	dma->device = kmemlab_dma_device_create();
	error = PTR_ERR_OR_ZERO(dma->device);
	if (error)
		goto free_slots;
	run->private = dma;
	return 0;

free_slots:
	kvfree(dma->slots);
free_dma:
	kfree(dma);
	return error;
}

static void dma_coherent_finish(struct kmemlab_run *run)
{
	struct dma_coherent *dma = run->private;

	kmemlab_dma_device_destroy(dma->device);
	kvfree(dma->slots);
	kfree(dma);
}

/* Blocks of the page allocator; an alias of its own takes page tables on some machines. */
static u64 dma_coherent_footprint_pages(const struct kmemlab_run *run)
{
	u64 pages = (u64)run->objects << get_order(run->object_size);

	return pages + pages / 64 + kmemlab_slots_pages(run->alive) + 16;
}

static void *dma_coherent_address(const struct kmemlab_run *run, unsigned long handle)
{
	return kmemlab_slot_of(handle)->address;
}

static size_t dma_coherent_taken(const struct kmemlab_run *run, unsigned long handle)
{
	return kmemlab_dma_taken(kmemlab_slot_of(handle)->address, run->object_size);
}

static unsigned long dma_coherent_frame(const struct kmemlab_run *run, unsigned long handle,
					size_t page)
{
	const struct dma_coherent *dma = run->private;

	return kmemlab_dma_frame(dma->device, kmemlab_slot_of(handle)->other, page);
}

const struct kmemlab_facility_ops kmemlab_dma_coherent = {
	.name = "dma_coherent",
	KMEMLAB_FACILITY_LOOP_HOOKS(dma_coherent),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_DMA,
	.alignment = PAGE_SIZE,
	.object_size_min = 1,
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,
	.physical_limit = KMEMLAB_DMA_LIMIT,
	.idle = "nothing",
	/* The device's mask alone decides where it comes from. */
	.gfp_refused = GFP_ZONEMASK | __GFP_COMP,
	.prepare = dma_coherent_prepare,
	.finish = dma_coherent_finish,
	.footprint_pages = dma_coherent_footprint_pages,
	.address = dma_coherent_address,
	.usable = kmemlab_whole_pages,
	.taken = dma_coherent_taken,
	.frame = dma_coherent_frame,
};
