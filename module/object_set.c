// SPDX-License-Identifier: GPL-2.0
#include "object_set.h"

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "array.h"
#include "compat/compat.h"
#include "lottery.h"
#include "on_cpu.h"
#include "team.h"

/* Between two looks at the signals, at the most: so that Ctrl-C acts in 100 ms. */
#define CHUNK_OPERATIONS	1024
#define CHUNK_BYTES		SZ_4M

/* Between two reads of the clock in a loop: few enough that most laps see no interrupt. */
#define LAP_OPERATIONS		128

const char *const kmemlab_free_order_names[] = {
	[KMEMLAB_FREE_FIFO] = "fifo",
	[KMEMLAB_FREE_LIFO] = "lifo",
	[KMEMLAB_FREE_RANDOM] = "random",
	NULL
};

u64 kmemlab_object_set_bookkeeping(u64 samples, u64 alive)
{
	return alive * sizeof(unsigned long) +
	       2 * (samples + KMEMLAB_RECORDER_SPARE) * sizeof(u32) +
	       2 * KMEMLAB_OVERFLOWS_MAX * sizeof(struct kmemlab_overflow);
}

size_t kmemlab_object_set_operations_max(const struct kmemlab_facility_ops *facility,
					 const struct kmemlab_run *run)
{
	return facility->operations_max ? facility->operations_max(run) : run->objects;
}

int kmemlab_object_set_create(struct kmemlab_object_set *set, size_t samples, size_t alive)
{
	int error;

	set->run.handles = kmemlab_array_create(alive, sizeof(*set->run.handles));
	if (!set->run.handles)
		return -ENOMEM;
	error = kmemlab_recorder_create(&set->run.alloc, samples);
	if (error)
		goto free_handles;
	error = kmemlab_recorder_create(&set->run.free, samples);
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
	size_t bytes = max_t(size_t, set->run.object_size, PAGE_SIZE << set->order_max);
	size_t chunk;

	if (set->facility->capabilities & KMEMLAB_CAP_INSTRUMENT)
		bytes = 1;
	chunk = clamp_t(size_t, CHUNK_BYTES / bytes, 1, CHUNK_OPERATIONS);
	if (set->bulk)	/* whole calls */
		chunk = max_t(size_t, chunk - chunk % set->bulk, set->bulk);
	return min(operations, chunk);
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
	set->order_max = max(set->order_max, set->run.order);
	return DIV_ROUND_UP(served, *per_operation);
}

/**
 * struct series - what is done with a series of operations
 * @run: carries out up to @operations; returns how many, sets @error to stop
 * @held: for one_by_one
 * @before: for pair_after
 * @context: for @held or @before, or where laps are added
 * @missing: objects that the series and those after it still have to serve
 * @error: why the series ended early, if not by the allocator
 */
struct series {
	size_t (*run)(struct kmemlab_object_set *set, struct series *series, size_t operations);
	kmemlab_held_fn held;
	int (*before)(struct kmemlab_object_set *set, void *context);
	void *context;
	size_t missing;
	int error;
};

static size_t alloc_series(struct kmemlab_object_set *set, struct series *series,
			   size_t operations)
{
	size_t done = set->facility->alloc_n(&set->run, set->operations, operations);

	set->operations += done;
	return done;
}

/* A call may give less than it was asked for; only none at all is a refusal. */
static size_t alloc_bulk_series(struct kmemlab_object_set *set, struct series *series,
				size_t operations)
{
	size_t done = 0, given;

	set->per_operation = max(set->per_operation, min(set->bulk, operations));
	for (; done < operations; done += given) {
		given = set->facility->bulk_alloc(&set->run, set->operations,
						  min(set->bulk, operations - done));
		if (!given)
			break;
		set->operations += given;
	}
	return done;
}

