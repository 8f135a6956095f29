// SPDX-License-Identifier: GPL-2.0-only
#include "object_set.h"

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"
#include "cpus.h"
#include "tick.h"
#include "util.h"
#include "workers.h"

/* Limits between two checks for signals, so that Ctrl-C takes effect within 100 ms */
#define CHUNK_OPERATIONS	1024
#define CHUNK_BYTES		SZ_4M

/* Operations per batch: few enough that most batches are not interrupted */
#define BATCH_OPERATIONS	128

const char *const kmemlab_free_order_names[] = {
	[KMEMLAB_FREE_FIFO] = "fifo",
	[KMEMLAB_FREE_LIFO] = "lifo",
	[KMEMLAB_FREE_RANDOM] = "random",
	NULL
};

/**
 * kmemlab_object_set_bookkeeping() - size of the bookkeeping of a set
 * @samples: number of samples per direction
 * @alive: maximum number of live handles
 *
 * Return: number of bytes.
 */
u64 kmemlab_object_set_bookkeeping(u64 samples, u64 alive)
{
	return alive * sizeof(unsigned long) +
	       2 * (samples + KMEMLAB_RECORDER_SPARE) * sizeof(u32) +
	       2 * KMEMLAB_OVERFLOWS_MAX * sizeof(struct kmemlab_overflow);
}

/**
 * kmemlab_object_set_operations_max() - maximum number of operations of a set
 * @facility: facility of the objects
 * @ctx: context with the number of objects
 *
 * Return: number of operations.
 */
size_t kmemlab_object_set_operations_max(const struct kmemlab_facility_ops *facility,
					 const struct kmemlab_facility_ctx *ctx)
{
	return facility->operations_max ? facility->operations_max(ctx) : ctx->objects;
}

/**
 * kmemlab_object_set_create() - allocate the bookkeeping of a set
 * @set: set with the facility and the properties of the objects
 * @samples: number of samples per direction
 * @alive: maximum number of live handles
 *
 * Return: 0 or -ENOMEM.
 */
int kmemlab_object_set_create(struct kmemlab_object_set *set, size_t samples, size_t alive)
{
	int err;

	set->ctx.handles = kmemlab_kvarray_create(alive, sizeof(*set->ctx.handles));
	if (!set->ctx.handles)
		return -ENOMEM;
	err = -ENOMEM;
	set->numbers = NULL;
	if (set->keep_every)
		set->numbers = kmemlab_kvarray_create(alive, sizeof(*set->numbers));
	if (set->keep_every && !set->numbers)
		goto free_handles;
	err = kmemlab_recorder_create(&set->ctx.alloc, samples);
	if (err)
		goto free_numbers;
	err = kmemlab_recorder_create(&set->ctx.free, samples);
	if (err)
		goto destroy_alloc;
	return 0;

destroy_alloc:
	kmemlab_recorder_destroy(&set->ctx.alloc);
free_numbers:
	kvfree(set->numbers);
free_handles:
	kvfree(set->ctx.handles);
	return err;
}

/**
 * kmemlab_object_set_destroy() - free the bookkeeping of a set
 * @set: set without live objects
 */
void kmemlab_object_set_destroy(struct kmemlab_object_set *set)
{
	kmemlab_recorder_destroy(&set->ctx.free);
	kmemlab_recorder_destroy(&set->ctx.alloc);
	kvfree(set->numbers);
	kvfree(set->ctx.handles);
	set->ctx.handles = NULL;
}

/* Limit @operations to what can run without a rescheduling point. */
static size_t object_set_chunk(const struct kmemlab_object_set *set, size_t operations)
{
	size_t bytes = max_t(size_t, set->ctx.object_size, PAGE_SIZE << set->order_max);
	size_t chunk;

	if (set->facility->capabilities & KMEMLAB_CAP_CALIBRATION)
		bytes = 1;
	/* A user's operation may be long. */
	if (set->facility->capabilities & KMEMLAB_CAP_OPERATION)
		bytes = SZ_64K;
	chunk = clamp_t(size_t, CHUNK_BYTES / bytes, 1, CHUNK_OPERATIONS);
	if (set->bulk)	/* whole calls */
		chunk = max_t(size_t, chunk - chunk % set->bulk, set->bulk);
	return min(operations, chunk);
}

