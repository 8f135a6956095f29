/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's clock, read in user space with the same asm blocks; module/clock.h explains
 * them.
 */
#ifndef KMEMLAB_RUNNER_CLOCK_USER_H
#define KMEMLAB_RUNNER_CLOCK_USER_H

#include <stdint.h>
#include <time.h>

#include <linux/kmemlab.h>

#define CLOCK_USER_INLINE	static inline __attribute__((always_inline))

#if defined(__x86_64__) || defined(__i386__)

CLOCK_USER_INLINE void clock_user_begin(uint32_t start[2])
{
	asm volatile("lfence\n\t"
		     "rdtsc\n\t"
		     "movl %%eax, %0\n\t"
		     "movl %%edx, %1\n\t"
		     "lfence"
		     : "=m" (start[0]), "=m" (start[1])
		     : : "eax", "edx", "memory");
}

CLOCK_USER_INLINE uint64_t clock_user_end(void)
{
	uint32_t low, high;

	asm volatile("lfence\n\t"
		     "rdtsc"
		     : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#elif defined(__aarch64__)

CLOCK_USER_INLINE void clock_user_begin(uint32_t start[2])
{
	uint64_t now;

	asm volatile("isb\n\t"
		     "mrs %2, cntvct_el0\n\t"
		     "str %w2, %0\n\t"
		     "lsr %2, %2, #32\n\t"
		     "str %w2, %1\n\t"
		     "isb"
		     : "=m" (start[0]), "=m" (start[1]), "=&r" (now) : : "memory");
}

CLOCK_USER_INLINE uint64_t clock_user_end(void)
{
	uint64_t now;

	asm volatile("isb\n\t"
		     "mrs %0, cntvct_el0"
		     : "=r" (now) : : "memory");
	return now;
}

#elif defined(__arm__) && __ARM_ARCH >= 7

CLOCK_USER_INLINE void clock_user_begin(uint32_t start[2])
{
	uint32_t low, high;

	asm volatile("isb\n\t"
		     "mrrc p15, 1, %2, %3, c14\n\t"
		     "str %2, %0\n\t"
		     "str %3, %1\n\t"
		     "isb"
		     : "=m" (start[0]), "=m" (start[1]), "=&r" (low), "=&r" (high)
		     : : "memory");
}

CLOCK_USER_INLINE uint64_t clock_user_end(void)
{
	uint32_t low, high;

	asm volatile("isb\n\t"
		     "mrrc p15, 1, %0, %1, c14"
		     : "=r" (low), "=r" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#else

CLOCK_USER_INLINE uint64_t clock_user_end(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

CLOCK_USER_INLINE void clock_user_begin(uint32_t start[2])
{
	uint64_t now = clock_user_end();

	start[0] = now;
	start[1] = now >> 32;
}

#endif

CLOCK_USER_INLINE uint64_t clock_user_since(const uint32_t start[2], uint64_t end)
{
	return end - ((uint64_t)start[1] << 32 | start[0]);
}

/* Execute a mark, as kmemlab_trace_mark(). On ARM, the function must not be Thumb code. */
#if defined(__x86_64__) || defined(__i386__)
#define clock_user_mark(number)							\
	asm volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0"			\
		     : : "i" (KMEMLAB_MARK_MAGIC << 16 | (number)) : "memory")
#elif defined(__aarch64__)
#define clock_user_mark(number)							\
	asm volatile(".inst 0xd280001f | %c0 << 5"				\
		     : : "i" ((KMEMLAB_MARK_MAGIC & 0xfff0) | (number)) : "memory")
#elif defined(__arm__)
#define clock_user_mark(number)							\
	asm volatile(".inst 0xe320f0f0 | %c0" : : "i" (8 | (number)) : "memory")
#else
#define clock_user_mark(number)	do { } while (0)
#endif

/* Return twice the repetitions of string instructions so far, as kmemlab_string_read(). */
CLOCK_USER_INLINE uint64_t clock_user_strings(const volatile struct kmemlab_string_counters *counters)
{
#if defined(__x86_64__) || defined(__i386__)
	clock_user_mark(KMEMLAB_MARK_COUNTERS);
#endif
	return 2 * counters->repeats + counters->copies;
}

/* Return the bytes that string instructions wrote until clock_user_strings() was called. */
CLOCK_USER_INLINE struct kmemlab_string_bytes
clock_user_string_bytes(const volatile struct kmemlab_string_counters *counters)
{
	return (struct kmemlab_string_bytes){ counters->stored_bytes, counters->copy_bytes / 2 };
}

#endif
