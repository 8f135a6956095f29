// SPDX-License-Identifier: GPL-2.0
/*
 * vmap: pages that one has already, mapped side by side. Mapping alone is
 * timed: the pages are taken before, each from wherever it comes.
 */
#include <linux/slab.h>

#include "facilities/mapped.h"
#include "facilities/own_pages.h"
#include "facilities/slots.h"

/**
 * struct vmap - one experiment
 * @next: pages of the object that comes next
 * @count: pages of one object
 * @pages: of all objects, slot by slot
 * @slots: one for each object
 */
struct vmap {
	struct page **next;
	unsigned int count;
	struct page **pages;
	struct kmemlab_slots *slots;
};

static __always_inline void *vmap_alloc(struct kmemlab_run *run)
{
	struct vmap *vmapped = run->private;

	return vmap(vmapped->next, vmapped->count, VM_MAP, PAGE_KERNEL);
}

static __always_inline void vmap_free(struct kmemlab_run *run, void *raw)
{
	vunmap(raw);
}

static struct page **pages_of(const struct vmap *vmapped, const struct kmemlab_slot *slot)
{
	return vmapped->pages + (slot - vmapped->slots->all) * vmapped->count;
}

static void set_next(struct vmap *vmapped)
{
	if (vmapped->slots->free)
		vmapped->next = pages_of(vmapped, vmapped->slots->free);
}

static __always_inline unsigned long vmap_pack(struct kmemlab_run *run, void *raw)
{
	struct vmap *vmapped = run->private;
	unsigned long handle = kmemlab_slot_take(vmapped->slots, raw, 0);

	set_next(vmapped);
	return handle;
}

static __always_inline void *vmap_unpack(struct kmemlab_run *run, unsigned long handle)
{
	struct vmap *vmapped = run->private;
	void *address = kmemlab_slot_give(vmapped->slots, handle).address;

	set_next(vmapped);
	return address;
}

KMEMLAB_FACILITY_LOOPS(vmap)

static int vmap_prepare(struct kmemlab_run *run)
{
	struct vmap *vmapped = kzalloc(sizeof(*vmapped), GFP_KERNEL);

	if (!vmapped)
		return -ENOMEM;
	vmapped->count = kmemlab_pages_for(1, run->object_size);
	vmapped->slots = kmemlab_slots_create(run);
	if (!vmapped->slots)
		goto free_vmapped;
	vmapped->pages = kmemlab_own_pages_alloc(run->alive * vmapped->count, 0, run->gfp);
	if (!vmapped->pages)
		goto free_slots;
	set_next(vmapped);
	run->private = vmapped;
	return 0;

free_slots:
	kvfree(vmapped->slots);
free_vmapped:
	kfree(vmapped);
	return -ENOMEM;
}

static void vmap_finish(struct kmemlab_run *run)
{
	struct vmap *vmapped = run->private;

	kmemlab_own_pages_free(vmapped->pages, run->alive * vmapped->count, 0);
	kvfree(vmapped->slots);
	kfree(vmapped);
}

static u64 vmap_footprint_pages(const struct kmemlab_run *run)
{
	u64 pages = run->alive * kmemlab_pages_for(1, run->object_size);

	return pages + kmemlab_own_pages_records(pages) + kmemlab_slots_pages(run->alive) +
	       kmemlab_mapped_records(run);
}

static void *vmap_address(const struct kmemlab_run *run, unsigned long handle)
{
	return kmemlab_slot_of(handle)->address;
}

static unsigned long vmap_frame(const struct kmemlab_run *run, unsigned long handle,
				size_t page)
{
	return page_to_pfn(pages_of(run->private, kmemlab_slot_of(handle))[page]);
}

const struct kmemlab_facility_ops kmemlab_vmap = {
	.name = "vmap",
	KMEMLAB_FACILITY_LOOP_HOOKS(vmap),
	.alignment = PAGE_SIZE,
	.object_size_min = 1,
	.object_size_max = SIZE_MAX,
	.largest = kmemlab_mapped_largest,
	.grows_by = "pages",
	.idle = "the pages, page tables, and unmapped addresses until they are purged",
	.prepare = vmap_prepare,
	.finish = vmap_finish,
	.footprint_pages = vmap_footprint_pages,
	.address = vmap_address,
	.usable = kmemlab_whole_pages,
	.frame = vmap_frame,
	.quiesce = vm_unmap_aliases,
};