static size_t alloc_quietly_series(struct kmemlab_object_set *set, struct series *series,
				   size_t operations)
{
	const struct kmemlab_recorder saved = set->run.alloc;
	size_t done;

	kmemlab_mark(KMEMLAB_MARK_ASIDE);
	set->quiet = true;
	done = alloc_series(set, series, operations);
	set->quiet = false;
	kmemlab_mark(KMEMLAB_MARK_BACK);
	set->run.alloc = saved;
	return done;
}

static size_t pair_series(struct kmemlab_object_set *set, struct series *series,
			  size_t operations)
{
	return set->facility->pair_n(&set->run, operations);
}

/* A lap as it is asked for and as it went, with what the CPU counted in it. */
struct counted_lap {
	const struct kmemlab_facility_ops *facility;
	size_t first;
	size_t count;
	struct kmemlab_lap lap;
	u64 events[KMEMLAB_PMU_MAX];
};

static size_t lap_alloc(struct kmemlab_run *run, struct counted_lap *lap)
{
	return lap->facility->alloc_lap(run, lap->first, lap->count, &lap->lap);
}

static size_t lap_free(struct kmemlab_run *run, struct counted_lap *lap)
{
	lap->facility->free_lap(run, lap->first, lap->count, &lap->lap);
	return lap->count;
}

/* What hits the reading of the counters hits what they count. */
static size_t run_lap(struct kmemlab_run *run, struct counted_lap *lap, struct kmemlab_pmu *pmu,
		      size_t (*fn)(struct kmemlab_run *run, struct counted_lap *lap))
{
	struct kmemlab_pmu_counts before, after;
	struct kmemlab_disturbance hit;
	unsigned int i;
	size_t done;

	if (!pmu)
		return fn(run, lap);
	kmemlab_disturbance_read(&hit);
	kmemlab_pmu_read(pmu, &before);
	done = fn(run, lap);
	kmemlab_pmu_read(pmu, &after);
	lap->lap.tags |= kmemlab_disturbance_tags(&hit);
	for (i = 0; i < KMEMLAB_PMU_MAX; i++)
		lap->events[i] = after.of[i] - before.of[i];
	return done;
}

/*
 * The lap of @facility, and one of null's before, whose handles give way to what is
 * allocated. Return: how many operations were carried out; all of them are added.
 */
static size_t add_lap(struct kmemlab_object_set *set, struct kmemlab_laps *laps, size_t first,
		      size_t count,
		      size_t (*fn)(struct kmemlab_run *run, struct counted_lap *lap))
{
	struct counted_lap own = { .facility = &kmemlab_null, .first = first, .count = count };
	struct counted_lap lap = { .facility = set->facility, .first = first, .count = count };
	unsigned int i;
	size_t done;

	run_lap(&set->run, &own, laps->pmu, fn);
	done = run_lap(&set->run, &lap, laps->pmu, fn);
	if (done < count || lap.lap.tags || own.lap.tags)
		return done;
	laps->loop.ticks += (s64)(lap.lap.ticks - own.lap.ticks);
	laps->loop.operations += count;
	for (i = 0; laps->pmu && i < KMEMLAB_PMU_MAX; i++)
		laps->events[i] += (s64)(lap.events[i] - own.events[i]);
	return done;
}

static size_t alloc_loop_series(struct kmemlab_object_set *set, struct series *series,
				size_t operations)
{
	size_t done = 0, count, given;

	do {
		count = min_t(size_t, operations - done, LAP_OPERATIONS);
		given = add_lap(set, series->context, set->operations, count, lap_alloc);
		set->operations += given;
		done += given;
	} while (given == count && done < operations);
	return done;
}

static size_t one_by_one_series(struct kmemlab_object_set *set, struct series *series,
				size_t operations)
{
	const struct kmemlab_recorder alloc = set->run.alloc, free = set->run.free;
	size_t i;

	kmemlab_mark(KMEMLAB_MARK_ASIDE);
	for (i = 0; i < operations && !series->error; i++) {
		if (!set->facility->alloc_n(&set->run, 0, 1))
			break;
		set->operations = 1;
		set->objects = kmemlab_object_set_in(set, set->run.handles[0], series->missing);
		series->missing -= set->objects;
		series->error = series->held(set, series->context);
		set->facility->free_n(&set->run, 0, 1);
		set->operations = 0;
		set->objects = 0;
		set->run.alloc = alloc;
		set->run.free = free;
	}
	kmemlab_mark(KMEMLAB_MARK_BACK);
	return i;
}

