/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows how kernels differ. compat/config.h comes from
 * compat/probe.sh, which asks the kernel's own headers and symbol list.
 */
#ifndef KMEMLAB_COMPAT_H
#define KMEMLAB_COMPAT_H

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat/config.h"

#ifdef HAVE_PAGE_FRAG_CACHE_H
#include <linux/page_frag_cache.h>
#endif

/*
 * The largest order that the page allocator serves. MAX_ORDER was exclusive
 * before 23baf831a32c (6.4), and is MAX_PAGE_ORDER since 5e0a760b4441 (6.8);
 * MAX_ORDER_NR_PAGES has always meant the same.
 */
#define KMEMLAB_MAX_ORDER	((unsigned int)ilog2(MAX_ORDER_NR_PAGES))

/* compat_zone_cpu_listed() - free pages in zone's lists of one CPU; read without a lock */
static inline long compat_zone_cpu_listed(const struct zone *zone, int cpu)
{
#ifdef HAVE_ZONE_PER_CPU_PAGESET
	return READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
#else
	return READ_ONCE(per_cpu_ptr(zone->pageset, cpu)->pcp.count);
#endif
}

/* compat_zone_cpu_change() - what one CPU has not added to zone's counter yet, in pages */
static inline long compat_zone_cpu_change(const struct zone *zone, int cpu,
					  enum zone_stat_item item)
{
#if !defined(CONFIG_SMP)
	return 0;
#elif defined(HAVE_ZONE_PER_CPU_PAGESET)
	return READ_ONCE(per_cpu_ptr(zone->per_cpu_zonestats, cpu)->vm_stat_diff[item]);
#else
	return READ_ONCE(per_cpu_ptr(zone->pageset, cpu)->vm_stat_diff[item]);
#endif
}

/*
 * compat_order_has_lists() - blocks of that order wait in lists of each CPU
 *
 * Single pages alone did before 44042b449872 (5.14), which brought the lists' number too.
 */
static inline bool compat_order_has_lists(unsigned int order)
{
#ifdef NR_PCP_LISTS
	return order <= PAGE_ALLOC_COSTLY_ORDER ||
	       (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && order == pageblock_order);
#else
	return !order;
#endif
}

/* compat_dma_pool_frees_by_search() - dma_pool_free looks through the pages for the block's */
static inline bool compat_dma_pool_frees_by_search(void)
{
#ifdef HAVE_DMA_POOL_LINKS_BLOCKS
	return false;
#else
	return true;
#endif
}

/* f3ba3c710ac5 (5.11) made mappings that are local to the task. */
#ifdef HAVE_KMAP_LOCAL
#define compat_kmap(page)	kmap_local_page(page)
#define compat_kunmap(address)	kunmap_local(address)
#else
#define compat_kmap(page)	kmap_atomic(page)
#define compat_kunmap(address)	kunmap_atomic(address)
#endif

/* bc292ab00f6c (6.3) took the flags of a mapping out of everybody's reach. */
#ifdef HAVE_VM_FLAGS_SET
#define compat_vm_flags_set(vma, flags)	vm_flags_set(vma, flags)
#else
#define compat_vm_flags_set(vma, flags)	((vma)->vm_flags |= (flags))
#endif

/* Page tables are counted by node since f0c0c115fb81 (5.11), by zone before. */
#ifdef HAVE_NODE_COUNTS_TABLES
#define COMPAT_TABLES_BY_NODE	1
#else
#define COMPAT_TABLES_BY_NODE	0
#endif

/* Named after bytes since d42f3245c7e2 (5.9), and kept in pages all the same. */
#ifndef HAVE_SLAB_COUNTERS_B
#define NR_SLAB_RECLAIMABLE_B	NR_SLAB_RECLAIMABLE
#define NR_SLAB_UNRECLAIMABLE_B	NR_SLAB_UNRECLAIMABLE
#endif

/* fe557319aa06 (5.8) gave it its name. */
#ifndef HAVE_COPY_FROM_KERNEL_NOFAULT
#define copy_from_kernel_nofault(to, from, size)	probe_kernel_read(to, from, size)
#endif

/* compat_mmap_read_lock_killable(), _unlock() - of a process; wrapped since 9740ca4e95b4 (5.8) */
#ifdef HAVE_MMAP_LOCK
#define compat_mmap_read_lock_killable(mm)	mmap_read_lock_killable(mm)
#define compat_mmap_read_unlock(mm)		mmap_read_unlock(mm)
#else
#define compat_mmap_read_lock_killable(mm)	down_read_killable(&(mm)->mmap_sem)
#define compat_mmap_read_unlock(mm)		up_read(&(mm)->mmap_sem)
#endif

/* compat_vmalloc() - vmalloc with flags; 88dca4ca5a93 (5.8) dropped the protection */
#ifdef HAVE_VMALLOC_TWO_ARGUMENTS
#define compat_vmalloc(size, gfp)	__vmalloc(size, gfp)
#else
#define compat_vmalloc(size, gfp)	__vmalloc(size, gfp, PAGE_KERNEL)
#endif

/*
 * compat_read_nofault_u64(), _u32 - one value from a kernel address that may not be there
 *
 * In line where the kernel offers that to modules. pagefault_disable() is the
 * caller's, and so is that the address is canonical. Return: 0 or -EFAULT.
 */
#ifdef __get_kernel_nofault
static __always_inline int compat_read_nofault_u64(u64 *to, const u64 *from)
{
	__get_kernel_nofault(to, from, u64, failed);
	return 0;
failed:
	return -EFAULT;
}

