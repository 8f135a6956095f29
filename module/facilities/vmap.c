// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmap: pages allocated in advance, mapped contiguously. Only the mapping is
 * timed: the pages, which are not contiguous, are allocated before.
 */
#include <linux/slab.h>

#include "facilities/handle_slots.h"
#include "facilities/mapped.h"
#include "facilities/page_array.h"

/**
 * struct vmap_bench - one experiment
 * @next: pages of the next object
 * @count: pages per object
 * @pages: pages of all objects, in the order of the slots
 * @slots: one for each live object
 */
struct vmap_bench {
	struct page **next;
	unsigned int count;
	struct page **pages;
	struct kmemlab_handle_slots *slots;
};

static __always_inline void *vmap_alloc(struct kmemlab_facility_ctx *ctx)
{
	struct vmap_bench *bench = ctx->private;

	return vmap(bench->next, bench->count, VM_MAP, PAGE_KERNEL);
}

static __always_inline void vmap_free(struct kmemlab_facility_ctx *ctx,
				      struct kmemlab_free_args args)
{
	vunmap(args.object);
}

static struct page **vmap_slot_pages(const struct vmap_bench *bench,
				     const struct kmemlab_handle_slot *slot)
{
	return bench->pages + (slot - bench->slots->all) * bench->count;
}

static void vmap_set_next(struct vmap_bench *bench)
{
	if (bench->slots->free)
		bench->next = vmap_slot_pages(bench, bench->slots->free);
}

static __always_inline unsigned long vmap_pack(struct kmemlab_facility_ctx *ctx, void *object)
{
	struct vmap_bench *bench = ctx->private;
	unsigned long handle = kmemlab_handle_slot_get(bench->slots, object, 0);

	vmap_set_next(bench);
	return handle;
}

static __always_inline struct kmemlab_free_args vmap_unpack(struct kmemlab_facility_ctx *ctx,
							    unsigned long handle)
{
	struct vmap_bench *bench = ctx->private;
	struct kmemlab_free_args args = kmemlab_handle_slot_put(bench->slots, handle);

	vmap_set_next(bench);
	return args;
}

KMEMLAB_FACILITY_LOOPS(vmap, vmap_alloc, vmap_free, vmap_pack, vmap_unpack)

static int vmap_prepare(struct kmemlab_facility_ctx *ctx)
{
	struct vmap_bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);

	if (!bench)
		return -ENOMEM;
	bench->count = kmemlab_pages_for(1, ctx->object_size);
	bench->slots = kmemlab_handle_slots_create(ctx);
	if (!bench->slots)
		goto free_bench;
	bench->pages = kmemlab_page_array_alloc(ctx->alive * bench->count, 0, ctx->gfp);
	if (!bench->pages)
		goto free_slots;
	vmap_set_next(bench);
	ctx->private = bench;
	return 0;

free_slots:
	kvfree(bench->slots);
free_bench:
	kfree(bench);
	return -ENOMEM;
}

static void vmap_finish(struct kmemlab_facility_ctx *ctx)
{
	struct vmap_bench *bench = ctx->private;

	kmemlab_page_array_free(bench->pages, ctx->alive * bench->count, 0);
	kvfree(bench->slots);
	kfree(bench);
}

static u64 vmap_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	u64 pages = ctx->alive * kmemlab_pages_for(1, ctx->object_size);

	return pages + kmemlab_page_array_records(pages) + kmemlab_handle_slots_pages(ctx->alive) +
	       kmemlab_mapped_records(ctx);
}

static void *vmap_address(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return kmemlab_handle_slot_find(handle)->object;
}

static unsigned long vmap_frame(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
				size_t page)
{
	const struct kmemlab_handle_slot *slot = (const struct kmemlab_handle_slot *)handle;

	return page_to_pfn(vmap_slot_pages(ctx->private, slot)[page]);
}

const struct kmemlab_facility_ops kmemlab_vmap = {
	.name = "vmap",
	KMEMLAB_FACILITY_LOOP_HOOKS(vmap),
	.alignment = PAGE_SIZE,
	.object_size_min = 1,
	.vmalloc_size_min = 1,
	.object_size_max = SIZE_MAX,
	.largest = kmemlab_mapped_largest,
	.grows_by = "pages",
	.idle = "the pages, page tables, and unmapped addresses until they are purged",
	.preallocates = true,
	.prepare = vmap_prepare,
	.finish = vmap_finish,
	.footprint_pages = vmap_footprint_pages,
	.address = vmap_address,
	.usable = kmemlab_whole_pages,
	.frame = vmap_frame,
	.quiesce = vm_unmap_aliases,
};
