/* SPDX-License-Identifier: GPL-2.0 */
/* What is drawn by lot: the same from the same seed, on every kernel. */
#ifndef KMEMLAB_LOTTERY_H
#define KMEMLAB_LOTTERY_H

#include <linux/math64.h>
#include <linux/types.h>

/* splitmix64: any seed will do. */
static inline u64 kmemlab_draw(u64 *state)
{
	u64 x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/* From 0 to @count - 1. */
static inline size_t kmemlab_draw_below(u64 *state, size_t count)
{
	return mul_u64_u64_shr(kmemlab_draw(state) >> 1, count, 63);
}

#endif
