// SPDX-License-Identifier: GPL-2.0
/* vmalloc: pages from anywhere, side by side in the kernel's address space. */
#include "compat/compat.h"
#include "facilities/mapped.h"

static __always_inline void *vmalloc_alloc(struct kmemlab_run *run)
{
	return compat_vmalloc(run->object_size, run->gfp);
}

static __always_inline void vmalloc_free(struct kmemlab_run *run, void *raw)
{
	vfree(raw);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(vmalloc)
KMEMLAB_FACILITY_LOOPS(vmalloc)

static u64 vmalloc_footprint_pages(const struct kmemlab_run *run)
{
	return run->objects * kmemlab_pages_for(1, run->object_size) +
	       kmemlab_mapped_records(run);
}

const struct kmemlab_facility_ops kmemlab_vmalloc = {
	.name = "vmalloc",
	KMEMLAB_FACILITY_LOOP_HOOKS(vmalloc),
	.alignment = PAGE_SIZE,
	.object_size_min = 1,
	.object_size_max = SIZE_MAX,
	.largest = kmemlab_mapped_largest,
	.idle = "page tables, and freed addresses until they are purged",
	.gfp_ignored = __GFP_NORETRY,
	.gfp_refused = KMEMLAB_GFP_PAGES_ONLY,
	.footprint_pages = vmalloc_footprint_pages,
	.usable = kmemlab_whole_pages,
	.quiesce = vm_unmap_aliases,
};
