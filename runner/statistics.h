/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics of samples. Percentiles are exact, by nearest rank. */
#ifndef KMEMLAB_RUNNER_STATISTICS_H
#define KMEMLAB_RUNNER_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

/* In ticks, net of the clock's overhead. Without samples, NO_COUNT and NAN. */
struct stats {
	uint64_t samples;
	uint64_t min, p50, p90, p99, p999, max;
	uint64_t total;
	double mean;
};

/* Number of parts that the uninterrupted operations are split into; the last one takes the rest. */
#define COST_CLASSES_MAX	8
#define COST_PARTS_MAX		(COST_CLASSES_MAX + 2)

/* Operations of one kind. The ticks of all parts add up to all ticks that were spent. */
struct cost_part {
	const char *name;		/* "fast_path", "slow", "interrupted" or "deferred" */
	uint64_t min, max;		/* ticks of an operation; NO_COUNT: not an operation */
	uint64_t operations;
	uint64_t ticks;
};

/* Number of different costs that a distribution can have. */
#define DISTRIBUTION_MAX	1000

struct value_count {
	uint64_t ticks, operations;
};

/* Cost of one direction. */
struct cost {
	uint64_t objects_per_operation;
	uint64_t interrupted;	/* samples hit by an interrupt, a switch or a migration */
	uint64_t slept;		/* samples whose operation slept */
	struct stats uninterrupted;	/* neither interrupted nor slept */
	struct stats all;		/* did not sleep */
	double loop_mean;	/* ticks per operation without clock reads; NAN: not measured */
	double quarter_min;	/* smallest mean of a quarter of the operations; NAN: one is empty */
	double quarter_max;	/* largest one */
	struct cost_part parts[COST_PARTS_MAX];
	size_t part_count;
	struct value_count distribution[DISTRIBUTION_MAX];	/* of uninterrupted, ascending */
	size_t distribution_count;	/* 0: no samples, or too many different costs */
	double mean;		/* ticks per object: the sum of the next three that are not NAN */
	double fast_path, slow, deferred;
	double cleared_bytes, copied_bytes;	/* by string instructions, per object; NAN: unknown */
	double mean_all;	/* the same with interrupted operations and what interrupted them */
};

/* Compare two uint64_t, for qsort(). */
int compare_u64(const void *a, const void *b);

/*
 * Return the value of a sample without tags. overflows holds the values of those that read
 * KMEMLAB_SAMPLE_VALUE, in the order of samples; *next is 0 before the first of a series of calls
 * with ascending indices.
 */
uint64_t exact_ticks(const uint32_t *samples, size_t index,
		     const struct kmemlab_overflow *overflows, size_t overflow_count, size_t *next);

/*
 * Compute the statistics of samples[count], as the module returns them. overflows holds the
 * exact values of the samples that read KMEMLAB_SAMPLE_VALUE. Sets the tags, both statistics,
 * the means of quarters, the parts and the distribution. Return: 0 or -ENOMEM.
 */
int cost_from_samples(const uint32_t *samples, size_t count,
		      const struct kmemlab_overflow *overflows, size_t overflow_count,
		      uint32_t overhead, struct cost *cost);

/*
 * Set the means per object from the parts. objects is the number of objects that the
 * operations covered, including those that slept; 0 means one per operation. deferred_ticks
 * is the cost after the last operation for deferred_objects, or NO_COUNT.
 */
void cost_set_means(struct cost *cost, uint64_t objects, uint64_t deferred_ticks,
		    uint64_t deferred_objects);

#endif
