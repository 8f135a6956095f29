/* SPDX-License-Identifier: GPL-2.0 */
/* What facilities share whose objects lie in the vmalloc area. */
#ifndef KMEMLAB_MAPPED_H
#define KMEMLAB_MAPPED_H

#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "facilities/facility.h"

/* The kernel's records of one area: struct vm_struct and struct vmap_area. */
#define KMEMLAB_AREA_RECORDS	256

/* Bytes of the largest area: as much as all memory, or all addresses. */
static inline size_t kmemlab_mapped_largest(void)
{
	return min_t(u64, (u64)totalram_pages() << PAGE_SHIFT,
		     VMALLOC_END - VMALLOC_START - PAGE_SIZE);
}

/*
 * Pages that mapping takes beside the objects' own: their records and arrays of
 * pages, and tables for all addresses, those included which were freed and are
 * not taken back yet (lazy_max_pages() in mm/vmalloc.c).
 */
static inline u64 kmemlab_mapped_records(const struct kmemlab_run *run)
{
	u64 pages = kmemlab_pages_for(1, run->object_size);
	u64 lazy = (u64)fls(num_online_cpus()) * (SZ_32M / PAGE_SIZE);
	u64 span = run->objects * (pages + 1) + lazy;
	u64 array = roundup_pow_of_two(pages * sizeof(struct page *));

	return kmemlab_pages_for(run->objects, KMEMLAB_AREA_RECORDS + array) +
	       span / PTRS_PER_PTE + 16;
}

#endif