/* Return the number of equal operations that come next and their objects each. */
static size_t series_plan(struct kmemlab_object_set *set, size_t missing, size_t *per_operation)
{
	size_t served = missing;

	*per_operation = 1;
	if (set->facility->plan) {
		served = set->facility->plan(&set->ctx, missing);
		/* An object can take several blocks. */
		*per_operation = clamp_t(size_t,
					 (PAGE_SIZE << set->ctx.order) / set->ctx.object_size, 1,
					 served);
	}
	set->order_max = max(set->order_max, set->ctx.order);
	return DIV_ROUND_UP(served, *per_operation);
}

/**
 * struct object_series - a series of operations
 * @run: runs up to @operations, returns their number, and sets @err to stop
 * @on_held: callback of kmemlab_object_set_one_by_one()
 * @before: callback of kmemlab_object_set_pair_after()
 * @context: argument of the callback, or the struct kmemlab_batch_times to add to
 * @missing: objects of this series and of those that follow
 * @err: error other than a failed allocation
 * @refused: an allocation failed
 */
struct object_series {
	size_t (*run)(struct kmemlab_object_set *set, struct object_series *series,
		      size_t operations);
	kmemlab_on_held_fn on_held;
	int (*before)(struct kmemlab_object_set *set, void *context);
	void *context;
	size_t missing;
	int err;
	bool refused;
};

static size_t series_alloc(struct kmemlab_object_set *set, struct object_series *series,
			   size_t operations)
{
	size_t done = set->facility->alloc_n(&set->ctx, set->operations, operations);

	set->operations += done;
	return done;
}

/* A bulk call may return fewer objects than requested; it fails if it returns none. */
static size_t series_alloc_bulk(struct kmemlab_object_set *set, struct object_series *series,
				size_t operations)
{
	size_t done = 0, count;

	set->per_operation = max(set->per_operation, min(set->bulk, operations));
	for (; done < operations; done += count) {
		count = set->facility->bulk_alloc(&set->ctx, set->operations,
						  min(set->bulk, operations - done));
		if (!count)
			break;
		set->operations += count;
	}
	return done;
}

static size_t series_alloc_untimed(struct kmemlab_object_set *set, struct object_series *series,
				   size_t operations)
{
	const struct kmemlab_recorder saved = set->ctx.alloc;
	size_t done;

	kmemlab_trace_mark(KMEMLAB_MARK_PAUSE);
	set->untimed = true;
	done = series_alloc(set, series, operations);
	set->untimed = false;
	kmemlab_trace_mark(KMEMLAB_MARK_RESUME);
	set->ctx.alloc = saved;
	return done;
}

static size_t series_pair(struct kmemlab_object_set *set, struct object_series *series,
			  size_t operations)
{
	return set->facility->pair_n(&set->ctx, operations);
}

/* One batch and the increments of the CPU counters during it */
struct counted_batch {
	const struct kmemlab_facility_ops *facility;
	size_t first;
	size_t count;
	struct kmemlab_batch_time time;
	u64 events[KMEMLAB_PMU_MAX];
};

typedef size_t (*batch_fn)(struct kmemlab_facility_ctx *ctx, struct counted_batch *batch);

static size_t batch_alloc(struct kmemlab_facility_ctx *ctx, struct counted_batch *batch)
{
	return batch->facility->alloc_batch(ctx, batch->first, batch->count, &batch->time);
}

static size_t batch_free(struct kmemlab_facility_ctx *ctx, struct counted_batch *batch)
{
	batch->facility->free_batch(ctx, batch->first, batch->count, &batch->time);
	return batch->count;
}

/* Noise while the counters are read disturbs the counts, too. */
static size_t batch_run(struct kmemlab_facility_ctx *ctx, struct counted_batch *batch,
			struct kmemlab_pmu *pmu, batch_fn fn)
{
	struct kmemlab_pmu_counts before, after;
	struct kmemlab_noise noise;
	unsigned int i;
	size_t done;