static __always_inline int compat_read_nofault_u32(u32 *to, const u32 *from)
{
	__get_kernel_nofault(to, from, u32, failed);
	return 0;
failed:
	return -EFAULT;
}
#else
static inline int compat_read_nofault_u64(u64 *to, const u64 *from)
{
	return copy_from_kernel_nofault(to, from, sizeof(*to)) ? -EFAULT : 0;
}

static inline int compat_read_nofault_u32(u32 *to, const u32 *from)
{
	return copy_from_kernel_nofault(to, from, sizeof(*to)) ? -EFAULT : 0;
}
#endif

/* compat_page_flags() - the raw flags of a struct page */
static __always_inline unsigned long compat_page_flags(const struct page *page)
{
#ifdef HAVE_PAGE_FLAGS_TYPED
	return READ_ONCE(page->flags.f);
#else
	return READ_ONCE(page->flags);
#endif
}

/* compat_page_chunk() - in a page of the per-CPU allocator: its chunk. index is no more in 7.2 */
static inline unsigned long compat_page_chunk(const struct page *page)
{
#ifdef HAVE_PAGE_INDEX
	return READ_ONCE(page->index);
#else
	return READ_ONCE(page->private);
#endif
}

/* compat_page_mapcount() - by how many entries a page is mapped; later kernels count folios only */
static inline int compat_page_mapcount(struct page *page)
{
#ifdef HAVE_PAGE_MAPCOUNT
	return page_mapcount(page);
#else
	return folio_mapcount(page_folio(page));
#endif
}

/* In the mapping of a page: it is anonymous memory. The name is of 6.17. */
#ifndef FOLIO_MAPPING_ANON
#define FOLIO_MAPPING_ANON	PAGE_MAPPING_ANON
#endif

/*
 * compat_alloc_pages_bulk() - fills an array of pages, all NULL before; how many it has then
 *
 * Not there before 0f87d9d30f21 (5.13); 6bf9b5b40af7 (6.14) dropped "_array".
 */
#ifdef HAVE_ALLOC_PAGES_BULK
#define compat_alloc_pages_bulk(gfp, count, pages)	alloc_pages_bulk(gfp, count, pages)
#elif defined(HAVE_ALLOC_PAGES_BULK_ARRAY)
#define compat_alloc_pages_bulk(gfp, count, pages)	alloc_pages_bulk_array(gfp, count, pages)
#endif

/* compat_alloc_contig_range() - the frames from start up to end; acr_flags_t is seen in 7.2 */
#if defined(HAVE_ALLOC_CONTIG_RANGE_FLAGS)
#define compat_alloc_contig_range(start, end, gfp) \
	alloc_contig_range(start, end, ACR_FLAGS_NONE, gfp)
#elif defined(CONFIG_CONTIG_ALLOC) && \
	(defined(HAVE_EXPORT_ALLOC_CONTIG_RANGE) || defined(HAVE_EXPORT_ALLOC_CONTIG_RANGE_NOPROF))
#define compat_alloc_contig_range(start, end, gfp) \
	alloc_contig_range(start, end, MIGRATE_MOVABLE, gfp)
#endif

/*
 * compat_kfree_rcu_settle() - objects given to kfree_rcu() were freed
 *
 * 2b55d6a42d14 (6.12) made the barrier. Before, batches waited for at most five
 * seconds (51824b780b71, 6.2) and for a grace period or two.
 */
static inline void compat_kfree_rcu_settle(void)
{
#ifdef HAVE_EXPORT_KVFREE_RCU_BARRIER
	kvfree_rcu_barrier();
#else
	rcu_barrier();
	schedule_timeout_uninterruptible(5 * HZ);
	rcu_barrier();
	rcu_barrier();
#endif
}

/* compat_dynamic_preempt_model() - which one a kernel with CONFIG_PREEMPT_DYNAMIC has chosen */
static inline const char *compat_dynamic_preempt_model(void)
{
#if defined(CONFIG_PREEMPT_DYNAMIC) && defined(HAVE_EXPORT_PREEMPT_MODEL_FULL)
	if (preempt_model_none())
		return "dynamic:none";
	if (preempt_model_voluntary())
		return "dynamic:voluntary";
	return preempt_model_full() ? "dynamic:full" : "dynamic:lazy";
#else
	return "dynamic";
#endif
}

/*
 * compat_kmem_cache_create_unmergeable() - a cache that shares its slabs with no other
 *
 * SLAB_NO_MERGE came with d0bf7d5759c1 (6.5). Before, caches with a region for
 * copies to user space are never merged.
 */
static inline struct kmem_cache *
compat_kmem_cache_create_unmergeable(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags)
{
#ifdef SLAB_NO_MERGE
	return kmem_cache_create(name, size, align, flags | SLAB_NO_MERGE, NULL);
#else
	return kmem_cache_create_usercopy(name, size, align, flags, 0, size, NULL);
#endif
}

/* vmalloc_huge is a macro or an inline function around these in later kernels. */
#if defined(HAVE_EXPORT_VMALLOC_HUGE) || defined(HAVE_EXPORT_VMALLOC_HUGE_NOPROF) || \
	defined(HAVE_EXPORT_VMALLOC_HUGE_NODE_NOPROF)
#define COMPAT_VMALLOC_HUGE	1
#endif

/* compat_page_frag_cache_drain() - gives back the block that is begun */
static inline void compat_page_frag_cache_drain(struct page_frag_cache *cache)
{
#ifdef HAVE_EXPORT_PAGE_FRAG_CACHE_DRAIN
	page_frag_cache_drain(cache);
#else
	if (cache->va)
		__page_frag_cache_drain(virt_to_page(cache->va), cache->pagecnt_bias);
#endif
}

#endif
