/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples: the cost of each operation, recorded in preallocated memory. */
#ifndef KMEMLAB_SAMPLE_H
#define KMEMLAB_SAMPLE_H

#include <linux/types.h>

#include <linux/kmemlab.h>

#include "clock.h"

#define KMEMLAB_OVERFLOWS_MAX	1024

/* Samples beyond the capacity, for operations whose samples are discarded at once */
#define KMEMLAB_RECORDER_SPARE	1024

/**
 * struct kmemlab_recorder - samples of one direction
 * @values: 28 bits of ticks and four tag bits per operation
 * @capacity: number of samples that @values has room for
 * @count: number of samples taken
 * @overflows: exact values of the samples that do not fit into 28 bits
 * @overflow_count: number of overflows; only counted beyond KMEMLAB_OVERFLOWS_MAX
 * @total: sum of all samples in ticks, including the clock's overhead
 * @longest: clock ticks of the longest operation without tags
 * @bytes: bytes that string instructions wrote in all operations
 */
struct kmemlab_recorder {
	u32 *values;
	size_t capacity;
	size_t count;
	struct kmemlab_overflow *overflows;
	size_t overflow_count;
	u64 total;
	u64 longest;
	struct kmemlab_string_bytes bytes;
};

int kmemlab_recorder_create(struct kmemlab_recorder *recorder, size_t capacity);
void kmemlab_recorder_destroy(struct kmemlab_recorder *recorder);
void kmemlab_recorder_overflow(struct kmemlab_recorder *recorder, u64 ticks);
int kmemlab_recorder_copy(struct kmemlab_recorder *recorder, struct kmemlab_samples *to);

/* Record the operation between two clock reads, right after the second one. */
static __always_inline void kmemlab_record(struct kmemlab_recorder *recorder,
					   const struct kmemlab_start *start, u64 end,
					   const struct kmemlab_noise *before)
{
	const u64 ticks = kmemlab_clock_since(start, end);
	struct kmemlab_string_bytes bytes;
	u32 value = ticks, tags;

	kmemlab_trace_mark(KMEMLAB_MARK_DONE);
	tags = kmemlab_noise_tags(before);
	kmemlab_string_bytes_read(&bytes);
	recorder->bytes.stored += bytes.stored - start->bytes.stored;
	recorder->bytes.copied += bytes.copied - start->bytes.copied;
	if (unlikely(ticks >= KMEMLAB_SAMPLE_VALUE)) {
		value = KMEMLAB_SAMPLE_VALUE;
		kmemlab_recorder_overflow(recorder, ticks);
	}
	recorder->values[recorder->count++] = value | tags;
	recorder->total += ticks;
	if (likely(!tags))
		recorder->longest = max(recorder->longest, kmemlab_clock_between(start, end));
}

#endif
