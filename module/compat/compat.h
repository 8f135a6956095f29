/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernel versions; no other code depends on the version.
 * compat/probe.sh generates compat/config.h from the kernel's headers and its
 * list of exported symbols.
 */
#ifndef KMEMLAB_COMPAT_H
#define KMEMLAB_COMPAT_H

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kconfig.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat/config.h"

#ifdef CONFIG_KFENCE
#include <linux/kfence.h>
#endif

#ifdef HAVE_PAGE_FRAG_CACHE_H
#include <linux/page_frag_cache.h>
#endif

/*
 * Largest order of the page allocator. MAX_ORDER was exclusive before
 * 23baf831a32c (6.4), and is called MAX_PAGE_ORDER since 5e0a760b4441 (6.8);
 * MAX_ORDER_NR_PAGES has the same meaning in all of them.
 */
#define KMEMLAB_MAX_ORDER	((unsigned int)ilog2(MAX_ORDER_NR_PAGES))

/* compat_ptr_ioctl() - handler for ioctls of 32-bit programs; 2952db0fd51b (5.5) */
#ifndef HAVE_COMPAT_PTR_IOCTL
#ifdef CONFIG_COMPAT
static inline long compat_ptr_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	return file->f_op->unlocked_ioctl(file, command, (unsigned long)compat_ptr(argument));
}
#else
#define compat_ptr_ioctl	NULL
#endif
#endif

/* compat_zone_cpu_listed() - free pages in the lists of one CPU; read without a lock */
static inline long compat_zone_cpu_listed(const struct zone *zone, int cpu)
{
#ifdef HAVE_ZONE_PER_CPU_PAGESET
	return READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
#else
	return READ_ONCE(per_cpu_ptr(zone->pageset, cpu)->pcp.count);
#endif
}

/* compat_zone_cpu_change() - pages that one CPU has not yet added to a counter of the zone */
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
 * compat_order_has_lists() - true if each CPU has lists of free blocks of the order
 *
 * Before 44042b449872 (5.14), which introduced NR_PCP_LISTS, only order 0 had them.
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

/* compat_dma_pool_frees_by_search() - true if dma_pool_free() searches the page of a block */
static inline bool compat_dma_pool_frees_by_search(void)
{
#ifdef HAVE_DMA_POOL_LINKS_BLOCKS
	return false;
#else
	return true;
#endif
}

/*
 * compat_kmalloc_aligns_to_divisor() - true if kmalloc() aligns all sizes, false if only
 * powers of two
 */
static inline bool compat_kmalloc_aligns_to_divisor(void)
{
#ifdef HAVE_KMALLOC_ALIGNS_TO_DIVISOR
	return true;
#else
	return false;
#endif
}

/* compat_kmap(), compat_kunmap() - task-local mapping; f3ba3c710ac5 (5.11) */
#ifdef HAVE_KMAP_LOCAL
#define compat_kmap(page)	kmap_local_page(page)
#define compat_kunmap(address)	kunmap_local(address)
#else
#define compat_kmap(page)	kmap_atomic(page)
#define compat_kunmap(address)	kunmap_atomic(address)
#endif

/* compat_vm_flags_set() - set flags of a VMA; bc292ab00f6c (6.3) made vm_flags read-only */
#ifdef HAVE_VM_FLAGS_SET
#define compat_vm_flags_set(vma, flags)	vm_flags_set(vma, flags)
#else
#define compat_vm_flags_set(vma, flags)	((vma)->vm_flags |= (flags))
#endif

/* Page tables are counted per node since f0c0c115fb81 (5.11), per zone before. */
#ifdef HAVE_NODE_COUNTS_TABLES
#define COMPAT_TABLES_BY_NODE	1
#else
#define COMPAT_TABLES_BY_NODE	0
#endif

/* The suffix for bytes is from d42f3245c7e2 (5.9); the counters are in pages nevertheless. */
#ifndef HAVE_SLAB_COUNTERS_B
#define NR_SLAB_RECLAIMABLE_B	NR_SLAB_RECLAIMABLE
#define NR_SLAB_UNRECLAIMABLE_B	NR_SLAB_UNRECLAIMABLE
#endif

/* Renamed by fe557319aa06 (5.8). */
#ifndef HAVE_COPY_FROM_KERNEL_NOFAULT
#define copy_from_kernel_nofault(to, from, size)	probe_kernel_read(to, from, size)
#endif

