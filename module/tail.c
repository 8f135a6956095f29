// SPDX-License-Identifier: GPL-2.0
#include "tail.h"

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "probes.h"
#include "slow.h"

/* The probes: they look at two arguments of a tracepoint at most, the same in all kernels. */
static void fired(void *data);
static void fired_listed(void *data, struct page *page, unsigned int order);
static void fired_unlisted(void *data, struct page *page, unsigned int order);

/* What the cause is called by: itself, or how the facility grows and shrinks. */
enum naming { BY_ITSELF, BY_GROWTH, BY_SHRINKING };

/**
 * struct cause - a slow path, and how it shows itself
 * @name: for users; unless it goes by what the facility calls it
 * @naming: whether it does
 * @tracepoint: that fires on it
 * @probe: called then
 */
struct cause {
	const char *name;
	enum naming naming;
	const char *tracepoint;
	void *probe;
};

static struct cause causes[] = {
	{ "", BY_GROWTH, "mm_page_alloc", fired },
	{ "", BY_SHRINKING, "mm_page_free", fired },
	{ "list_refill", BY_ITSELF, "mm_page_alloc_zone_locked", fired_listed },
	{ "list_drain", BY_ITSELF, "mm_page_pcpu_drain", fired },
	{ "zone_lock", BY_ITSELF, "mm_page_alloc_zone_locked", fired_unlisted },
	{ "block_steal", BY_ITSELF, "mm_page_alloc_extfrag", fired },
	{ "kswapd_wakeup", BY_ITSELF, "mm_vmscan_wakeup_kswapd", fired },
	{ "direct_reclaim", BY_ITSELF, "mm_vmscan_direct_reclaim_begin", fired },
	{ "compaction", BY_ITSELF, "mm_compaction_begin", fired },
	{ "lazy_purge", BY_ITSELF, "purge_vmap_area_lazy", fired },
};

#define CAUSES	ARRAY_SIZE(causes)

/* Operations of one direction. */
struct tally {
	u64 operations;
	u64 with[CAUSES];
	struct kmemlab_slow_log log;
};

/**
 * struct watch - operations that are watched
 * @set: whose they are
 * @real: the facility's own table
 * @ops: what the set has in its place meanwhile
 * @task: in an operation; else NULL
 * @seen: bits of the causes that fired in the operation
 * @fired: how many times any of them did
 * @probe_ticks: what that costs each time
 * @alloc: what allocations met
 * @free: what frees met
 */
struct watch {
	struct kmemlab_object_set *set;
	const struct kmemlab_facility_ops *real;
	struct kmemlab_facility_ops ops;
	struct task_struct *task;
	unsigned long seen;
	unsigned int fired;
	u32 probe_ticks;
	struct tally alloc;
	struct tally free;
};

/* So that one of them at least is disturbed by nothing. */
#define PROBE_TRIES	32

/* One at a time: the mutex holds it. */
static DEFINE_MUTEX(watch_mutex);
static struct watch *watch;

static void fired(void *data)
{
	struct watch *w = READ_ONCE(watch);

	if (!w || READ_ONCE(w->task) != current || !in_task())
		return;
	w->fired++;
	__set_bit((struct cause *)data - causes, &w->seen);
}

static void fired_listed(void *data, struct page *page, unsigned int order)
{
	if (compat_order_has_lists(order))
		fired(data);
}

static void fired_unlisted(void *data, struct page *page, unsigned int order)
{
	if (!compat_order_has_lists(order))
		fired(data);
}

static void begin(void)
{
	watch->seen = 0;
	watch->fired = 0;
	WRITE_ONCE(watch->task, current);
	barrier();
}

/* What it cost without the probes. What else hit it is in no statistics. */
static void log_cost(struct tally *tally, u32 sample)
{
	u32 cost = sample & KMEMLAB_SAMPLE_VALUE, probes = watch->fired * watch->probe_ticks;

	if (sample == cost)
		kmemlab_slow_add(&tally->log, cost > probes ? cost - probes : 0, watch->seen);
}

/*
 * What a workload does untimed, and what was refused, is nobody's operation.
 * The sample does not stay.
 */
