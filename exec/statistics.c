// SPDX-License-Identifier: GPL-2.0-or-later
#include "statistics.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define RADIX_BITS	14
#define RADIX_BUCKETS	(1U << RADIX_BITS)

#define TAGS	(~KMEMLAB_SAMPLE_VALUE)

/* Two stable passes over 28 bits. The result is in values again. */
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
			size_t here = starts[i];

			starts[i] = sum;
			sum += here;
		}
		for (i = 0; i < count; i++)
			to[starts[(from[i] >> shift) & (RADIX_BUCKETS - 1)]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted samples: those of 28 bits, then the larger ones. */
struct sorted {
	uint32_t *small;
	size_t small_count;
	uint64_t *large;
	size_t large_count;
	uint32_t overhead;
};

static uint64_t net(uint64_t ticks, uint32_t overhead)
{
	return ticks > overhead ? ticks - overhead : 0;
}

static uint64_t at_rank(const struct sorted *sorted, size_t rank)
{
	uint64_t ticks = rank <= sorted->small_count ?
			 sorted->small[rank - 1] :
			 sorted->large[rank - 1 - sorted->small_count];

	return net(ticks, sorted->overhead);
}

/* Nearest rank: the smallest value that at least per_mille of all do not exceed. */
static uint64_t percentile(const struct sorted *sorted, uint64_t samples, unsigned int per_mille)
{
	uint64_t rank = samples / 1000 * per_mille + (samples % 1000 * per_mille + 999) / 1000;

	return at_rank(sorted, rank ? rank : 1);
}

static double mean_of(const struct sorted *sorted, uint64_t samples)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < sorted->small_count; i++)
		sum += net(sorted->small[i], sorted->overhead);
	for (i = 0; i < sorted->large_count; i++)
		sum += net(sorted->large[i], sorted->overhead);
	return (double)sum / samples;
}

static void describe(const struct sorted *sorted, struct distribution *d)
{
	memset(d, 0, sizeof(*d));
	d->samples = sorted->small_count + sorted->large_count;
	if (!d->samples)
		return;
	d->min = at_rank(sorted, 1);
	d->p50 = percentile(sorted, d->samples, 500);
	d->p90 = percentile(sorted, d->samples, 900);
	d->p99 = percentile(sorted, d->samples, 990);
	d->p999 = percentile(sorted, d->samples, 999);
	d->max = at_rank(sorted, d->samples);
	d->mean = mean_of(sorted, d->samples);
}

/* The samples without any of the tags in except, into sorted. */
static void select_samples(struct sorted *sorted, const uint32_t *samples, size_t count,
			   const struct kmemlab_overflow *overflows, size_t overflow_count,
			   uint32_t except)
{
	size_t i;

	sorted->small_count = 0;
	sorted->large_count = 0;
	for (i = 0; i < count; i++) {
		if (samples[i] & except)
			continue;
		if ((samples[i] & KMEMLAB_SAMPLE_VALUE) != KMEMLAB_SAMPLE_VALUE)
			sorted->small[sorted->small_count++] = samples[i] & KMEMLAB_SAMPLE_VALUE;
	}
	for (i = 0; i < overflow_count; i++) {
		if (overflows[i].index < count && !(samples[overflows[i].index] & except))
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
	struct sorted sorted = { .small = small, .large = large, .overhead = overhead };
	const struct {
		uint32_t except;
		struct distribution *to;
	} wanted[] = { { TAGS, &cost->clean }, { KMEMLAB_SAMPLE_SLEPT, &cost->all } };
	bool enough = small && scratch && large && starts;
	size_t i;

	for (i = 0; enough && i < 2; i++) {
		select_samples(&sorted, samples, count, overflows, overflow_count,
			       wanted[i].except);
		radix_sort(small, scratch, sorted.small_count, starts);
		qsort(large, sorted.large_count, sizeof(*large), compare_u64);
		describe(&sorted, wanted[i].to);
	}
	if (enough)
		count_tags(samples, count, cost);
	free(small);
	free(scratch);
	free(large);
	free(starts);
	return enough ? 0 : -ENOMEM;
}
