/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows how kernels differ. compat/config.h comes from
 * compat/probe.sh, which asks the kernel's own headers and symbol list.
 */
#ifndef KMEMLAB_COMPAT_H
#define KMEMLAB_COMPAT_H

#include <linux/hardirq.h>
#include <linux/highmem.h>
#include <linux/kernel_stat.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/uaccess.h>

#include "compat/config.h"

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

/* f3ba3c710ac5 (5.11) made mappings that are local to the task. */
#ifdef HAVE_KMAP_LOCAL
#define compat_kmap(page)	kmap_local_page(page)
#define compat_kunmap(address)	kunmap_local(address)
#else
#define compat_kmap(page)	kmap_atomic(page)
#define compat_kunmap(address)	kunmap_atomic(address)
#endif

/* Page tables are counted by node since f0c0c115fb81 (5.11), by zone before. */
#ifdef HAVE_NODE_COUNTS_TABLES
#define COMPAT_TABLES_BY_NODE	1
#else
#define COMPAT_TABLES_BY_NODE	0
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
 * compat_interrupts_here() - interrupts that this CPU has taken
 *
 * x86 counts its own vectors (timer, inter-processor calls) apart from the
 * interrupts of devices; elsewhere kstat has them all.
 */
static __always_inline unsigned int compat_interrupts_here(void)
{
	unsigned int count = raw_cpu_read(kstat.irqs_sum);

#if defined(CONFIG_X86_LOCAL_APIC) && defined(CONFIG_SMP)
#ifdef HAVE_X86_IRQ_STAT_COUNTS
	count += raw_cpu_read(irq_stat.counts[IRQ_COUNT_APIC_TIMER]);
	count += raw_cpu_read(irq_stat.counts[IRQ_COUNT_IRQ_WORK]);
	count += raw_cpu_read(irq_stat.counts[IRQ_COUNT_RESCHEDULE]);
	count += raw_cpu_read(irq_stat.counts[IRQ_COUNT_CALL_FUNCTION]);
#else
	count += raw_cpu_read(irq_stat.apic_timer_irqs);
	count += raw_cpu_read(irq_stat.apic_irq_work_irqs);
	count += raw_cpu_read(irq_stat.irq_resched_count);
	count += raw_cpu_read(irq_stat.irq_call_count);
#endif
#endif
	return count;
}

#endif
