/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's clock, read in user space: the same fixed asm block at every
 * site, the start straight to memory (module/clock.h says why).
 */
#ifndef KMEMLAB_USER_CLOCK_H
#define KMEMLAB_USER_CLOCK_H

#include <stdint.h>
#include <time.h>

#define USER_CLOCK_INLINE	static inline __attribute__((always_inline))

#if defined(__x86_64__) || defined(__i386__)

USER_CLOCK_INLINE void user_clock_begin(uint32_t start[2])
{
	asm volatile("lfence\n\t"
		     "rdtsc\n\t"
		     "movl %%eax, %0\n\t"
		     "movl %%edx, %1\n\t"
		     "lfence"
		     : "=m" (start[0]), "=m" (start[1])
		     : : "eax", "edx", "memory");
}

USER_CLOCK_INLINE uint64_t user_clock_end(void)
{
	uint32_t low, high;

	asm volatile("lfence\n\t"
		     "rdtsc"
		     : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#elif defined(__aarch64__)

USER_CLOCK_INLINE void user_clock_begin(uint32_t start[2])
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

USER_CLOCK_INLINE uint64_t user_clock_end(void)
{
	uint64_t now;

	asm volatile("isb\n\t"
		     "mrs %0, cntvct_el0"
		     : "=r" (now) : : "memory");
	return now;
}

#elif defined(__arm__) && __ARM_ARCH >= 7

USER_CLOCK_INLINE void user_clock_begin(uint32_t start[2])
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

USER_CLOCK_INLINE uint64_t user_clock_end(void)
{
	uint32_t low, high;

	asm volatile("isb\n\t"
		     "mrrc p15, 1, %0, %1, c14"
		     : "=r" (low), "=r" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#else

USER_CLOCK_INLINE uint64_t user_clock_end(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

USER_CLOCK_INLINE void user_clock_begin(uint32_t start[2])
{
	uint64_t now = user_clock_end();

	start[0] = now;
	start[1] = now >> 32;
}

#endif

USER_CLOCK_INLINE uint64_t user_clock_since(const uint32_t start[2], uint64_t end)
{
	return end - ((uint64_t)start[1] << 32 | start[0]);
}

#endif
