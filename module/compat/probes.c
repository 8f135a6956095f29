// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes of the kernel's interfaces. probe.sh compiles this file once for each
 * PROBE_NAME below, and defines HAVE_NAME if the compiler succeeds. The comments
 * name the commit that introduced the interface.
 */
#include <linux/types.h>

#if defined(PROBE_ALLOC_CONTIG_RANGE_FLAGS)
/* 7.2: flags instead of a migrate type */
#include <linux/gfp.h>
int probe(void)
{
	return alloc_contig_range(0, 1, ACR_FLAGS_NONE, GFP_KERNEL);
}

#elif defined(PROBE_ALLOC_PAGES_BULK)
/* 6bf9b5b40af7 (6.14) */
#include <linux/gfp.h>
unsigned long probe(struct page **pages)
{
	return alloc_pages_bulk(GFP_KERNEL, 2, pages);
}

#elif defined(PROBE_ALLOC_PAGES_BULK_ARRAY)
/* 0f87d9d30f21 (5.13) */
#include <linux/gfp.h>
unsigned long probe(struct page **pages)
{
	return alloc_pages_bulk_array(GFP_KERNEL, 2, pages);
}

#elif defined(PROBE_COMPAT_PTR_IOCTL)
/* 2952db0fd51b (5.5) */
#include <linux/fs.h>
const void *probe(void)
{
	return compat_ptr_ioctl;
}

#elif defined(PROBE_COPY_FROM_KERNEL_NOFAULT)
/* fe557319aa06 (5.8) */
#include <linux/uaccess.h>
long probe(void *to, const void *from)
{
	return copy_from_kernel_nofault(to, from, 8);
}

#elif defined(PROBE_DMA_POOL_LINKS_BLOCKS)
/* da9619a30e73 (6.4): free blocks are linked across pages; no header shows it */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#error dma_pool_free() searches the pages
#endif

#elif defined(PROBE_FOLIO)
/* cc09cb134124 (5.16) */
#include <linux/gfp.h>
#include <linux/mm.h>
void probe(void)
{
	folio_put(folio_alloc(GFP_KERNEL, 0));
}

#elif defined(PROBE_KMALLOC_ALIGNS_TO_DIVISOR)
/* ad59baa31695 (6.11): to the largest power of two that divides the size; no header shows it */
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#error only powers of two are aligned to their size
#endif

#elif defined(PROBE_KMAP_LOCAL)
/* f3ba3c710ac5 (5.11) */
#include <linux/highmem.h>
void probe(struct page *page)
{
	kunmap_local(kmap_local_page(page));
}

#elif defined(PROBE_MMAP_LOCK)
/* 9740ca4e95b4 (5.8) */
#include <linux/mm.h>
int probe(struct mm_struct *mm)
{
	return mmap_read_lock_killable(mm);
}

#elif defined(PROBE_NODE_COUNTS_TABLES)
/* f0c0c115fb81 (5.11): NR_PAGETABLE was one of the zone counters before */
#include <linux/mmzone.h>
_Static_assert((int)NR_PAGETABLE >= (int)NR_VM_ZONE_STAT_ITEMS, "counted per zone");

#elif defined(PROBE_PAGE_FLAGS_TYPED)
/* 7.2: the flags of struct page are a structure */
#include <linux/mm_types.h>
unsigned long probe(struct page *page)
{
	return page->flags.f;
}

#elif defined(PROBE_PAGE_FRAG_CACHE_H)
/* 65941f10caf2 (6.13) */
#include <linux/page_frag_cache.h>

#elif defined(PROBE_PAGE_INDEX)
/* removed in 7.2 */
#include <linux/mm_types.h>
unsigned long probe(const struct page *page)
{
	return page->index;
}

#elif defined(PROBE_PAGE_MAPCOUNT)
/* removed in 6.12 */
#include <linux/mm.h>
int probe(struct page *page)
{
	return page_mapcount(page);
}

