// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmalloc: scattered pages, mapped contiguously.
 * vmalloc_huge: vmalloc with huge mappings if the object is large enough.
 */
#include "facilities/bench_loops.h"
#include "facilities/mapped.h"

static __always_inline void *vmalloc_alloc(struct kmemlab_facility_ctx *ctx)
{
	return compat_vmalloc(ctx->object_size, ctx->gfp);
}

static __always_inline void vmalloc_free(struct kmemlab_facility_ctx *ctx,
					 struct kmemlab_free_args args)
{
	vfree(args.object);
}

KMEMLAB_FACILITY_LOOPS(vmalloc, vmalloc_alloc, vmalloc_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

#ifdef COMPAT_VMALLOC_HUGE
static __always_inline void *vmalloc_huge_alloc(struct kmemlab_facility_ctx *ctx)
{
	return vmalloc_huge(ctx->object_size, ctx->gfp);
}
#else
static __always_inline void *vmalloc_huge_alloc(struct kmemlab_facility_ctx *ctx)
{
	return NULL;
}
#endif

static const char *vmalloc_huge_unavailable(void)
{
	return __is_defined(COMPAT_VMALLOC_HUGE) ? NULL : "this kernel exports no vmalloc_huge";
}

KMEMLAB_FACILITY_LOOPS(vmalloc_huge, vmalloc_huge_alloc, vmalloc_free,
		       kmemlab_plain_pack, kmemlab_plain_unpack)

static u64 vmalloc_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->objects * kmemlab_pages_for(1, ctx->object_size) +
	       kmemlab_mapped_records(ctx);
}

/* Objects of at least half a huge page are rounded up to whole huge pages. */
static u64 vmalloc_huge_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	u64 pages = kmemlab_pages_for(1, ctx->object_size);

	if (ctx->object_size >= PMD_SIZE / 2)
		pages = ALIGN(pages, PMD_SIZE / PAGE_SIZE);
	return ctx->objects * pages + kmemlab_mapped_records(ctx);
}

#define VMALLOC_HOOKS							\
	.alignment = PAGE_SIZE,						\
	.object_size_min = 1,						\
	.object_size_max = SIZE_MAX,					\
	.largest = kmemlab_mapped_largest,				\
	.vmalloc_size_min = 1,						\
	.idle = "page tables, and freed addresses until they are purged", \
	.gfp_ignored = __GFP_NORETRY,					\
	.gfp_refused = KMEMLAB_GFP_PAGES_ONLY,				\
	.usable = kmemlab_whole_pages,					\
	.taken = kmemlab_mapped_bytes,					\
	.quiesce = vm_unmap_aliases

const struct kmemlab_facility_ops kmemlab_vmalloc = {
	.name = "vmalloc",
	KMEMLAB_FACILITY_LOOP_HOOKS(vmalloc),
	VMALLOC_HOOKS,
	.footprint_pages = vmalloc_footprint_pages,
};

const struct kmemlab_facility_ops kmemlab_vmalloc_huge = {
	.name = "vmalloc_huge",
	KMEMLAB_FACILITY_LOOP_HOOKS(vmalloc_huge),
	VMALLOC_HOOKS,
	.unavailable = vmalloc_huge_unavailable,
	.footprint_pages = vmalloc_huge_footprint_pages,
};