/* compat_mmap_read_lock_killable(), _unlock() - lock the VMAs of a process; 9740ca4e95b4 (5.8) */
#ifdef HAVE_MMAP_LOCK
#define compat_mmap_read_lock_killable(mm)	mmap_read_lock_killable(mm)
#define compat_mmap_read_unlock(mm)		mmap_read_unlock(mm)
#else
#define compat_mmap_read_lock_killable(mm)	down_read_killable(&(mm)->mmap_sem)
#define compat_mmap_read_unlock(mm)		up_read(&(mm)->mmap_sem)
#endif

/* compat_vmalloc() - vmalloc with GFP flags; 88dca4ca5a93 (5.8) dropped the protection */
#ifdef HAVE_VMALLOC_TWO_ARGUMENTS
#define compat_vmalloc(size, gfp)	__vmalloc(size, gfp)
#else
#define compat_vmalloc(size, gfp)	__vmalloc(size, gfp, PAGE_KERNEL)
#endif

/*
 * compat_read_nofault_u64(), _u32 - read a value from a kernel address that may be unmapped
 *
 * Inline if the kernel allows that for modules. The caller disables page faults
 * and checks that the address is canonical. Return: 0 or -EFAULT.
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

/* compat_page_flags() - raw flags of a struct page */
static __always_inline unsigned long compat_page_flags(const struct page *page)
{
#ifdef HAVE_PAGE_FLAGS_TYPED
	return READ_ONCE(page->flags.f);
#else
	return READ_ONCE(page->flags);
#endif
}

/* compat_page_chunk() - chunk of a page of the per-CPU allocator; 7.2 removed page->index */
static inline unsigned long compat_page_chunk(const struct page *page)
{
#ifdef HAVE_PAGE_INDEX
	return READ_ONCE(page->index);
#else
	return READ_ONCE(page->private);
#endif
}

/*
 * compat_page_mapcount() - number of entries that map a page
 *
 * 6.12 has page_mapcount() in fs/proc only. With CONFIG_NO_PAGE_MAPCOUNT, the kernel counts only
 * the entries that map any page of a large folio.
 */
static inline int compat_page_mapcount(struct page *page)
{
#ifdef HAVE_PAGE_MAPCOUNT
	return page_mapcount(page);
#else
	struct folio *folio = page_folio(page);
	int count;

	if (folio_test_large(folio) && IS_ENABLED(CONFIG_NO_PAGE_MAPCOUNT))
		return folio_mapcount(folio);
	count = atomic_read(&page->_mapcount) + 1;
	if (page_mapcount_is_type(count))
		count = 0;
	return folio_test_large(folio) ? count + folio_entire_mapcount(folio) : count;
#endif
}

/* Bit of page->mapping that marks anonymous memory; renamed in 6.17. */
#ifndef FOLIO_MAPPING_ANON
#define FOLIO_MAPPING_ANON	PAGE_MAPPING_ANON
#endif

/* Bit of page->mapping, unless anonymous, of a driver's movable page; a page type in 6.17. */
#ifdef PAGE_MAPPING_MOVABLE
#define COMPAT_MAPPING_MOVABLE	PAGE_MAPPING_MOVABLE
#else
#define COMPAT_MAPPING_MOVABLE	0UL
#endif

/*
 * compat_alloc_pages_bulk() - fill a zeroed array with pages; evaluates to their number
 *
 * Undefined before 0f87d9d30f21 (5.13); 6bf9b5b40af7 (6.14) dropped "_array".
 */
#ifdef HAVE_ALLOC_PAGES_BULK
#define compat_alloc_pages_bulk(gfp, count, pages)	alloc_pages_bulk(gfp, count, pages)
#elif defined(HAVE_ALLOC_PAGES_BULK_ARRAY)
#define compat_alloc_pages_bulk(gfp, count, pages)	alloc_pages_bulk_array(gfp, count, pages)
#endif

/* compat_alloc_contig_range() - allocate page frames start to end - 1, if exported */
#if defined(HAVE_ALLOC_CONTIG_RANGE_FLAGS)
#define compat_alloc_contig_range(start, end, gfp) \
	alloc_contig_range(start, end, ACR_FLAGS_NONE, gfp)
#elif defined(CONFIG_CONTIG_ALLOC) && \
	(defined(HAVE_EXPORT_ALLOC_CONTIG_RANGE) || defined(HAVE_EXPORT_ALLOC_CONTIG_RANGE_NOPROF))