	if (!pmu)
		return fn(ctx, batch);
	kmemlab_noise_read(&noise);
	kmemlab_pmu_read(pmu, &before);
	done = fn(ctx, batch);
	kmemlab_pmu_read(pmu, &after);
	batch->time.tags |= kmemlab_noise_tags(&noise);
	for (i = 0; i < KMEMLAB_PMU_MAX; i++)
		batch->events[i] = after.of[i] - before.of[i];
	return done;
}

/*
 * Run a batch and subtract the same batch of facility null, which runs first since its
 * handles are overwritten. Return the number of operations; a batch that was disturbed
 * or ended early is not added to @times.
 */
static size_t batch_add(struct kmemlab_object_set *set, struct kmemlab_batch_times *times,
			size_t first, size_t count, batch_fn fn)
{
	struct counted_batch null = { .facility = &kmemlab_null, .first = first, .count = count };
	struct counted_batch real = { .facility = set->facility, .first = first, .count = count };
	unsigned int i;
	size_t done;

	kmemlab_tick_avoid(&set->ctx, times->longest);
	batch_run(&set->ctx, &null, times->pmu, fn);
	done = batch_run(&set->ctx, &real, times->pmu, fn);
	if (done < count || real.time.tags || null.time.tags)
		return done;
	times->longest = max(times->longest, null.time.elapsed + real.time.elapsed);
	times->loop.ticks += (s64)(real.time.ticks - null.time.ticks);
	times->loop.operations += count;
	for (i = 0; times->pmu && i < KMEMLAB_PMU_MAX; i++)
		times->events[i] += (s64)(real.events[i] - null.events[i]);
	return done;
}

static size_t series_alloc_batches(struct kmemlab_object_set *set, struct object_series *series,
				   size_t operations)
{
	size_t done = 0, count, allocated;

	do {
		count = min_t(size_t, operations - done, BATCH_OPERATIONS);
		allocated = batch_add(set, series->context, set->operations, count, batch_alloc);
		set->operations += allocated;
		done += allocated;
	} while (allocated == count && done < operations);
	return done;
}

/* Called after operations of which a whole chunk would take too long. Return 0 or -EINTR. */
static int series_check_signal(void)
{
	cond_resched();
	return signal_pending(current) ? -EINTR : 0;
}

static size_t series_one_by_one(struct kmemlab_object_set *set, struct object_series *series,
				size_t operations)
{
	const struct kmemlab_recorder alloc = set->ctx.alloc, free = set->ctx.free;
	size_t i;

	kmemlab_trace_mark(KMEMLAB_MARK_PAUSE);
	for (i = 0; i < operations && !series->err; i++) {
		if (!set->facility->alloc_n(&set->ctx, 0, 1))
			break;
		set->operations = 1;
		set->objects = kmemlab_object_set_in(set, set->ctx.handles[0], series->missing);
		series->missing -= set->objects;
		series->err = series->on_held(set, series->context) ?: series_check_signal();
		set->facility->free_n(&set->ctx, 0, 1);
		set->operations = 0;
		set->objects = 0;
		set->ctx.alloc = alloc;
		set->ctx.free = free;
	}
	kmemlab_trace_mark(KMEMLAB_MARK_RESUME);
	return i;
}

static size_t series_pair_after(struct kmemlab_object_set *set, struct object_series *series,
				size_t operations)
{
	size_t i;

	for (i = 0; i < operations && !series->err; i++) {
		series->err = series->before(set, series->context);
		if (series->err || !set->facility->alloc_n(&set->ctx, 0, 1))
			break;
		series->err = series->before(set, series->context) ?: series_check_signal();
		set->facility->free_n(&set->ctx, 0, 1);
	}
	return i;
}

