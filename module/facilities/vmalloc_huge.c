// SPDX-License-Identifier: GPL-2.0
/* vmalloc_huge: as vmalloc, mapped by huge leaves where the object is large enough. */
#include "facilities/mapped.h"

#ifdef COMPAT_VMALLOC_HUGE
static __always_inline void *vmalloc_huge_alloc(struct kmemlab_run *run)
{
	return vmalloc_huge(run->object_size, run->gfp);
}

static const char *vmalloc_huge_unavailable(void)
{
	return NULL;
}
#else
static __always_inline void *vmalloc_huge_alloc(struct kmemlab_run *run)
{
	return NULL;
}

static const char *vmalloc_huge_unavailable(void)
{
	return "this kernel exports no vmalloc_huge";
}
#endif

static __always_inline void vmalloc_huge_free(struct kmemlab_run *run, void *raw)
{
	vfree(raw);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(vmalloc_huge)
KMEMLAB_FACILITY_LOOPS(vmalloc_huge)

/* Half a huge page and more is rounded up to whole ones. */
static u64 vmalloc_huge_footprint_pages(const struct kmemlab_run *run)
{
	u64 pages = kmemlab_pages_for(1, run->object_size);

	if (run->object_size >= PMD_SIZE / 2)
		pages = ALIGN(pages, PMD_SIZE / PAGE_SIZE);
	return run->objects * pages + kmemlab_mapped_records(run);
}

const struct kmemlab_facility_ops kmemlab_vmalloc_huge = {
	.name = "vmalloc_huge",
	KMEMLAB_FACILITY_LOOP_HOOKS(vmalloc_huge),
	.alignment = PAGE_SIZE,
	.object_size_min = 1,
	.object_size_max = SIZE_MAX,
	.largest = kmemlab_mapped_largest,
	.idle = "page tables, and freed addresses until they are purged",
	.gfp_ignored = __GFP_NORETRY,
	.gfp_refused = KMEMLAB_GFP_PAGES_ONLY,
	.unavailable = vmalloc_huge_unavailable,
	.footprint_pages = vmalloc_huge_footprint_pages,
	.usable = kmemlab_whole_pages,
	.quiesce = vm_unmap_aliases,
};
