// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runner/record_writer.h"

#define RADIX_BITS	14
#define RADIX_BUCKETS	(1U << RADIX_BITS)

#define TAGS	(~KMEMLAB_SAMPLE_VALUE)

/* Sort in two stable passes of 14 bits each. After the second one, the result is in values. */
static void radix_sort(uint32_t *values, uint32_t *scratch, size_t count, size_t *starts)
{
	uint32_t *from = values, *to = scratch;
	unsigned int shift;
	size_t i;

	for (shift = 0; shift < 2 * RADIX_BITS; shift += RADIX_BITS) {
		size_t sum = 0;
		uint32_t *swap;

		memset(starts, 0, RADIX_BUCKETS * sizeof(*starts));
		for (i = 0; i < count; i++)
			starts[(from[i] >> shift) & (RADIX_BUCKETS - 1)]++;
		for (i = 0; i < RADIX_BUCKETS; i++) {
			size_t bucket_size = starts[i];

			starts[i] = sum;
			sum += bucket_size;
		}
		for (i = 0; i < count; i++)
			to[starts[(from[i] >> shift) & (RADIX_BUCKETS - 1)]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
}

int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted samples: those that fit 28 bits, followed by the larger ones. */
struct sorted_samples {
	uint32_t *small;
	size_t small_count;
	uint64_t *large;
	size_t large_count;
	uint32_t overhead;
};

static uint64_t net_ticks(uint64_t ticks, uint32_t overhead)
{
	return ticks > overhead ? ticks - overhead : 0;
}

static uint64_t value_at_rank(const struct sorted_samples *sorted, size_t rank)
{
	uint64_t ticks = rank <= sorted->small_count ?
			 sorted->small[rank - 1] :
			 sorted->large[rank - 1 - sorted->small_count];

	return net_ticks(ticks, sorted->overhead);
}

/* Return the smallest value that at least per_mille of all samples do not exceed. */
static uint64_t percentile(const struct sorted_samples *sorted, uint64_t samples,
			   unsigned int per_mille)
{
	uint64_t rank = samples / 1000 * per_mille + (samples % 1000 * per_mille + 999) / 1000;

	return value_at_rank(sorted, rank ? rank : 1);
}

static uint64_t compute_total(const struct sorted_samples *sorted)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < sorted->small_count; i++)
		sum += net_ticks(sorted->small[i], sorted->overhead);
	for (i = 0; i < sorted->large_count; i++)
		sum += net_ticks(sorted->large[i], sorted->overhead);
	return sum;
}

static void compute_stats(const struct sorted_samples *sorted, struct stats *stats)
{
	/* NO_COUNT and NAN */
	memset(stats, 0xff, sizeof(*stats));
	stats->samples = sorted->small_count + sorted->large_count;
	if (!stats->samples)
		return;
	stats->min = value_at_rank(sorted, 1);
	stats->p50 = percentile(sorted, stats->samples, 500);
	stats->p90 = percentile(sorted, stats->samples, 900);
	stats->p99 = percentile(sorted, stats->samples, 990);
	stats->p999 = percentile(sorted, stats->samples, 999);
	stats->max = value_at_rank(sorted, stats->samples);
	stats->total = compute_total(sorted);
	stats->mean = (double)stats->total / stats->samples;
}

uint64_t exact_ticks(const uint32_t *samples, size_t index,
		     const struct kmemlab_overflow *overflows, size_t overflow_count, size_t *next)
{
	uint32_t value = samples[index] & KMEMLAB_SAMPLE_VALUE;

	while (value == KMEMLAB_SAMPLE_VALUE && *next < overflow_count)
		if (overflows[(*next)++].index == index)
			return overflows[*next - 1].value;
	return value;
}