/* Run the series for all objects of the set. @objects counts the objects served. */
static int series_run_chunks(struct kmemlab_object_set *set, struct object_series *series,
			     size_t *objects)
{
	*objects = 0;
	while (*objects < set->ctx.objects) {
		size_t per_operation, operations, chunk, done;

		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		operations = series_plan(set, set->ctx.objects - *objects, &per_operation);
		chunk = object_set_chunk(set, operations);
		series->missing = set->ctx.objects - *objects;
		done = series->run(set, series, chunk);
		if (done) {
			set->per_operation = max(set->per_operation, per_operation);
			set->per_free = max(set->per_free, per_operation);
		}
		*objects = min(*objects + done * per_operation, set->ctx.objects);
		if (series->err)
			return series->err;
		if (done < chunk && !(set->facility->retry && set->facility->retry(&set->ctx))) {
			series->refused = true;
			return -ENOMEM;
		}
	}
	return 0;
}

static int series_run(struct kmemlab_object_set *set, struct object_series *series,
		      size_t *objects)
{
	int err = series_run_chunks(set, series, objects);

	if (series->refused)
		kmemlab_refusal_record(set);
	return err;
}

/* Run a timed series, on all CPUs at the same time if there are several. */
static int series_run_timed(struct kmemlab_object_set *set, struct object_series *series,
			    size_t *objects)
{
	int err = kmemlab_workers_start(set->worker);

	if (err)
		return err;
	err = series_run_chunks(set, series, objects);
	kmemlab_workers_stop(set->worker, err);
	if (series->refused)
		kmemlab_refusal_record(set);
	return err;
}

/**
 * kmemlab_object_set_alloc() - allocate all objects
 * @set: empty set
 *
 * On error, the objects allocated so far stay alive for kmemlab_object_set_free().
 *
 * Return: 0, -ENOMEM if an allocation failed, -EINTR, or the error of another worker.
 */
int kmemlab_object_set_alloc(struct kmemlab_object_set *set)
{
	bool in_bulk = set->bulk && set->facility->bulk_alloc;
	struct object_series series = { .run = in_bulk ? series_alloc_bulk : series_alloc };

	return series_run_timed(set, &series, &set->objects);
}

/**
 * kmemlab_object_set_alloc_untimed() - allocate all objects without samples
 * @set: empty set
 *
 * Return: as kmemlab_object_set_alloc().
 */
int kmemlab_object_set_alloc_untimed(struct kmemlab_object_set *set)
{
	struct object_series series = { .run = series_alloc_untimed };

	return series_run(set, &series, &set->objects);
}

/**
 * kmemlab_object_set_one_by_one() - allocate, visit and free each operation's objects
 * @set: empty set
 * @on_held: called while the objects of one operation are alive
 * @context: argument of @on_held
 *
 * Records no samples. Leaves no live objects.
 *
 * Return: as kmemlab_object_set_alloc(), or the error of @on_held.
 */
int kmemlab_object_set_one_by_one(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held,
				  void *context)
{
	struct object_series series = {
		.run = series_one_by_one, .on_held = on_held, .context = context
	};
	size_t objects;

	return series_run(set, &series, &objects);
}

/**
 * kmemlab_object_set_pair() - allocate and immediately free each operation's objects
 * @set: empty set
 *
 * Leaves no live objects.
 *
 * Return: as kmemlab_object_set_alloc().
 */
int kmemlab_object_set_pair(struct kmemlab_object_set *set)
{
	struct object_series series = { .run = series_pair };
	size_t objects;

	return series_run_timed(set, &series, &objects);
}

/**
 * kmemlab_object_set_pair_after() - as kmemlab_object_set_pair(), with a callback
 * @set: empty set
 * @before: called before each allocation and each free
 * @context: argument of @before
 *
 * Return: as kmemlab_object_set_alloc(), or the error of @before.
 */
int kmemlab_object_set_pair_after(struct kmemlab_object_set *set,
				  int (*before)(struct kmemlab_object_set *set, void *context),
				  void *context)
{
	struct object_series series = {
		.run = series_pair_after, .before = before, .context = context
	};
	size_t objects;

	return series_run(set, &series, &objects);
}

/*
 * Plan a block for @objects as if no larger order had failed, so that a
 * replacement has the same size as the block that it replaces.
 */