static size_t pair_after_series(struct kmemlab_object_set *set, struct series *series,
				size_t operations)
{
	size_t i;

	for (i = 0; i < operations; i++) {
		series->error = series->before(set, series->context);
		if (series->error || !set->facility->alloc_n(&set->run, 0, 1))
			break;
		series->error = series->before(set, series->context);
		set->facility->free_n(&set->run, 0, 1);
		if (series->error)
			break;
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
		series->missing = set->run.objects - *objects;
		done = series->run(set, series, wanted);
		if (done) {
			set->per_operation = max(set->per_operation, per_operation);
			set->per_free = max(set->per_free, per_operation);
		}
		*objects = min(*objects + done * per_operation, set->run.objects);
		if (series->error)
			return series->error;
		if (done < wanted && !(set->facility->retry && set->facility->retry(&set->run)))
			return -ENOMEM;
	}
	return 0;
}

/* What is timed, and where there are several CPUs, on all at once. */
static int run_timed_series(struct kmemlab_object_set *set, struct series *series, size_t *objects)
{
	int error = kmemlab_team_begin(set->member);

	if (error)
		return error;
	error = run_series(set, series, objects);
	kmemlab_team_end(set->member, error);
	return error;
}

int kmemlab_object_set_alloc(struct kmemlab_object_set *set)
{
	bool in_bulk = set->bulk && set->facility->bulk_alloc;
	struct series series = { .run = in_bulk ? alloc_bulk_series : alloc_series };

	return run_timed_series(set, &series, &set->objects);
}

int kmemlab_object_set_alloc_quietly(struct kmemlab_object_set *set)
{
	struct series series = { .run = alloc_quietly_series };

	return run_series(set, &series, &set->objects);
}

int kmemlab_object_set_one_by_one(struct kmemlab_object_set *set, kmemlab_held_fn held,
				  void *context)
{
	struct series series = { .run = one_by_one_series, .held = held, .context = context };
	size_t objects;

	return run_series(set, &series, &objects);
}

int kmemlab_object_set_pair(struct kmemlab_object_set *set)
{
	struct series series = { .run = pair_series };
	size_t objects;

	return run_timed_series(set, &series, &objects);
}

int kmemlab_object_set_pair_after(struct kmemlab_object_set *set,
				  int (*before)(struct kmemlab_object_set *set, void *context),
				  void *context)
{
	struct series series = {
		.run = pair_after_series, .before = before, .context = context
	};
	size_t objects;

	return run_series(set, &series, &objects);
}

/* For a block as large as that of @objects, were those after it refused so much or not. */
static void plan_alike(struct kmemlab_object_set *set, size_t objects)
{
	unsigned int limit = set->run.order_limit;

	set->run.order_limit = KMEMLAB_MAX_ORDER;
	set->facility->plan(&set->run, objects);
	set->run.order_limit = limit;
}

/* One operation's objects for another's like them. False: refused, and the gap is closed. */
static bool replace(struct kmemlab_object_set *set, size_t i)
{
	unsigned long *handle = &set->run.handles[i];
	size_t capacity = 1;

	if (set->facility->plan) {
		capacity = set->facility->capacity(&set->run, *handle);
		plan_alike(set, capacity);
	}
	set->facility->free_n(&set->run, i, 1);
	if (set->facility->alloc_n(&set->run, i, 1))
		return true;
	*handle = set->run.handles[--set->operations];
	set->objects -= min(capacity, set->objects);
	return false;
}