/* Compare the means of four quarters in the order of operations: they show a drift. */
static void compute_quarters(const uint32_t *samples, size_t count,
			     const struct kmemlab_overflow *overflows, size_t overflow_count,
			     uint32_t overhead, struct cost *cost)
{
	size_t quarter, i, next = 0;

	cost->quarter_min = INFINITY;
	cost->quarter_max = 0;
	for (quarter = 0; quarter < 4; quarter++) {
		uint64_t clean = 0, sum = 0;
		double mean;

		for (i = count * quarter / 4; i < count * (quarter + 1) / 4; i++) {
			if (samples[i] & TAGS)
				continue;
			clean++;
			sum += net_ticks(exact_ticks(samples, i, overflows, overflow_count, &next),
					 overhead);
		}
		if (!clean) {
			cost->quarter_min = cost->quarter_max = NAN;
			return;
		}
		mean = (double)sum / clean;
		if (mean < cost->quarter_min)
			cost->quarter_min = mean;
		if (mean > cost->quarter_max)
			cost->quarter_max = mean;
	}
}

static struct cost_part *add_part(struct cost *cost, const char *name)
{
	struct cost_part *part = &cost->parts[cost->part_count++];

	*part = (struct cost_part) { .name = name, .min = NO_COUNT, .max = NO_COUNT };
	return part;
}

static uint64_t add_quarter(uint64_t ticks)
{
	return ticks + ticks / 4;
}

/*
 * Split the uninterrupted operations by cost. The fast path is everything up to a quarter above
 * the p50; each further part begins with the next cost and ends a quarter above it.
 */
static void split_by_cost(const struct sorted_samples *sorted, const struct stats *stats,
			  struct cost *cost)
{
	uint64_t limit = stats->samples ? add_quarter(stats->p50) : 0;
	struct cost_part *part = NULL;
	uint64_t rank;

	cost->part_count = 0;
	for (rank = 1; rank <= stats->samples; rank++) {
		uint64_t ticks = value_at_rank(sorted, rank);

		if (!part || (ticks > limit && cost->part_count < COST_CLASSES_MAX)) {
			limit = part ? add_quarter(ticks) : limit;
			part = add_part(cost, part ? "slow" : "fast_path");
			part->min = ticks;
		}
		part->max = ticks;
		part->operations++;
		part->ticks += ticks;
	}
}

/* Count the uninterrupted operations of each cost. */
static void count_values(const struct sorted_samples *sorted, const struct stats *stats,
			 struct cost *cost)
{
	uint64_t rank;
	size_t count = 0;

	cost->distribution_count = 0;
	for (rank = 1; rank <= stats->samples; rank++) {
		uint64_t ticks = value_at_rank(sorted, rank);

		if (!count || cost->distribution[count - 1].ticks != ticks) {
			if (count == DISTRIBUTION_MAX)
				return;
			cost->distribution[count++] = (struct value_count) { .ticks = ticks };
		}
		cost->distribution[count - 1].operations++;
	}
	cost->distribution_count = count;
}

/* Add the operations that are only in the statistics of all. */
static void add_interrupted(struct cost *cost)
{
	uint64_t clean = cost->uninterrupted.samples ? cost->uninterrupted.total : 0;
	struct cost_part *part;

	if (cost->all.samples == cost->uninterrupted.samples)
		return;
	part = add_part(cost, "interrupted");
	part->operations = cost->all.samples - cost->uninterrupted.samples;
	part->ticks = cost->all.total - clean;
}

/* Copy the samples without any tag in excluded to sorted. */
static void select_samples(struct sorted_samples *sorted, const uint32_t *samples, size_t count,
			   const struct kmemlab_overflow *overflows, size_t overflow_count,
			   uint32_t excluded)
{
	size_t i;

	sorted->small_count = 0;
	sorted->large_count = 0;
	for (i = 0; i < count; i++) {
		if (samples[i] & excluded)
			continue;
		if ((samples[i] & KMEMLAB_SAMPLE_VALUE) != KMEMLAB_SAMPLE_VALUE)
			sorted->small[sorted->small_count++] = samples[i] & KMEMLAB_SAMPLE_VALUE;
	}
	for (i = 0; i < overflow_count; i++) {
		if (overflows[i].index < count && !(samples[overflows[i].index] & excluded))
			sorted->large[sorted->large_count++] = overflows[i].value;
	}
}

