// SPDX-License-Identifier: GPL-2.0
#include "sample.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "array.h"

int kmemlab_recorder_create(struct kmemlab_recorder *recorder, size_t capacity)
{
	memset(recorder, 0, sizeof(*recorder));
	recorder->capacity = capacity;
	/* __GFP_ZERO touches every byte before anything is timed. */
	recorder->values = kmemlab_array_create(capacity + KMEMLAB_RECORDER_SPARE,
						sizeof(*recorder->values));
	recorder->overflows = kmemlab_array_create(KMEMLAB_OVERFLOWS_MAX,
						   sizeof(*recorder->overflows));
	if (!recorder->values || !recorder->overflows) {
		kmemlab_recorder_destroy(recorder);
		return -ENOMEM;
	}
	return 0;
}

void kmemlab_recorder_destroy(struct kmemlab_recorder *recorder)
{
	kvfree(recorder->values);
	kvfree(recorder->overflows);
	memset(recorder, 0, sizeof(*recorder));
}

void kmemlab_recorder_overflow(struct kmemlab_recorder *recorder, u64 ticks)
{
	size_t i = recorder->overflow_count++;

	if (i >= KMEMLAB_OVERFLOWS_MAX)
		return;
	recorder->overflows[i].index = recorder->count;
	recorder->overflows[i].value = ticks;
}

/* Behind the @there elements that @to has already. */
static int copy_array(u64 to, u64 room, u64 there, const void *from, size_t count, size_t size)
{
	size_t wanted = min_t(u64, room > there ? room - there : 0, count);

	if (!to || !wanted)
		return 0;
	to += there * size;
	if (to != (unsigned long)to)
		return -EFAULT;
	return copy_to_user(u64_to_user_ptr(to), from, wanted * size) ? -EFAULT : 0;
}

int kmemlab_recorder_copy(struct kmemlab_recorder *recorder, struct kmemlab_samples *to)
{
	size_t overflows = min_t(size_t, recorder->overflow_count, KMEMLAB_OVERFLOWS_MAX);
	size_t i;
	int error;

	for (i = 0; i < overflows; i++)
		recorder->overflows[i].index += to->count;
	error = copy_array(to->samples, to->capacity, to->count, recorder->values,
			   recorder->count, sizeof(*recorder->values));
	if (!error)
		error = copy_array(to->overflows, to->overflow_capacity, to->overflow_count,
				   recorder->overflows, overflows, sizeof(*recorder->overflows));
	to->count += recorder->count;
	to->overflow_count += recorder->overflow_count;
	to->total_ticks += recorder->total;
	return error;
}
