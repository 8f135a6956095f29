/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that surrounds one timed operation: the clock, the noise counters
 * and the trace marks.
 *
 * The clock is one fixed asm block at every site. The start value is stored to
 * memory, so no register has to stay live across the measured body. Between the
 * two reads the compiler only adds what the body needs: one to three
 * instructions that load its arguments and keep its result.
 */
#ifndef KMEMLAB_CLOCK_H
#define KMEMLAB_CLOCK_H

#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/stringify.h>
#include <linux/types.h>

#include <linux/kmemlab.h>

#include "compat/interrupts.h"
#include "string_counters.h"

/*
 * Trace marks: instructions without effect that no other code uses. An emulator
 * that recognizes them (plugin/marks.c) knows where an operation begins and ends.
 * They stay outside of the two clock reads.
 */
#if defined(CONFIG_X86_64)
/* nopl DISPLACEMENT(%rax) */
#define kmemlab_trace_mark(number)						\
	asm volatile(".byte 0x0f, 0x1f, 0x80\n\t"				\
		     ".long %c0" : : "i" (KMEMLAB_MARK_MAGIC << 16 | (number)) : "memory")
#elif defined(CONFIG_ARM64)
/* movz xzr, #NUMBER */
#define kmemlab_trace_mark(number)						\
	asm volatile(".inst 0xd280001f | %c0 << 5"				\
		     : : "i" ((KMEMLAB_MARK_MAGIC & 0xfff0) | (number)) : "memory")
#elif defined(CONFIG_ARM)
/* dbg #NUMBER, a debug hint */
#define kmemlab_trace_mark(number)						\
	asm volatile(".inst 0xe320f0f0 | %c0" : : "i" (8 | (number)) : "memory")
#else
#define kmemlab_trace_mark(number)	do { } while (0)
#endif

/*
 * Return twice the repetitions of string instructions so far, which the clock counts and a CPU
 * does not retire; 0 where nothing counts them. Twice, because a copy accesses memory twice.
 */
static __always_inline u64 kmemlab_string_read(void)
{
#ifdef CONFIG_X86_64
	kmemlab_trace_mark(KMEMLAB_MARK_COUNTERS);
	return 2 * READ_ONCE(kmemlab_string_counters->repeats) +
	       READ_ONCE(kmemlab_string_counters->copies);
#else
	return 0;
#endif
}

/* Read right after kmemlab_string_read(), which executes the mark. */
static __always_inline void kmemlab_string_bytes_read(struct kmemlab_string_bytes *bytes)
{
#ifdef CONFIG_X86_64
	bytes->stored = READ_ONCE(kmemlab_string_counters->stored_bytes);
	bytes->copied = READ_ONCE(kmemlab_string_counters->copy_bytes) / 2;
#else
	bytes->stored = 0;
	bytes->copied = 0;
#endif
}

/**
 * struct kmemlab_start - start time of an operation
 * @low: lower half of the clock value
 * @high: upper half of the clock value
 * @strings: kmemlab_string_read() before the operation
 * @bytes: bytes that string instructions wrote before the operation
 *
 * Written by asm: order and width of the first two fields are fixed.
 */
struct kmemlab_start {
	u32 low;
	u32 high;
	u64 strings;
	struct kmemlab_string_bytes bytes;
} __aligned(8);

#if defined(CONFIG_X86_64)

#define KMEMLAB_CLOCK_NAME	"tsc"

static __always_inline void kmemlab_clock_read_first(struct kmemlab_start *start)
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

static __always_inline void kmemlab_clock_read_first(struct kmemlab_start *start)
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

/* Cortex-A8 and A9 have no generic timer: reading it is an undefined instruction. */
#define KMEMLAB_CLOCK_MAY_BE_MISSING	1

static inline bool kmemlab_clock_missing(void)
{
	u32 features;

	asm("mrc p15, 0, %0, c0, c1, 1" : "=r" (features));
	return !(features >> 16 & 0xf);
}

static __always_inline void kmemlab_clock_read_first(struct kmemlab_start *start)
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

static __always_inline void kmemlab_clock_read_first(struct kmemlab_start *start)
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

/**
 * kmemlab_clock_begin() - read the clock before an operation
 * @start: filled in; the last thing that is done is to read the clock
 */
static __always_inline void kmemlab_clock_begin(struct kmemlab_start *start)
{
	start->strings = kmemlab_string_read();
	kmemlab_string_bytes_read(&start->bytes);
	kmemlab_clock_read_first(start);
}

/* Return the clock ticks between two reads, including repetitions of string instructions. */
static __always_inline u64 kmemlab_clock_between(const struct kmemlab_start *start, u64 end)
{
	return end - ((u64)start->high << 32 | start->low);
}

/**
 * kmemlab_clock_since() - ticks between two clock reads
 * @start: value stored by kmemlab_clock_begin()
 * @end: value returned by kmemlab_clock_end()
 *
 * An emulator's clock counts each repetition of a string instruction, a CPU retires the
 * instruction once: the repetitions are subtracted.
 *
 * Return: the difference, or 0 if the task migrated to a CPU whose clock lags.
 */
static __always_inline u64 kmemlab_clock_since(const struct kmemlab_start *start, u64 end)
{
	s64 ticks = kmemlab_clock_between(start, end);

	ticks -= (kmemlab_string_read() - start->strings) / 2;
	return max_t(s64, ticks, 0);
}

/**
 * kmemlab_clock_now() - read the clock without repetitions of string instructions
 *
 * Return: ticks since an arbitrary moment; as exact as kmemlab_clock_since(), but the
 * reading takes longer.
 */
static __always_inline u64 kmemlab_clock_now(void)
{
	u64 ticks = kmemlab_clock_end();

	return ticks - kmemlab_string_read() / 2;
}

/**
 * struct kmemlab_noise - counters of events that can disturb an operation
 * @waited: voluntary context switches of the task
 * @preempted: involuntary context switches of the task
 * @interrupts: interrupts taken by the CPU
 * @cpu: CPU that the task runs on
 *
 * Read outside of the two clock reads.
 */
struct kmemlab_noise {
	unsigned long waited;
	unsigned long preempted;
	unsigned int interrupts;
	int cpu;
};

static __always_inline void kmemlab_noise_read(struct kmemlab_noise *noise)
{
	noise->waited = current->nvcsw;
	noise->preempted = current->nivcsw;
	noise->interrupts = compat_interrupts_here();
	noise->cpu = raw_smp_processor_id();
	/* In registers, they would be saved and restored around a call of the operation. */
	barrier_data(noise);
}

/**
 * kmemlab_noise_tags() - events that disturbed an operation
 * @before: counters read before the operation
 *
 * Return: KMEMLAB_SAMPLE_* tags.
 */
static __always_inline u32 kmemlab_noise_tags(const struct kmemlab_noise *before)
{
	struct kmemlab_noise now;
	u32 tags = 0;

	kmemlab_noise_read(&now);
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
