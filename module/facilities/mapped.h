/* SPDX-License-Identifier: GPL-2.0-only */
/* Properties of objects in the vmalloc area. */
#ifndef KMEMLAB_MAPPED_H
#define KMEMLAB_MAPPED_H

#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "facilities/facility.h"

/* Bytes of struct vm_struct and struct vmap_area, of which each mapping has one. */
#define KMEMLAB_AREA_RECORDS	256

/* kmemlab_facility_ops.largest: limited by memory and by the vmalloc area */
static inline size_t kmemlab_mapped_largest(void)
{
	return min_t(u64, (u64)totalram_pages() << PAGE_SHIFT,
		     VMALLOC_END - VMALLOC_START - PAGE_SIZE);
}

/*
 * Return the pages that mapping takes in addition to those of the objects: the
 * records, the arrays of pages, and page tables for all addresses, including
 * freed ones that are not purged yet (lazy_max_pages() in mm/vmalloc.c).
 */
static inline u64 kmemlab_mapped_records(const struct kmemlab_facility_ctx *ctx)
{
	u64 pages = kmemlab_pages_for(1, ctx->object_size);
	u64 lazy = (u64)fls(num_online_cpus()) * (SZ_32M / PAGE_SIZE);
	u64 span = ctx->objects * (pages + 1) + lazy;
	u64 array = roundup_pow_of_two(pages * sizeof(struct page *));

	return kmemlab_pages_for(ctx->objects, KMEMLAB_AREA_RECORDS + array) +
	       span / PTRS_PER_PTE + 16;
}

/*
 * kmemlab_facility_ops.taken: all pages that are mapped at @handle. vmalloc rounds
 * large objects up to whole huge mappings, by rules that differ between kernels and
 * architectures; each area ends with a guard page, which is never mapped.
 */
static inline size_t kmemlab_mapped_bytes(const struct kmemlab_facility_ctx *ctx,
					  unsigned long handle)
{
	size_t bytes = PAGE_ALIGN(ctx->object_size);

	while (is_vmalloc_addr((void *)(handle + bytes)) &&
	       vmalloc_to_page((void *)(handle + bytes)))
		bytes += PAGE_SIZE;
	return bytes;
}

#endif
