/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock: one fixed asm block at every site. The start goes straight to
 * memory: no register has to stay alive over the body that is measured. What
 * the compiler still puts between the reads is the body's own: loading its
 * arguments, and keeping its result, one to three instructions.
 */
#ifndef KMEMLAB_CLOCK_H
#define KMEMLAB_CLOCK_H

#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/types.h>

#include <linux/kmemlab.h>

#include "compat/interrupts.h"

/* Written by asm: the order and width of the fields are fixed. */
struct kmemlab_start {
	u32 low;
	u32 high;
} __aligned(8);

#if defined(CONFIG_X86_64)

#define KMEMLAB_CLOCK_NAME	"tsc"

static __always_inline void kmemlab_clock_begin(struct kmemlab_start *start)
{
	asm volatile("lfence\n\t"
		     "rdtsc\n\t"
		     "movl %%eax, %0\n\t"
		     "movl %%edx, %1\n\t"
		     "lfence"
		     : "=m" (start->low), "=m" (start->high)
		     : : "eax", "edx", "memory");
}

static __always_inline u64 kmemlab_clock_end(void)
{
	u32 low, high;

	asm volatile("lfence\n\t"
		     "rdtsc"
		     : "=a" (low), "=d" (high) : : "memory");
	return (u64)high << 32 | low;
}

#elif defined(CONFIG_ARM64)

#define KMEMLAB_CLOCK_NAME	"cntvct"

static __always_inline void kmemlab_clock_begin(struct kmemlab_start *start)
{
	u64 now;

	asm volatile("isb\n\t"
		     "mrs %1, cntvct_el0\n\t"
		     "str %1, %0\n\t"
		     "isb"
		     : "=Q" (*(u64 *)start), "=&r" (now) : : "memory");
}

static __always_inline u64 kmemlab_clock_end(void)
{
	u64 now;

	asm volatile("isb\n\t"
		     "mrs %0, cntvct_el0"
		     : "=r" (now) : : "memory");
	return now;
}

#elif defined(CONFIG_ARM) && defined(CONFIG_CPU_V7)

#define KMEMLAB_CLOCK_NAME	"cntvct"

/* Cortex-A8 and A9 run the same kernels and have no generic timer: reading it is undefined. */
#define KMEMLAB_CLOCK_MAY_BE_MISSING	1

static inline bool kmemlab_clock_missing(void)
{
	u32 features;

	asm("mrc p15, 0, %0, c0, c1, 1" : "=r" (features));
	return !(features >> 16 & 0xf);
}

static __always_inline void kmemlab_clock_begin(struct kmemlab_start *start)
{
	u32 low, high;

	asm volatile("isb\n\t"
		     "mrrc p15, 1, %2, %3, c14\n\t"
		     "str %2, %0\n\t"
		     "str %3, %1\n\t"
		     "isb"
		     : "=m" (start->low), "=m" (start->high), "=&r" (low), "=&r" (high)
		     : : "memory");
}

static __always_inline u64 kmemlab_clock_end(void)
{
	u32 low, high;

	asm volatile("isb\n\t"
		     "mrrc p15, 1, %0, %1, c14"
		     : "=r" (low), "=r" (high) : : "memory");
	return (u64)high << 32 | low;
}

#else

#define KMEMLAB_CLOCK_NAME	"ktime"

static __always_inline void kmemlab_clock_begin(struct kmemlab_start *start)
{
	u64 now = ktime_get_ns();

	start->low = now;
	start->high = now >> 32;
	barrier();
}

static __always_inline u64 kmemlab_clock_end(void)
{
	barrier();
	return ktime_get_ns();
}

#endif

#ifndef KMEMLAB_CLOCK_MAY_BE_MISSING
static inline bool kmemlab_clock_missing(void)
{
	return false;
}
#endif

/* 0 where another CPU's clock, which a migration can lead to, lies behind. */
static __always_inline u64 kmemlab_clock_since(const struct kmemlab_start *start, u64 end)
{
	s64 ticks = end - ((u64)start->high << 32 | start->low);

	return max_t(s64, ticks, 0);
}

/* What may hit an operation; read outside the clock reads. */
struct kmemlab_disturbance {
	unsigned long waited;		/* gave the CPU up */
	unsigned long preempted;
	unsigned int interrupts;
	int cpu;
};

static __always_inline void kmemlab_disturbance_read(struct kmemlab_disturbance *d)
{
	d->waited = current->nvcsw;
	d->preempted = current->nivcsw;
	d->interrupts = compat_interrupts_here();
	d->cpu = raw_smp_processor_id();
}

static __always_inline u32 kmemlab_disturbance_tags(const struct kmemlab_disturbance *before)
{
	struct kmemlab_disturbance now;
	u32 tags = 0;

	kmemlab_disturbance_read(&now);
	if (unlikely(now.cpu != before->cpu))
		tags |= KMEMLAB_SAMPLE_MIGRATED;
	else if (unlikely(now.interrupts != before->interrupts))
		tags |= KMEMLAB_SAMPLE_INTERRUPTED;
	if (unlikely(now.waited != before->waited))
		tags |= KMEMLAB_SAMPLE_SLEPT;
	if (unlikely(now.preempted != before->preempted))
		tags |= KMEMLAB_SAMPLE_SWITCHED;
	return tags;
}

#endif
