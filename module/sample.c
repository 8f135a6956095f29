// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "util.h"

/**
 * kmemlab_recorder_create() - allocate the arrays of a recorder
 * @recorder: initialized
 * @capacity: number of samples
 *
 * The arrays are zeroed: no page is touched for the first time while timing.
 *
 * Return: 0 or -ENOMEM.
 */
int kmemlab_recorder_create(struct kmemlab_recorder *recorder, size_t capacity)
{
	memset(recorder, 0, sizeof(*recorder));
	recorder->capacity = capacity;
	recorder->values = kmemlab_kvarray_create(capacity + KMEMLAB_RECORDER_SPARE,
						  sizeof(*recorder->values));
	recorder->overflows = kmemlab_kvarray_create(KMEMLAB_OVERFLOWS_MAX,
						     sizeof(*recorder->overflows));
	if (!recorder->values || !recorder->overflows) {
		kmemlab_recorder_destroy(recorder);
		return -ENOMEM;
	}
	return 0;
}

/**
 * kmemlab_recorder_destroy() - free the arrays of a recorder
 * @recorder: recorder, may be empty
 */
void kmemlab_recorder_destroy(struct kmemlab_recorder *recorder)
{
	kvfree(recorder->values);
	kvfree(recorder->overflows);
	memset(recorder, 0, sizeof(*recorder));
}

/**
 * kmemlab_recorder_overflow() - record the exact value of the next sample
 * @recorder: recorder
 * @ticks: exact value
 */
void kmemlab_recorder_overflow(struct kmemlab_recorder *recorder, u64 ticks)
{
	size_t i = recorder->overflow_count++;

	if (i >= KMEMLAB_OVERFLOWS_MAX)
		return;
	recorder->overflows[i].index = recorder->count;
	recorder->overflows[i].value = ticks;
}

/* Append to the @used elements of a user array with room for @capacity elements. */
static int recorder_copy_array(u64 to, u64 capacity, u64 used, const void *from, size_t count,
			       size_t size)
{
	count = min_t(u64, capacity > used ? capacity - used : 0, count);
	if (!to || !count)
		return 0;
	to += used * size;
	if (to != (unsigned long)to)
		return -EFAULT;
	return copy_to_user(u64_to_user_ptr(to), from, count * size) ? -EFAULT : 0;
}

/**
 * kmemlab_recorder_copy() - append the samples to the caller's arrays
 * @recorder: recorder; the indices of its overflows are adjusted
 * @to: user arrays and the counts of what they already contain
 *
 * Samples beyond the capacity of the arrays are only counted.
 *
 * Return: 0 or -EFAULT.
 */
int kmemlab_recorder_copy(struct kmemlab_recorder *recorder, struct kmemlab_samples *to)
{
	size_t overflows = min_t(size_t, recorder->overflow_count, KMEMLAB_OVERFLOWS_MAX);
	size_t i;
	int err;

	for (i = 0; i < overflows; i++)
		recorder->overflows[i].index += to->count;
	err = recorder_copy_array(to->samples, to->capacity, to->count, recorder->values,
				  recorder->count, sizeof(*recorder->values));
	if (!err)
		err = recorder_copy_array(to->overflows, to->overflow_capacity,
					  to->overflow_count, recorder->overflows, overflows,
					  sizeof(*recorder->overflows));
	to->count += recorder->count;
	to->overflow_count += recorder->overflow_count;
	to->total_ticks += recorder->total;
	return err;
}