static void end(struct tally *tally, struct kmemlab_recorder *recorder,
		const struct kmemlab_recorder *saved, bool counts)
{
	unsigned int i;

	barrier();
	WRITE_ONCE(watch->task, NULL);
	if (counts && !watch->set->quiet) {
		tally->operations++;
		for_each_set_bit(i, &watch->seen, CAUSES)
			tally->with[i]++;
		log_cost(tally, recorder->values[saved->count]);
	}
	*recorder = *saved;
}

/* The facility's hooks, one operation a call. */
static size_t watched_alloc_n(struct kmemlab_run *run, size_t first, size_t count)
{
	const struct kmemlab_recorder saved = run->alloc;
	size_t i, done = 1;

	for (i = 0; i < count; i++) {
		begin();
		done = watch->real->alloc_n(run, first + i, 1);
		end(&watch->alloc, &run->alloc, &saved, done);
		if (!done)
			break;
	}
	return i;
}

static void free_by(void (*fn)(struct kmemlab_run *run, size_t first, size_t count),
		    struct kmemlab_run *run, size_t first, size_t count)
{
	const struct kmemlab_recorder saved = run->free;

	begin();
	fn(run, first, count);
	end(&watch->free, &run->free, &saved, true);
}

static void watched_free_n(struct kmemlab_run *run, size_t first, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free_by(watch->real->free_n, run, first + i, 1);
}

static void watched_rcu_free_n(struct kmemlab_run *run, size_t first, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free_by(watch->real->rcu_free_n, run, first + i, 1);
}

static size_t watched_pair_n(struct kmemlab_run *run, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!watched_alloc_n(run, 0, 1))
			break;
		watched_free_n(run, 0, 1);
	}
	return i;
}

static size_t watched_bulk_alloc(struct kmemlab_run *run, size_t first, size_t count)
{
	const struct kmemlab_recorder saved = run->alloc;
	size_t given;

	begin();
	given = watch->real->bulk_alloc(run, first, count);
	end(&watch->alloc, &run->alloc, &saved, given);
	return given;
}

static void watched_bulk_free(struct kmemlab_run *run, size_t first, size_t count)
{
	free_by(watch->real->bulk_free, run, first, count);
}

static void wrap(struct watch *w)
{
	w->real = w->set->facility;
	w->ops = *w->real;
	w->ops.alloc_n = watched_alloc_n;
	w->ops.free_n = watched_free_n;
	w->ops.pair_n = watched_pair_n;
	w->ops.rcu_free_n = watched_rcu_free_n;
	if (w->real->bulk_alloc)
		w->ops.bulk_alloc = watched_bulk_alloc;
	if (w->real->bulk_free)
		w->ops.bulk_free = watched_bulk_free;
	w->set->facility = &w->ops;
}

static struct kmemlab_probe probes[CAUSES];

static int start_probes(void)
{
	unsigned int i;

	for (i = 0; i < CAUSES; i++)
		probes[i] = (struct kmemlab_probe) {
			.tracepoint = causes[i].tracepoint,
			.fn = causes[i].probe,
			.data = &causes[i],
		};
	return kmemlab_probes_start(probes, CAUSES);
}

/* What takes and gives back pages with each operation says nothing by that. */
static bool name_cause(const struct watch *w, const struct cause *cause, char *name)
{
	const struct kmemlab_facility_ops *facility = w->real;

	if (cause->naming == BY_ITSELF) {
		strscpy(name, cause->name, KMEMLAB_NAME_MAX);
		return true;
	}
	if (!facility->grows_by ||
	    (facility->grows_up_to && w->set->run.object_size > facility->grows_up_to))
		return false;
	snprintf(name, KMEMLAB_NAME_MAX,
		 cause->naming == BY_GROWTH ? "new_%s" : "%s_freed", facility->grows_by);
	return true;
}

/* The causes that have a name, in the order in which they are told. */
static unsigned long tell_causes(const struct watch *w, struct kmemlab_result *result)
{
	struct kmemlab_cause *to = result->tail_causes;
	unsigned long named = 0;
	unsigned int i;

	for (i = 0; i < CAUSES; i++) {
		if (!name_cause(w, &causes[i], to->name))
			continue;
		to->observed = !!probes[i].point;
		to->allocs = w->alloc.with[i];
		to->frees = w->free.with[i];
		to++;
		__set_bit(i, &named);
	}
	return named;
}