#elif defined(PROBE_PAGE_POOL_HELPERS_H)
/* a9ca9f9ceff3 (6.6) */
#include <net/page_pool/helpers.h>

#elif defined(PROBE_PAGE_POOL_PUT_FULL_PAGE)
/* 458de8a97f10 (5.7); the header was moved in 6.6 */
#include <net/page_pool.h>
void probe(struct page_pool *pool, struct page *page)
{
	page_pool_put_full_page(pool, page, false);
}

#elif defined(PROBE_PG_SLAB)
/* a flag of struct page before 6.12, a page type since */
#include <linux/page-flags.h>
int probe(void)
{
	return PG_slab;
}

#elif defined(PROBE_SLAB_COUNTERS_B)
/* d42f3245c7e2 (5.9) */
#include <linux/mmzone.h>
int probe(void)
{
	return NR_SLAB_RECLAIMABLE_B + NR_SLAB_UNRECLAIMABLE_B;
}

#elif defined(PROBE_TRACE_COMPACTION_CONTROL)
/* 5.18 */
#include <linux/mm.h>
struct compact_control;
#include <trace/events/compaction.h>
void probe(void (*fn)(void *data, struct compact_control *control, unsigned long first,
		      unsigned long end, bool sync))
{
	check_trace_callback_type_mm_compaction_begin(fn);
}

#elif defined(PROBE_TRACE_RECLAIM_MEMCG)
/* 7.2 */
#include <trace/events/vmscan.h>
void probe(void (*fn)(void *data, gfp_t gfp, int order, struct mem_cgroup *memcg))
{
	check_trace_callback_type_mm_vmscan_direct_reclaim_begin(fn);
}

#elif defined(PROBE_TRACE_SWITCH_STATE)
/* 5.18 */
#include <linux/mm.h>
#include <trace/events/sched.h>
void probe(void (*fn)(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int state))
{
	check_trace_callback_type_sched_switch(fn);
}

#elif defined(PROBE_TRACE_VMALLOC)
/* 6.2 */
#include <trace/events/vmalloc.h>

#elif defined(PROBE_TRACE_WORK_FUNCTION)
/* 1c5da0ec7f20 (5.6) */
#include <linux/workqueue.h>
#include <trace/events/workqueue.h>
void probe(void (*fn)(void *data, struct work_struct *work, work_func_t function))
{
	check_trace_callback_type_workqueue_execute_end(fn);
}

#elif defined(PROBE_TRACE_ZONE_LOCKED_REFILL)
/* 5.14 */
#include <linux/mm.h>
#include <trace/events/kmem.h>
void probe(void (*fn)(void *data, struct page *page, unsigned int order, int migratetype,
		      int refill))
{
	check_trace_callback_type_mm_page_alloc_zone_locked(fn);
}

#elif defined(PROBE_VM_FLAGS_SET)
/* bc292ab00f6c (6.3) */
#include <linux/mm.h>
void probe(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_DONTEXPAND);
}

#elif defined(PROBE_VMALLOC_TWO_ARGUMENTS)
/* 88dca4ca5a93 (5.8) */
#include <linux/gfp.h>
#include <linux/vmalloc.h>
void *probe(void)
{
	return __vmalloc(4096, GFP_KERNEL);
}

#elif defined(PROBE_X86_IRQ_STAT_COUNTS)
/* 7.2: the interrupt counters of x86 are an array */
#include <linux/hardirq.h>
unsigned int probe(void)
{
	return this_cpu_read(irq_stat.counts[IRQ_COUNT_APIC_TIMER]);
}

#elif defined(PROBE_ZONE_PER_CPU_PAGESET)
/* 43c95bcc51e4 (5.14): the per-CPU structure was split into lists and statistics */
#include <linux/mmzone.h>
int probe(struct zone *zone)
{
	return raw_cpu_ptr(zone->per_cpu_pageset)->count +
	       raw_cpu_ptr(zone->per_cpu_zonestats)->vm_stat_diff[NR_FREE_PAGES];
}
#endif