static void churn_plan(struct kmemlab_object_set *set, size_t objects)
{
	unsigned int limit = set->ctx.order_limit;

	set->ctx.order_limit = KMEMLAB_MAX_ORDER;
	set->facility->plan(&set->ctx, objects);
	set->ctx.order_limit = limit;
}

/* Replace one handle with an equal one. On failure, close the gap and return false. */
static bool churn_replace(struct kmemlab_object_set *set, size_t i)
{
	unsigned long *handle = &set->ctx.handles[i];
	size_t capacity = 1;

	if (set->facility->plan) {
		capacity = set->facility->capacity(&set->ctx, *handle);
		churn_plan(set, capacity);
	}
	set->facility->free_n(&set->ctx, i, 1);
	if (set->facility->alloc_n(&set->ctx, i, 1))
		return true;
	*handle = set->ctx.handles[--set->operations];
	set->objects -= min(capacity, set->objects);
	return false;
}

/**
 * kmemlab_object_set_churn() - free and reallocate random handles
 * @set: set with live objects
 *
 * Replaces as many handles as there are, each chosen at random.
 *
 * Return: 0, -ENOMEM if an allocation failed, or -EINTR.
 */
int kmemlab_object_set_churn(struct kmemlab_object_set *set)
{
	size_t i, chunk = object_set_chunk(set, set->operations);

	for (i = 0; i < set->operations; i++) {
		if (i % chunk == 0) {
			if (signal_pending(current))
				return -EINTR;
			cond_resched();
		}
		if (!churn_replace(set, kmemlab_prng_below(&set->prng, set->operations))) {
			kmemlab_refusal_record(set);
			return -ENOMEM;
		}
	}
	return 0;
}

static void object_set_order_handles(struct kmemlab_object_set *set)
{
	unsigned long *handles = set->ctx.handles;
	size_t i;

	switch (set->free_order) {
	case KMEMLAB_FREE_FIFO:
		break;
	case KMEMLAB_FREE_LIFO:
		for (i = 0; i < set->operations / 2; i++)
			swap(handles[i], handles[set->operations - 1 - i]);
		break;
	case KMEMLAB_FREE_RANDOM:
		for (i = set->operations; i > 1; i--) {
			/* swap() evaluates its arguments twice. */
			size_t other = kmemlab_prng_below(&set->prng, i);

			swap(handles[i - 1], handles[other]);
		}
		break;
	}
}

static void object_set_free_chunk(struct kmemlab_object_set *set, size_t first, size_t count)
{
	const size_t end = first + count;

	if (set->rcu) {
		set->facility->rcu_free_n(&set->ctx, first, count);
	} else if (!set->bulk || !set->facility->bulk_free) {
		set->facility->free_n(&set->ctx, first, count);
	} else {
		set->per_free = max(set->per_free, min(set->bulk, count));
		for (; first < end; first += set->bulk)
			set->facility->bulk_free(&set->ctx, first, min(set->bulk, end - first));
	}
}

static void object_set_free_chunk_untimed(struct kmemlab_object_set *set, size_t first,
					  size_t count)
{
	const struct kmemlab_recorder saved = set->ctx.free;

	kmemlab_trace_mark(KMEMLAB_MARK_PAUSE);
	set->untimed = true;
	set->facility->free_n(&set->ctx, first, count);
	set->untimed = false;
	kmemlab_trace_mark(KMEMLAB_MARK_RESUME);
	set->ctx.free = saved;
}

typedef void (*free_chunk_fn)(struct kmemlab_object_set *set, size_t first, size_t count);

/* Free the handles from @first to before @end. */
static void object_set_free_range(struct kmemlab_object_set *set, size_t first, size_t end,
				  free_chunk_fn fn)
{
	size_t count;

	for (; first < end; first += count) {
		count = object_set_chunk(set, end - first);
		fn(set, first, count);
		cond_resched();
	}
}

static void object_set_free_chunks(struct kmemlab_object_set *set, free_chunk_fn fn)
{
	object_set_free_range(set, 0, set->operations, fn);
	set->operations = 0;
	set->objects = 0;
	set->kept = 0;
}

static void object_set_free_batches(struct kmemlab_object_set *set,
				    struct kmemlab_batch_times *times)
{
	size_t first, count;