static int tell_slow(const struct tally *tally, unsigned long named, struct kmemlab_slow *to)
{
	struct kmemlab_slow slow;
	unsigned int i, told = 0;
	int error = kmemlab_slow_tell(&tally->log, named, &slow);

	*to = slow;
	memset(to->with, 0, sizeof(to->with));
	for_each_set_bit(i, &named, CAUSES)
		to->with[told++] = slow.with[i];
	return error;
}

static int tell(const struct watch *w, struct kmemlab_result *result)
{
	unsigned long named;

	BUILD_BUG_ON(CAUSES > KMEMLAB_CAUSES_MAX);
	named = tell_causes(w, result);
	result->tail_allocs = w->alloc.operations;
	result->tail_frees = w->free.operations;
	result->valid |= KMEMLAB_VALID_TAIL;
	return tell_slow(&w->alloc, named, &result->slow_allocs) ?:
	       tell_slow(&w->free, named, &result->slow_frees);
}

/* A page allocated and freed fires two of the probes. */
static u64 page_ticks(void)
{
	u64 least = U64_MAX;
	unsigned int i;

	for (i = 0; i < PROBE_TRIES; i++) {
		struct kmemlab_start start;
		struct page *page;

		kmemlab_clock_begin(&start);
		page = alloc_page(GFP_KERNEL | KMEMLAB_GFP_ALWAYS);
		if (page)
			__free_page(page);
		least = min(least, kmemlab_clock_since(&start, kmemlab_clock_end()));
	}
	return least;
}

/* Return: with how much more than @unprobed a page is had now, for each probe. */
static u32 probe_ticks(u64 unprobed)
{
	u64 probed;

	begin();
	probed = page_ticks();
	WRITE_ONCE(watch->task, NULL);
	return probed > unprobed ? (u32)(probed - unprobed) / 2 : 0;
}

static int run_watched(struct watch *w, const struct kmemlab_workload_ops *workload,
		       kmemlab_held_fn held, void *context, u64 unprobed)
{
	int error;

	WRITE_ONCE(watch, w);
	w->probe_ticks = probe_ticks(unprobed);
	wrap(w);
	error = workload->run(w->set, held, context);
	w->set->facility = w->real;
	return error;
}

static void say_why_not(struct kmemlab_result *result, const char *why, int error)
{
	snprintf(result->tail_reason, sizeof(result->tail_reason), "%s (error %d)", why, error);
}

static void destroy_watch(struct watch *w)
{
	kmemlab_slow_destroy(&w->alloc.log);
	kmemlab_slow_destroy(&w->free.log);
	kfree(w);
}

/* Its recorders have room for all operations, of all rounds. */
static struct watch *create_watch(struct kmemlab_object_set *set)
{
	struct watch *w = kzalloc(sizeof(*w), GFP_KERNEL);

	if (!w)
		return NULL;
	w->set = set;
	if (!kmemlab_slow_create(&w->alloc.log, set->run.alloc.capacity) &&
	    !kmemlab_slow_create(&w->free.log, set->run.free.capacity))
		return w;
	destroy_watch(w);
	return NULL;
}

int kmemlab_tail_pass(struct kmemlab_object_set *set,
		      const struct kmemlab_workload_ops *workload, kmemlab_held_fn held,
		      void *context, struct kmemlab_result *result)
{
	struct watch *w;
	u64 unprobed;
	int error;

	w = create_watch(set);
	if (!w)
		return -ENOMEM;
	mutex_lock(&watch_mutex);
	unprobed = page_ticks();
	error = start_probes();
	if (error) {
		say_why_not(result, "the tracepoints cannot be used", error);
		error = 0;
		goto unlock;
	}
	error = run_watched(w, workload, held, context, unprobed);
	kmemlab_probes_stop(probes, CAUSES);
	/* No probe runs any more that could still look at it. */
	watch = NULL;
	if (!error)
		error = tell(w, result);
	if (error == -ENOMEM || error == -EBUSY) {
		say_why_not(result, "the allocator refused in the second pass", error);
		error = 0;
	}
unlock:
	mutex_unlock(&watch_mutex);
	destroy_watch(w);
	return error;
}