#define compat_alloc_contig_range(start, end, gfp) \
	alloc_contig_range(start, end, MIGRATE_MOVABLE, gfp)
#endif

/*
 * compat_kfree_rcu_settle() - wait until all objects passed to kfree_rcu() were freed
 *
 * kvfree_rcu_barrier() is from 2b55d6a42d14 (6.12). Before, batches waited for at
 * most five seconds (51824b780b71, 6.2) and one or two grace periods. A signal ends the
 * wait: the kernel frees the objects without code of this module.
 */
static inline void compat_kfree_rcu_settle(void)
{
#ifdef HAVE_EXPORT_KVFREE_RCU_BARRIER
	if (!signal_pending(current))
		kvfree_rcu_barrier();
#else
	unsigned int barriers = 3;

	while (!signal_pending(current) && barriers--) {
		rcu_barrier();
		if (barriers == 2)
			schedule_timeout_interruptible(5 * HZ);
	}
#endif
}

/*
 * Arguments of tracepoints: 2c0c1a9cc4ab (5.14) added the refill, 16a94db1a1d8 (5.18) the
 * previous state, abd4349ff9b8 (5.18) the control; 7.2 moved the flags of reclaim to the front.
 */
#ifdef HAVE_TRACE_ZONE_LOCKED_REFILL
#define COMPAT_ZONE_LOCKED_ARGS		\
	struct page *page, unsigned int order, int migratetype, int refill
#else
#define COMPAT_ZONE_LOCKED_ARGS		struct page *page, unsigned int order, int migratetype
#endif

#ifdef HAVE_TRACE_RECLAIM_MEMCG
#define COMPAT_RECLAIM_BEGIN_ARGS	gfp_t gfp, int order, struct mem_cgroup *memcg
#else
#define COMPAT_RECLAIM_BEGIN_ARGS	int order, gfp_t gfp
#endif

#ifdef HAVE_TRACE_COMPACTION_CONTROL
#define COMPAT_COMPACTION_BEGIN_ARGS	\
	struct compact_control *control, unsigned long first, unsigned long end, bool sync
#else
#define COMPAT_COMPACTION_BEGIN_ARGS	\
	unsigned long first, unsigned long migrate, unsigned long free, unsigned long end, \
	bool sync
#endif

#ifdef HAVE_TRACE_SWITCH_STATE
#define COMPAT_SCHED_SWITCH_ARGS	\
	bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int state
#else
#define COMPAT_SCHED_SWITCH_ARGS	\
	bool preempt, struct task_struct *prev, struct task_struct *next
#endif

#ifdef HAVE_TRACE_WORK_FUNCTION
#define COMPAT_WORK_END_ARGS	struct work_struct *work, work_func_t function
#else
#define COMPAT_WORK_END_ARGS	struct work_struct *work
#endif

/* compat_dynamic_preempt_model() - preemption model in use with CONFIG_PREEMPT_DYNAMIC */
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
 * compat_kmem_cache_create_unmergeable() - create a cache that shares no slabs with others
 *
 * SLAB_NO_MERGE is from d0bf7d5759c1 (6.5). Before, caches with a usercopy region
 * were never merged.
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

/*
 * compat_is_kfence_address() - true for an object that KFENCE guards; 0ce20dd84089 (5.12)
 *
 * It is known which objects are guarded if the address of KFENCE's pool is exported.
 */
#if defined(CONFIG_KFENCE) && defined(HAVE_EXPORT___KFENCE_POOL)
#define COMPAT_KFENCE_IS_KNOWN			true
#define compat_is_kfence_address(address)	is_kfence_address(address)
#else
#define COMPAT_KFENCE_IS_KNOWN			(!IS_ENABLED(CONFIG_KFENCE))
#define compat_is_kfence_address(address)	((void)(address), false)
#endif

/* Later kernels define vmalloc_huge() as a macro or an inline function around these. */
#if defined(HAVE_EXPORT_VMALLOC_HUGE) || defined(HAVE_EXPORT_VMALLOC_HUGE_NOPROF) || \
	defined(HAVE_EXPORT_VMALLOC_HUGE_NODE_NOPROF)
#define COMPAT_VMALLOC_HUGE	1
#endif

/* compat_page_frag_cache_drain() - free the block that the cache is using */
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
