// SPDX-License-Identifier: GPL-2.0
#include "object_set.h"

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* Between two looks at the signals, at the most: so that Ctrl-C acts in 100 ms. */
#define CHUNK_OPERATIONS	1024
#define CHUNK_BYTES		SZ_4M

u64 kmemlab_object_set_bookkeeping(u64 operations, u64 alive)
{
	return alive * sizeof(unsigned long) + operations * 2 * sizeof(u32) +
	       2 * KMEMLAB_OVERFLOWS_MAX * sizeof(struct kmemlab_overflow);
}

size_t kmemlab_object_set_operations_max(const struct kmemlab_facility_ops *facility,
					 const struct kmemlab_run *run)
{
	return facility->operations_max ? facility->operations_max(run) : run->objects;
}

int kmemlab_object_set_create(struct kmemlab_object_set *set, size_t operations, size_t alive)
{
	int error;

	set->run.handles = kvcalloc(alive, sizeof(*set->run.handles), GFP_KERNEL);
	if (!set->run.handles)
		return -ENOMEM;
	error = kmemlab_recorder_create(&set->run.alloc, operations);
	if (error)
		goto free_handles;
	error = kmemlab_recorder_create(&set->run.free, operations);
	if (error)
		goto destroy_alloc;
	return 0;

destroy_alloc:
	kmemlab_recorder_destroy(&set->run.alloc);
free_handles:
	kvfree(set->run.handles);
	return error;
}

void kmemlab_object_set_destroy(struct kmemlab_object_set *set)
{
	kmemlab_recorder_destroy(&set->run.free);
	kmemlab_recorder_destroy(&set->run.alloc);
	kvfree(set->run.handles);
	set->run.handles = NULL;
}

/* How many operations may go without a rescheduling point. */
static size_t chunk_of(const struct kmemlab_object_set *set, size_t operations)
{
	u64 bytes = max_t(u64, set->run.object_size, PAGE_SIZE << set->run.order);

	if (set->facility->capabilities & KMEMLAB_CAP_INSTRUMENT)
		bytes = 1;
	return min_t(u64, operations, clamp_t(u64, CHUNK_BYTES / bytes, 1, CHUNK_OPERATIONS));
}

/* The coming series: how many operations alike, and the objects that each serves. */
static size_t plan_series(struct kmemlab_object_set *set, size_t missing, size_t *per_operation)
{
	size_t served = missing;

	*per_operation = 1;
	if (set->facility->plan) {
		served = set->facility->plan(&set->run, missing);
		*per_operation = min_t(size_t, served,
				       (PAGE_SIZE << set->run.order) / set->run.object_size);
	}
	set->per_operation = max(set->per_operation, *per_operation);
	return DIV_ROUND_UP(served, *per_operation);
}

/**
 * struct series - what is done with a series of operations
 * @run: carries out up to @operations; returns how many, sets @error to stop
 * @held: for one_by_one
 * @context: for @held
 * @error: why the series ended early, if not by the allocator
 */
struct series {
	size_t (*run)(struct kmemlab_object_set *set, struct series *series, size_t operations);
	kmemlab_held_fn held;
	void *context;
	int error;
};

static size_t alloc_series(struct kmemlab_object_set *set, struct series *series,
			   size_t operations)
{
	size_t done = set->facility->alloc_n(&set->run, set->operations, operations);

	set->operations += done;
	return done;
}

static size_t pair_series(struct kmemlab_object_set *set, struct series *series,
			  size_t operations)
{
	return set->facility->pair_n(&set->run, operations);
}

static size_t one_by_one_series(struct kmemlab_object_set *set, struct series *series,
				size_t operations)
{
	size_t i;

	for (i = 0; i < operations && !series->error; i++) {
		if (!set->facility->alloc_n(&set->run, 0, 1))
			break;
		set->operations = 1;
		set->objects = set->per_operation;
		series->error = series->held(set, series->context);
		set->facility->free_n(&set->run, 0, 1);
		set->operations = 0;
		set->objects = 0;
	}
	return i;
}

/* Until all objects have had their turn. @objects counts those that had. */
static int run_series(struct kmemlab_object_set *set, struct series *series, size_t *objects)
{
	*objects = 0;
	while (*objects < set->run.objects) {
		size_t per_operation, operations, wanted, done;

		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		operations = plan_series(set, set->run.objects - *objects, &per_operation);
		wanted = chunk_of(set, operations);
		done = series->run(set, series, wanted);
		*objects = min(*objects + done * per_operation, set->run.objects);
		if (series->error)
			return series->error;
		if (done < wanted && !(set->facility->retry && set->facility->retry(&set->run)))
			return -ENOMEM;
	}
	return 0;
}

int kmemlab_object_set_alloc(struct kmemlab_object_set *set)
{
	struct series series = { .run = alloc_series };

	return run_series(set, &series, &set->objects);
}

int kmemlab_object_set_one_by_one(struct kmemlab_object_set *set, kmemlab_held_fn held,
				  void *context)
{
	struct series series = { .run = one_by_one_series, .held = held, .context = context };
	size_t objects;
	int error;

	error = run_series(set, &series, &objects);
	kmemlab_recorder_reset(&set->run.alloc);
	kmemlab_recorder_reset(&set->run.free);
	if (set->run.marked)
		kmemlab_mark(KMEMLAB_MARK_ARMED);
	return error;
}

int kmemlab_object_set_pair(struct kmemlab_object_set *set)
{
	struct series series = { .run = pair_series };
	size_t objects;

	return run_series(set, &series, &objects);
}

void kmemlab_object_set_free(struct kmemlab_object_set *set)
{
	size_t first = 0;

	while (first < set->operations) {
		size_t count = chunk_of(set, set->operations - first);

		set->facility->free_n(&set->run, first, count);
		first += count;
		cond_resched();
	}
	set->operations = 0;
	set->objects = 0;
}
