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
#include <linux/mmzone.h>
#include <linux/percpu.h>

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

/* x86 counts its own vectors (timer, calls of other CPUs, NMIs ...) apart from devices'. */
#if !defined(CONFIG_X86_LOCAL_APIC) || !defined(CONFIG_SMP)
static __always_inline unsigned int compat_vectors_here(void)
{
	return 0;
}
#elif defined(HAVE_X86_IRQ_STAT_COUNTS)
static __always_inline unsigned int compat_vectors_here(void)
{
	unsigned int i, count = 0;

	for (i = 0; i < IRQ_COUNT_MAX; i++)
		count += raw_cpu_read(irq_stat.counts[i]);
	return count;
}
#else
static __always_inline unsigned int compat_vectors_here(void)
{
	unsigned int count = raw_cpu_read(irq_stat.apic_timer_irqs);

	count += raw_cpu_read(irq_stat.__nmi_count);
	count += raw_cpu_read(irq_stat.apic_perf_irqs);
	count += raw_cpu_read(irq_stat.apic_irq_work_irqs);
	count += raw_cpu_read(irq_stat.x86_platform_ipis);
	count += raw_cpu_read(irq_stat.irq_resched_count);
	count += raw_cpu_read(irq_stat.irq_call_count);
#ifdef CONFIG_X86_THERMAL_VECTOR
	count += raw_cpu_read(irq_stat.irq_thermal_count);
#endif
#ifdef CONFIG_X86_MCE_THRESHOLD
	count += raw_cpu_read(irq_stat.irq_threshold_count);
#endif
#ifdef CONFIG_X86_HV_CALLBACK_VECTOR
	count += raw_cpu_read(irq_stat.irq_hv_callback_count);
#endif
#if IS_ENABLED(CONFIG_HYPERV)
	count += raw_cpu_read(irq_stat.hyperv_stimer0_count);
#endif
	return count;
}
#endif

/*
 * compat_interrupts_here() - interrupts that this CPU has counted
 *
 * What no kernel counts stays unseen: system management mode, and time that a
 * hypervisor took.
 */
static __always_inline unsigned int compat_interrupts_here(void)
{
	return raw_cpu_read(kstat.irqs_sum) + compat_vectors_here();
}

#endif