static void count_tags(const uint32_t *samples, size_t count, struct cost *cost)
{
	size_t i;

	cost->interrupted = 0;
	cost->slept = 0;
	for (i = 0; i < count; i++) {
		cost->interrupted += !!(samples[i] & TAGS & ~KMEMLAB_SAMPLE_SLEPT);
		cost->slept += !!(samples[i] & KMEMLAB_SAMPLE_SLEPT);
	}
}

int cost_from_samples(const uint32_t *samples, size_t count,
		      const struct kmemlab_overflow *overflows, size_t overflow_count,
		      uint32_t overhead, struct cost *cost)
{
	uint32_t *small = malloc((count + 1) * sizeof(*small));
	uint32_t *scratch = malloc((count + 1) * sizeof(*scratch));
	uint64_t *large = malloc((overflow_count + 1) * sizeof(*large));
	size_t *starts = malloc(RADIX_BUCKETS * sizeof(*starts));
	struct sorted_samples sorted = { .small = small, .large = large, .overhead = overhead };
	const struct {
		uint32_t excluded;
		struct stats *stats;
	} groups[] = {
		{ TAGS, &cost->uninterrupted }, { KMEMLAB_SAMPLE_SLEPT, &cost->all }
	};
	bool allocated = small && scratch && large && starts;
	size_t i;

	for (i = 0; allocated && i < 2; i++) {
		select_samples(&sorted, samples, count, overflows, overflow_count,
			       groups[i].excluded);
		radix_sort(small, scratch, sorted.small_count, starts);
		qsort(large, sorted.large_count, sizeof(*large), compare_u64);
		compute_stats(&sorted, groups[i].stats);
		if (groups[i].stats == &cost->uninterrupted) {
			split_by_cost(&sorted, groups[i].stats, cost);
			count_values(&sorted, groups[i].stats, cost);
		}
	}
	if (allocated) {
		count_tags(samples, count, cost);
		compute_quarters(samples, count, overflows, overflow_count, overhead, cost);
		add_interrupted(cost);
	}
	free(small);
	free(scratch);
	free(large);
	free(starts);
	return allocated ? 0 : -ENOMEM;
}

static uint64_t sum_parts(const struct cost *cost, const char *name)
{
	uint64_t ticks = 0;

	for (size_t i = 0; i < cost->part_count; i++)
		if (!strcmp(cost->parts[i].name, name))
			ticks += cost->parts[i].ticks;
	return ticks;
}

/* Add the deferred work as a part, which comes last. */
static void add_deferred(struct cost *cost, uint64_t ticks, uint64_t objects)
{
	struct cost_part *part;

	if (ticks == NO_COUNT || !objects)
		return;
	part = add_part(cost, "deferred");
	part->operations = NO_COUNT;
	part->ticks = ticks;
	cost->deferred = (double)ticks / objects;
	cost->mean += cost->deferred;
	cost->mean_all += cost->deferred;
}

void cost_set_means(struct cost *cost, uint64_t objects, uint64_t deferred_ticks,
		    uint64_t deferred_objects)
{
	uint64_t operations = cost->all.samples + cost->slept;
	double per_object = objects ? (double)operations / objects : 1;

	cost->mean = cost->mean_all = cost->fast_path = cost->slow = cost->deferred = NAN;
	if (cost->all.samples)
		cost->mean = cost->mean_all = cost->all.mean * per_object;
	if (cost->uninterrupted.samples) {
		per_object /= cost->uninterrupted.samples;
		cost->fast_path = sum_parts(cost, "fast_path") * per_object;
		cost->slow = sum_parts(cost, "slow") * per_object;
		cost->mean = cost->fast_path + cost->slow;
	}
	add_deferred(cost, deferred_ticks, deferred_objects);
}
