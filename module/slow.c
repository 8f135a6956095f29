// SPDX-License-Identifier: GPL-2.0
#include "slow.h"

#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "array.h"

#define RADIX_BITS	16
#define RADIX_BUCKETS	BIT(RADIX_BITS)

u64 kmemlab_slow_bookkeeping(u64 operations)
{
	return 2 * operations * (sizeof(u32) + sizeof(u16)) + RADIX_BUCKETS * sizeof(u32);
}

int kmemlab_slow_create(struct kmemlab_slow_log *log, size_t capacity)
{
	log->count = 0;
	log->capacity = capacity;
	log->costs = kmemlab_array_create(capacity, sizeof(*log->costs));
	log->met = kmemlab_array_create(capacity, sizeof(*log->met));
	if (log->costs && log->met)
		return 0;
	kmemlab_slow_destroy(log);
	return -ENOMEM;
}

void kmemlab_slow_destroy(struct kmemlab_slow_log *log)
{
	kvfree(log->costs);
	kvfree(log->met);
	log->costs = NULL;
	log->met = NULL;
}

/* Of the costs that begin with @high (any where it is none yet): where the @rank-th lies. */
static u32 bucket_of(const struct kmemlab_slow_log *log, u32 *buckets, int high, size_t *rank)
{
	u32 i;

	memset(buckets, 0, RADIX_BUCKETS * sizeof(*buckets));
	for (i = 0; i < log->count; i++) {
		u32 cost = log->costs[i];

		if (high < 0)
			buckets[cost >> RADIX_BITS]++;
		else if (cost >> RADIX_BITS == high)
			buckets[cost & (RADIX_BUCKETS - 1)]++;
	}
	for (i = 0; buckets[i] < *rank; i++)
		*rank -= buckets[i];
	return i;
}

/* By nearest rank, as percentiles are everywhere. */
static int find_threshold(const struct kmemlab_slow_log *log, u64 *threshold)
{
	u32 *buckets = kmemlab_array_create(RADIX_BUCKETS, sizeof(*buckets));
	size_t rank = DIV_ROUND_UP_ULL((u64)log->count * 999, 1000);
	u32 high;

	if (!buckets)
		return -ENOMEM;
	high = bucket_of(log, buckets, -1, &rank);
	*threshold = (u64)high << RADIX_BITS | bucket_of(log, buckets, high, &rank);
	kvfree(buckets);
	return 0;
}

int kmemlab_slow_tell(const struct kmemlab_slow_log *log, unsigned long known,
		      struct kmemlab_slow *slow)
{
	unsigned int bit;
	size_t i;
	int error;

	memset(slow, 0, sizeof(*slow));
	if (!log->count)
		return 0;
	error = find_threshold(log, &slow->threshold);
	for (i = 0; i < log->count && !error; i++) {
		unsigned long met = log->met[i] & known;

		if (log->costs[i] < slow->threshold)
			continue;
		slow->operations++;
		slow->unexplained += !met;
		for_each_set_bit(bit, &met, KMEMLAB_CAUSES_MAX)
			slow->with[bit]++;
	}
	return error;
}
