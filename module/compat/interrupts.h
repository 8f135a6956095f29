/* SPDX-License-Identifier: GPL-2.0-only */
/* Number of interrupts of a CPU, as far as the kernel counts them. */
#ifndef KMEMLAB_COMPAT_INTERRUPTS_H
#define KMEMLAB_COMPAT_INTERRUPTS_H

#include <linux/hardirq.h>
#include <linux/kernel_stat.h>
#include <linux/percpu.h>

#include "compat/config.h"

/* x86 counts its own vectors (timer, IPIs, NMIs ...) separately from those of devices. */
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
 * compat_interrupts_here() - number of interrupts that this CPU has taken
 *
 * System management mode and time taken by a hypervisor are not counted by any
 * kernel.
 */
static __always_inline unsigned int compat_interrupts_here(void)
{
	return raw_cpu_read(kstat.irqs_sum) + compat_vectors_here();
}

#endif