	for (first = 0; first < set->operations; first += count) {
		count = min_t(size_t, set->operations - first, BATCH_OPERATIONS);
		batch_add(set, times, first, count, batch_free);
		cond_resched();
	}
	set->operations = 0;
	set->objects = 0;
}

/**
 * kmemlab_object_set_loop() - allocate and free all objects in batches
 * @set: empty set
 * @alloc: the times of the allocations are added to it
 * @free: the times of the frees are added to it
 *
 * Reads the clock only once per batch and subtracts the time of facility null. Leaves
 * no live objects.
 *
 * Return: 0, -ENOMEM if an allocation failed, or -EINTR.
 */
int kmemlab_object_set_loop(struct kmemlab_object_set *set, struct kmemlab_batch_times *alloc,
			    struct kmemlab_batch_times *free)
{
	struct object_series series = { .run = series_alloc_batches, .context = alloc };
	int err = series_run(set, &series, &set->objects);

	object_set_order_handles(set);
	object_set_free_batches(set, free);
	return err;
}

static void object_set_free_all(void *context)
{
	object_set_free_chunks(context, object_set_free_chunk);
}

/**
 * kmemlab_object_set_free() - free all live objects
 * @set: object set
 *
 * Frees in the order, by the calls and on the CPU that the set specifies. Sleeps
 * between chunks. After a signal, frees by the shortest way.
 *
 * Return: 0, or a negative errno if that CPU or the other workers failed; all objects
 * are freed in any case.
 */
int kmemlab_object_set_free(struct kmemlab_object_set *set)
{
	int err;

	if (signal_pending(current)) {
		kmemlab_object_set_free_untimed(set);
		return -EINTR;
	}
	object_set_order_handles(set);
	err = kmemlab_workers_start(set->worker);
	if (!err && set->free_cpu >= 0)
		err = kmemlab_cpu_thread_run(set->free_thread, object_set_free_all, set);
	else if (!err)
		object_set_free_all(set);
	if (err)
		kmemlab_object_set_free_untimed(set);
	else
		kmemlab_workers_stop(set->worker, 0);
	if (set->rcu)
		err = kmemlab_deferred_flush(set->facility->rcu_settle, &set->deferred) ?: err;
	else if (set->facility->quiesce_waits)
		err = kmemlab_deferred_flush(set->facility->quiesce, &set->deferred) ?: err;
	return err;
}

/**
 * kmemlab_object_set_free_partly() - free all objects but every K-th one
 * @set: set with all objects alive
 *
 * Frees in order of allocation. Objects that share a handle with a kept one stay alive.
 *
 * Return: 0, or a negative errno if nothing was freed.
 */
int kmemlab_object_set_free_partly(struct kmemlab_object_set *set)
{
	size_t i, run = 0, left = 0, number = 0, objects = 0, keep = 0;
	unsigned long *handles = set->ctx.handles;
	int err = signal_pending(current) ? -EINTR : kmemlab_workers_start(set->worker);

	if (err)
		return err;
	for (i = 0; i < set->operations; i++) {
		size_t count = kmemlab_object_set_in(set, handles[i], set->objects - number);

		if (i % CHUNK_OPERATIONS == 0)
			cond_resched();
		number += count;
		if (keep >= number)
			continue;
		for (; keep < number; keep += set->keep_every)
			set->kept++;
		objects += count;
		object_set_free_range(set, run, i, object_set_free_chunk);
		set->numbers[left] = number - count;
		handles[left++] = handles[i];
		run = i + 1;
	}
	object_set_free_range(set, run, i, object_set_free_chunk);
	set->operations = left;
	set->objects = objects;
	kmemlab_workers_stop(set->worker, 0);
	return 0;
}

/**
 * kmemlab_object_set_free_untimed() - free all live objects without samples
 * @set: object set
 *
 * Frees in order of allocation, by single calls, on the current CPU.
 */
void kmemlab_object_set_free_untimed(struct kmemlab_object_set *set)
{
	object_set_free_chunks(set, object_set_free_chunk_untimed);
}
