/* SPDX-License-Identifier: GPL-2.0 */
/* Samples: what each operation cost, in memory that was there before. */
#ifndef KMEMLAB_SAMPLE_H
#define KMEMLAB_SAMPLE_H

#include <linux/types.h>

#include <linux/kmemlab.h>

#include "clock.h"

#define KMEMLAB_OVERFLOWS_MAX	1024

/* Samples beyond the capacity asked for: of operations that are forgotten at once. */
#define KMEMLAB_RECORDER_SPARE	1024

/**
 * struct kmemlab_recorder - the samples of one direction
 * @values: 28 bits of ticks and four tag bits for each operation
 * @capacity: how many @values there is room for
 * @count: how many were taken
 * @overflows: the exact values of samples that 28 bits cannot hold
 * @overflow_count: how many of them; beyond KMEMLAB_OVERFLOWS_MAX only counted
 * @total: sum of all samples in ticks, the clock's overhead included
 */
struct kmemlab_recorder {
	u32 *values;
	size_t capacity;
	size_t count;
	struct kmemlab_overflow *overflows;
	size_t overflow_count;
	u64 total;
};

int kmemlab_recorder_create(struct kmemlab_recorder *recorder, size_t capacity);
void kmemlab_recorder_destroy(struct kmemlab_recorder *recorder);
void kmemlab_recorder_overflow(struct kmemlab_recorder *recorder, u64 ticks);

/*
 * Copies to user space what @to has room for, behind what it says is there
 * already; the indices of overflows then count from there. Return: 0 or -EFAULT.
 */
int kmemlab_recorder_copy(struct kmemlab_recorder *recorder, struct kmemlab_samples *to);

static __always_inline void kmemlab_record(struct kmemlab_recorder *recorder, u64 ticks, u32 tags)
{
	u32 value = ticks;

	if (unlikely(ticks >= KMEMLAB_SAMPLE_VALUE)) {
		value = KMEMLAB_SAMPLE_VALUE;
		kmemlab_recorder_overflow(recorder, ticks);
	}
	recorder->values[recorder->count++] = value | tags;
	recorder->total += ticks;
}

#endif