int kmemlab_object_set_churn(struct kmemlab_object_set *set)
{
	size_t i, chunk = chunk_of(set, set->operations);

	for (i = 0; i < set->operations; i++) {
		if (i % chunk == 0) {
			if (signal_pending(current))
				return -EINTR;
			cond_resched();
		}
		if (!replace(set, kmemlab_draw_below(&set->lottery, set->operations)))
			return -ENOMEM;
	}
	return 0;
}

static void swap_handles(struct kmemlab_object_set *set, size_t a, size_t b)
{
	swap(set->run.handles[a], set->run.handles[b]);
}

static void order_handles(struct kmemlab_object_set *set)
{
	size_t i;

	switch (set->free_order) {
	case KMEMLAB_FREE_FIFO:
		break;
	case KMEMLAB_FREE_LIFO:
		for (i = 0; i < set->operations / 2; i++)
			swap_handles(set, i, set->operations - 1 - i);
		break;
	case KMEMLAB_FREE_RANDOM:
		for (i = set->operations; i > 1; i--)
			swap_handles(set, i - 1, kmemlab_draw_below(&set->lottery, i));
		break;
	}
}

/* A chunk, in as many calls as the set's way of freeing takes. */
static void free_chunk(struct kmemlab_object_set *set, size_t first, size_t count)
{
	const size_t end = first + count;

	if (set->rcu) {
		set->facility->rcu_free_n(&set->run, first, count);
	} else if (!set->bulk || !set->facility->bulk_free) {
		set->facility->free_n(&set->run, first, count);
	} else {
		set->per_free = max(set->per_free, min(set->bulk, count));
		for (; first < end; first += set->bulk)
			set->facility->bulk_free(&set->run, first, min(set->bulk, end - first));
	}
}

static void free_chunk_quietly(struct kmemlab_object_set *set, size_t first, size_t count)
{
	const struct kmemlab_recorder saved = set->run.free;

	kmemlab_mark(KMEMLAB_MARK_ASIDE);
	set->quiet = true;
	set->facility->free_n(&set->run, first, count);
	set->quiet = false;
	kmemlab_mark(KMEMLAB_MARK_BACK);
	set->run.free = saved;
}

static void free_handles(struct kmemlab_object_set *set,
			 void (*fn)(struct kmemlab_object_set *set, size_t first, size_t count))
{
	size_t first = 0;

	while (first < set->operations) {
		size_t count = chunk_of(set, set->operations - first);

		fn(set, first, count);
		first += count;
		cond_resched();
	}
	set->operations = 0;
	set->objects = 0;
}

static void free_loop(struct kmemlab_object_set *set, struct kmemlab_laps *laps)
{
	size_t first, count;

	for (first = 0; first < set->operations; first += count) {
		count = min_t(size_t, set->operations - first, LAP_OPERATIONS);
		add_lap(set, laps, first, count, lap_free);
		cond_resched();
	}
	set->operations = 0;
	set->objects = 0;
}

int kmemlab_object_set_loop(struct kmemlab_object_set *set, struct kmemlab_laps *alloc,
			    struct kmemlab_laps *free)
{
	struct series series = { .run = alloc_loop_series, .context = alloc };
	int error = run_series(set, &series, &set->objects);

	order_handles(set);
	free_loop(set, free);
	return error;
}

static void free_all(void *context)
{
	free_handles(context, free_chunk);
}

int kmemlab_object_set_free(struct kmemlab_object_set *set)
{
	int error;

	order_handles(set);
	error = kmemlab_team_begin(set->member);
	if (!error && set->free_cpu >= 0)
		error = kmemlab_on_cpu(set->free_call, free_all, set);
	else if (!error)
		free_all(set);
	if (error)
		kmemlab_object_set_free_quietly(set);
	else
		kmemlab_team_end(set->member, 0);
	if (set->rcu)
		kmemlab_settle(set->facility->rcu_settle, &set->deferred);
	return error;
}

void kmemlab_object_set_free_quietly(struct kmemlab_object_set *set)
{
	free_handles(set, free_chunk_quietly);
}
