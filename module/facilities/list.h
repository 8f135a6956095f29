/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facilities in the order of reports: FACILITY(name, flags, description).
 *
 * The module and user space compile their tables from this list, so it uses no
 * kernel types. Define FACILITY before each include; the list undefines it.
 */
#ifndef KMEMLAB_FACILITY_LIST_H
#define KMEMLAB_FACILITY_LIST_H

/**
 * enum kmemlab_facility_flags - properties of a facility that user space acts on
 * @KMEMLAB_FACILITY_CALIBRATION: allocates nothing; tests the instrument
 * @KMEMLAB_FACILITY_USER_SPACE: measured by the runner in user space, not by the module
 */
enum kmemlab_facility_flags {
	KMEMLAB_FACILITY_CALIBRATION	= 1 << 0,
	KMEMLAB_FACILITY_USER_SPACE	= 1 << 1,
};

#endif

#ifdef FACILITY
FACILITY(null, KMEMLAB_FACILITY_CALIBRATION, "does nothing: tests that the clock reads 0")
FACILITY(delay, KMEMLAB_FACILITY_CALIBRATION,
	 "executes a known number of instructions: tests the value that the clock reads")
FACILITY(page, 0, "alloc_pages: a block of pages per object")
FACILITY(page_packed, 0, "alloc_pages: objects packed into the largest blocks")
FACILITY(page_exact, 0, "alloc_pages_exact: as many pages as each object needs")
FACILITY(get_free_pages, 0, "__get_free_pages: a block of pages per object, by its address")
FACILITY(page_nolock, 0, "alloc_pages_nolock: a block of pages, without waiting for locks")
FACILITY(page_pool, 0, "page_pool_alloc_pages: recycled pages of a network driver, in a softirq")
FACILITY(folio, 0, "folio_alloc: a compound block of pages per object")
FACILITY(kmalloc, 0, "kmalloc: size known at run time")
FACILITY(kmalloc_const, 0, "kmalloc: size known at compile time, as in most callers")
FACILITY(kmalloc_nolock, 0, "kmalloc_nolock: kmalloc without waiting for locks")
FACILITY(kmem_cache, 0, "kmem_cache_alloc: a private cache for one object size")
FACILITY(kmem_cache_typesafe, 0,
	 "kmem_cache_alloc: a cache with SLAB_TYPESAFE_BY_RCU, whose slabs wait for a grace period")
FACILITY(kvmalloc, 0, "kvmalloc: kmalloc if that succeeds at once, else vmalloc")
FACILITY(vmalloc, 0, "vmalloc: scattered pages, mapped contiguously")
FACILITY(vmap, 0, "vmap: pages allocated in advance, mapped contiguously")
FACILITY(vmalloc_huge, 0, "vmalloc_huge: vmalloc with huge mappings where possible")
FACILITY(percpu, 0, "alloc_percpu: a copy for each possible CPU")
FACILITY(mempool, 0, "mempool_alloc: kmalloc with a reserve")
FACILITY(page_frag, 0, "page_frag_alloc: consecutive fragments of a block of pages")
FACILITY(dma_coherent, 0, "dma_alloc_coherent: whole pages, coherent between CPU and device")
FACILITY(dma_pool, 0, "dma_pool_alloc: small blocks of coherent pages")
FACILITY(gen_pool, 0, "gen_pool_alloc: parts of preallocated memory")
FACILITY(contig, 0, "alloc_contig_range: a given range of page frames, with movable pages migrated")
#include "extra.h"
#ifndef __KERNEL__
FACILITY(user, KMEMLAB_FACILITY_USER_SPACE,
	 "anonymous pages of a process, faulted in by writing to them")
#endif
#undef FACILITY
#endif
