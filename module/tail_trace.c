// SPDX-License-Identifier: GPL-2.0-only
#include "experiment.h"

#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/kmem.h>
#include <trace/events/vmscan.h>

struct compact_control;
#include <trace/events/compaction.h>

#include "compat/compat.h"
#include "tracepoints.h"
#include "util.h"

#ifdef HAVE_TRACE_VMALLOC
#include <trace/events/vmalloc.h>
#endif

/* Tries to measure the overhead of a probe, so that at least one is not disturbed */
#define TAIL_PROBE_TRIES	32

#define RADIX_BITS	16
#define RADIX_BUCKETS	BIT(RADIX_BITS)

/* Return the bits that tell operations, also those of softirq context, from interrupts in them. */
static unsigned long tail_context(void)
{
	return (irq_count() & (NMI_MASK | HARDIRQ_MASK)) | in_serving_softirq();
}

static void tail_note(void *data);

/* Probes, with all arguments of their tracepoints */
static void tail_on_page_alloc(void *data, struct page *page, unsigned int order, gfp_t gfp,
			       int migratetype)
{
	tail_note(data);
}

static void tail_on_page_free(void *data, struct page *page, unsigned int order)
{
	tail_note(data);
}

static void tail_on_list_refill(void *data, COMPAT_ZONE_LOCKED_ARGS)
{
	if (compat_order_has_lists(order))
		tail_note(data);
}

static void tail_on_zone_lock(void *data, COMPAT_ZONE_LOCKED_ARGS)
{
	if (!compat_order_has_lists(order))
		tail_note(data);
}

static void tail_on_list_drain(void *data, struct page *page, unsigned int order, int migratetype)
{
	tail_note(data);
}

static void tail_on_block_steal(void *data, struct page *page, int order, int fallback_order,
				int migratetype, int fallback_migratetype)
{
	tail_note(data);
}

static void tail_on_kswapd_wakeup(void *data, int node, int zone, int order, gfp_t gfp)
{
	tail_note(data);
}

static void tail_on_reclaim(void *data, COMPAT_RECLAIM_BEGIN_ARGS)
{
	tail_note(data);
}

#ifdef CONFIG_COMPACTION
static void tail_on_compaction(void *data, COMPAT_COMPACTION_BEGIN_ARGS)
{
	tail_note(data);
}
#endif

#ifdef HAVE_TRACE_VMALLOC
static void tail_on_lazy_purge(void *data, unsigned long start, unsigned long end,
			       unsigned int areas)
{
	tail_note(data);
}
#endif

/* Naming of a cause: by a fixed name, or by how the facility grows or shrinks */
enum tail_naming { TAIL_FIXED, TAIL_GROWTH, TAIL_SHRINKING };

/**
 * struct tail_cause - a slow path
 * @name: name, if fixed
 * @naming: naming of the cause
 * @observed: known without a tracepoint
 * @tracepoint: tracepoint on the slow path; NULL if the kernel does not have it
 * @fn: called by the tracepoint
 */
struct tail_cause {
	const char *name;
	enum tail_naming naming;
	bool observed;
	const char *tracepoint;
	void *fn;
};

static struct tail_cause tail_causes[] = {
	{ "", TAIL_GROWTH, KMEMLAB_PROBE(mm_page_alloc, tail_on_page_alloc) },
	{ "", TAIL_SHRINKING, KMEMLAB_PROBE(mm_page_free, tail_on_page_free) },
	{ "list_refill", TAIL_FIXED,
	  KMEMLAB_PROBE(mm_page_alloc_zone_locked, tail_on_list_refill) },
	{ "list_drain", TAIL_FIXED, KMEMLAB_PROBE(mm_page_pcpu_drain, tail_on_list_drain) },
	{ "zone_lock", TAIL_FIXED, KMEMLAB_PROBE(mm_page_alloc_zone_locked, tail_on_zone_lock) },
	{ "block_steal", TAIL_FIXED, KMEMLAB_PROBE(mm_page_alloc_extfrag, tail_on_block_steal) },
	{ "kswapd_wakeup", TAIL_FIXED,
	  KMEMLAB_PROBE(mm_vmscan_wakeup_kswapd, tail_on_kswapd_wakeup) },
	{ "direct_reclaim", TAIL_FIXED,
	  KMEMLAB_PROBE(mm_vmscan_direct_reclaim_begin, tail_on_reclaim) },
	{ "compaction", TAIL_FIXED,
#ifdef CONFIG_COMPACTION
	  KMEMLAB_PROBE(mm_compaction_begin, tail_on_compaction)
#endif
	},
	{ "lazy_purge", TAIL_FIXED,
#ifdef HAVE_TRACE_VMALLOC
	  KMEMLAB_PROBE(purge_vmap_area_lazy, tail_on_lazy_purge)
#endif
	},
	{ "kfence", TAIL_FIXED, .observed = COMPAT_KFENCE_IS_KNOWN },
};

#define TAIL_CAUSES	ARRAY_SIZE(tail_causes)
#define TAIL_KFENCE	(TAIL_CAUSES - 1)
static_assert(TAIL_CAUSES <= KMEMLAB_CAUSES_MAX);

static struct kmemlab_tracepoint tail_probes[TAIL_CAUSES];

/**
 * struct tail_log - operations of one direction
 * @operations: number of operations
 * @with: number of operations by cause
 * @cost_by: undisturbed operations by cause, and their ticks
 * @costs: ticks of each undisturbed operation, including the clock's overhead
 * @causes: causes of each undisturbed operation, one bit each
 * @capacity: number of operations that there is room for; others are not logged
 * @count: number of logged operations
 */
struct tail_log {
	u64 operations;
	u64 with[TAIL_CAUSES];
	struct kmemlab_cause_cost cost_by[TAIL_CAUSES];
	u32 *costs;
	u16 *causes;
	size_t capacity;
	size_t count;
};

/**
 * struct tail_trace - a traced pass
 * @set: object set of the workload
 * @real: operations of the facility
 * @ops: operations that replace them during the pass
 * @task: task while it is in an operation, else NULL
 * @context: context of the operation, which tells it from an interrupt
 * @causes: causes of the current operation, one bit each
 * @events: number of probe calls during the current operation
 * @probe_ticks: overhead of one probe call
 * @alloc: allocations
 * @free: frees
 */
struct tail_trace {
	struct kmemlab_object_set *set;
	const struct kmemlab_facility_ops *real;
	struct kmemlab_facility_ops ops;
	struct task_struct *task;
	unsigned long context;
	unsigned long causes;
	unsigned int events;
	u32 probe_ticks;
	struct tail_log alloc;
	struct tail_log free;
};

/* The current pass; the mutex allows only one at a time. */
static DEFINE_MUTEX(tail_mutex);
static struct tail_trace *tail_current;

/**
 * kmemlab_tail_trace_bookkeeping() - memory for a pass
 * @operations: number of operations per direction
 *
 * Return: number of bytes, including what is needed to evaluate the pass.
 */
u64 kmemlab_tail_trace_bookkeeping(u64 operations)
{
	return 2 * operations * (sizeof(u32) + sizeof(u16)) + RADIX_BUCKETS * sizeof(u32);
}

static int tail_log_create(struct tail_log *log, size_t capacity)
{
	log->capacity = capacity;
	log->costs = kmemlab_kvarray_create(capacity, sizeof(*log->costs));
	log->causes = kmemlab_kvarray_create(capacity, sizeof(*log->causes));
	return log->costs && log->causes ? 0 : -ENOMEM;
}

static void tail_log_destroy(struct tail_log *log)
{
	kvfree(log->costs);
	kvfree(log->causes);
}

/* Check for a signal after each RADIX_BUCKETS operations. Return 0 or -EINTR. */
static int tail_check_signal(size_t operation)
{
	if (operation % RADIX_BUCKETS)
		return 0;
	cond_resched();
	return signal_pending(current) ? -EINTR : 0;
}

/*
 * Find the bucket that contains the cost of rank @rank, by the upper halves of all costs
 * or, if @high is not negative, by the lower halves of the costs with that upper half.
 * Return its number or -EINTR.
 */
static int tail_find_bucket(const struct tail_log *log, u32 *buckets, int high, size_t *rank)
{
	u32 i;

	memset(buckets, 0, RADIX_BUCKETS * sizeof(*buckets));
	for (i = 0; i < log->count; i++) {
		u32 cost = log->costs[i];

		if (tail_check_signal(i))
			return -EINTR;
		if (high < 0)
			buckets[cost >> RADIX_BITS]++;
		else if (cost >> RADIX_BITS == high)
			buckets[cost & (RADIX_BUCKETS - 1)]++;
	}
	for (i = 0; buckets[i] < *rank; i++)
		*rank -= buckets[i];
	return i;
}

/* Find the 99.9th percentile by nearest rank. */
static int tail_find_threshold(const struct tail_log *log, u64 *threshold)
{
	u32 *buckets = kmemlab_kvarray_create(RADIX_BUCKETS, sizeof(*buckets));
	size_t rank = DIV_ROUND_UP_ULL((u64)log->count * 999, 1000);
	int high, low;

	if (!buckets)
		return -ENOMEM;
	high = tail_find_bucket(log, buckets, -1, &rank);
	low = high < 0 ? high : tail_find_bucket(log, buckets, high, &rank);
	kvfree(buckets);
	if (low < 0)
		return low;
	*threshold = (u64)high << RADIX_BITS | low;
	return 0;
}

/* Count the slowest operations by those causes that are in @named. */
static int tail_copy_outliers(const struct tail_log *log, unsigned long named,
			      struct kmemlab_outliers *to)
{
	u64 with[TAIL_CAUSES] = { 0 };
	unsigned int bit, copied = 0;
	size_t i;
	int err;

	memset(to, 0, sizeof(*to));
	if (!log->count)
		return 0;
	err = tail_find_threshold(log, &to->threshold);
	for (i = 0; i < log->count && !err; i++) {
		unsigned long causes = log->causes[i] & named;

		err = tail_check_signal(i);
		if (err || log->costs[i] < to->threshold)
			continue;
		to->operations++;
		to->unexplained += !causes;
		for_each_set_bit(bit, &causes, TAIL_CAUSES)
			with[bit]++;
	}
	for_each_set_bit(bit, &named, TAIL_CAUSES)
		to->with[copied++] = with[bit];
	return err;
}

static void tail_note(void *data)
{
	struct tail_trace *trace = READ_ONCE(tail_current);

	if (!trace || READ_ONCE(trace->task) != current ||
	    READ_ONCE(trace->context) != tail_context())
		return;
	trace->events++;
	__set_bit((struct tail_cause *)data - tail_causes, &trace->causes);
}

static void tail_begin(void)
{
	tail_current->causes = 0;
	tail_current->events = 0;
	WRITE_ONCE(tail_current->context, tail_context());
	WRITE_ONCE(tail_current->task, current);
	barrier();
}

/* KFENCE is recognized by the addresses of its objects, as it has no tracepoint. */
static void tail_note_kfence(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	size_t i;

	for (i = first; i < first + count; i++)
		if (compat_is_kfence_address(kmemlab_object_set_base(tail_current->set,
								     ctx->handles[i])))
			__set_bit(TAIL_KFENCE, &tail_current->causes);
}

/* Log the cost minus the overhead of the probes. Ignore disturbed samples. */
static void tail_log_cost(struct tail_log *log, u32 sample)
{
	u32 overhead = tail_current->events * tail_current->probe_ticks;
	u32 cost = sample > overhead ? sample - overhead : 0;
	unsigned int i;

	if (sample & ~KMEMLAB_SAMPLE_VALUE || log->count >= log->capacity)
		return;
	log->costs[log->count] = cost;
	log->causes[log->count++] = tail_current->causes;
	for_each_set_bit(i, &tail_current->causes, TAIL_CAUSES) {
		log->cost_by[i].operations++;
		log->cost_by[i].ticks += cost;
	}
}

/* Ignore untimed and failed operations. Discard the sample. */
static void tail_end(struct tail_log *log, struct kmemlab_recorder *recorder,
		     const struct kmemlab_recorder *saved, bool done)
{
	unsigned int i;

	barrier();
	WRITE_ONCE(tail_current->task, NULL);
	if (done && !tail_current->set->untimed) {
		log->operations++;
		for_each_set_bit(i, &tail_current->causes, TAIL_CAUSES)
			log->with[i]++;
		tail_log_cost(log, recorder->values[saved->count]);
	}
	*recorder = *saved;
}

/* Hooks that replace those of the facility, and call them for one operation each */
static size_t tail_alloc_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	const struct kmemlab_recorder saved = ctx->alloc;
	size_t i, done = 1;

	for (i = 0; i < count; i++) {
		tail_begin();
		done = tail_current->real->alloc_n(ctx, first + i, 1);
		tail_note_kfence(ctx, first + i, done);
		tail_end(&tail_current->alloc, &ctx->alloc, &saved, done);
		if (!done)
			break;
	}
	return i;
}

static void tail_free_by(void (*fn)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count),
			 struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	const struct kmemlab_recorder saved = ctx->free;

	tail_begin();
	tail_note_kfence(ctx, first, count);
	fn(ctx, first, count);
	tail_end(&tail_current->free, &ctx->free, &saved, true);
}

static void tail_free_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		tail_free_by(tail_current->real->free_n, ctx, first + i, 1);
}

static void tail_rcu_free_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		tail_free_by(tail_current->real->rcu_free_n, ctx, first + i, 1);
}

static size_t tail_pair_n(struct kmemlab_facility_ctx *ctx, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!tail_alloc_n(ctx, 0, 1))
			break;
		tail_free_n(ctx, 0, 1);
	}
	return i;
}

static size_t tail_bulk_alloc(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	const struct kmemlab_recorder saved = ctx->alloc;
	size_t done;

	tail_begin();
	done = tail_current->real->bulk_alloc(ctx, first, count);
	tail_note_kfence(ctx, first, done);
	tail_end(&tail_current->alloc, &ctx->alloc, &saved, done);
	return done;
}

static void tail_bulk_free(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	tail_free_by(tail_current->real->bulk_free, ctx, first, count);
}

static void tail_replace_ops(struct tail_trace *trace)
{
	trace->real = trace->set->facility;
	trace->ops = *trace->real;
	trace->ops.alloc_n = tail_alloc_n;
	trace->ops.free_n = tail_free_n;
	trace->ops.pair_n = tail_pair_n;
	trace->ops.rcu_free_n = tail_rcu_free_n;
	if (trace->real->bulk_alloc)
		trace->ops.bulk_alloc = tail_bulk_alloc;
	if (trace->real->bulk_free)
		trace->ops.bulk_free = tail_bulk_free;
	trace->set->facility = &trace->ops;
}

static int tail_start_probes(void)
{
	unsigned int i;

	for (i = 0; i < TAIL_CAUSES; i++)
		tail_probes[i] = (struct kmemlab_tracepoint) {
			.tracepoint = tail_causes[i].tracepoint ?: "",
			.fn = tail_causes[i].fn,
			.data = &tail_causes[i],
		};
	return kmemlab_tracepoints_start(tail_probes, TAIL_CAUSES);
}

/*
 * Return false for growth and shrinking if the facility takes and returns pages with
 * every operation: then they are not slow paths.
 */
static bool tail_name_cause(const struct tail_trace *trace, const struct tail_cause *cause,
			    char *name)
{
	const struct kmemlab_facility_ops *facility = trace->real;

	if (cause->naming == TAIL_FIXED) {
		strscpy(name, cause->name, KMEMLAB_NAME_MAX);
		return true;
	}
	if (!facility->grows_by ||
	    (facility->grows_up_to && trace->set->ctx.object_size > facility->grows_up_to))
		return false;
	snprintf(name, KMEMLAB_NAME_MAX,
		 cause->naming == TAIL_GROWTH ? "new_%s" : "%s_freed", facility->grows_by);
	return true;
}

/* KFENCE may guard what else an operation allocates, such as the record of a vmalloc area. */
static bool tail_sees_kfence(const struct tail_trace *trace)
{
	const struct kmemlab_facility_ops *facility = trace->real;
	const size_t limit = facility->grows_up_to;

	if (!IS_ENABLED(CONFIG_KFENCE))
		return true;
	return facility->grows_by && !strcmp(facility->grows_by, "slab") &&
	       (!limit || trace->set->ctx.object_size <= limit);
}

static int tail_copy(const struct tail_trace *trace, struct kmemlab_result *result)
{
	struct kmemlab_cause *to = result->tail_causes;
	unsigned long named = 0;
	unsigned int i;

	for (i = 0; i < TAIL_CAUSES; i++) {
		if (!tail_name_cause(trace, &tail_causes[i], to->name))
			continue;
		to->observed = tail_probes[i].point ||
			       (tail_causes[i].observed && tail_sees_kfence(trace));
		to->allocs = trace->alloc.with[i];
		to->frees = trace->free.with[i];
		result->alloc_costs[to - result->tail_causes] = trace->alloc.cost_by[i];
		result->free_costs[to - result->tail_causes] = trace->free.cost_by[i];
		to++;
		__set_bit(i, &named);
	}
	result->tail_allocs = trace->alloc.operations;
	result->tail_frees = trace->free.operations;
	result->valid |= KMEMLAB_VALID_TAIL;
	return tail_copy_outliers(&trace->alloc, named, &result->alloc_outliers) ?:
	       tail_copy_outliers(&trace->free, named, &result->free_outliers);
}

/* Return the minimum time to allocate and free a page, which calls two of the probes. */
static u64 tail_page_ticks(void)
{
	u64 min_ticks = U64_MAX;
	unsigned int i;

	for (i = 0; i < TAIL_PROBE_TRIES; i++) {
		struct kmemlab_noise before;
		struct kmemlab_start start;
		struct page *page;
		u64 ticks;

		kmemlab_noise_read(&before);
		kmemlab_clock_begin(&start);
		page = alloc_page(GFP_KERNEL | KMEMLAB_GFP_ALWAYS);
		if (page)
			__free_page(page);
		ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
		if (!kmemlab_noise_tags(&before))
			min_ticks = min(min_ticks, ticks);
	}
	return min_ticks;
}

/* Return the ticks that one probe adds. */
static u32 tail_probe_ticks(u64 unprobed)
{
	u64 probed;

	tail_begin();
	probed = tail_page_ticks();
	WRITE_ONCE(tail_current->task, NULL);
	return probed > unprobed ? (u32)(probed - unprobed) / 2 : 0;
}

static void tail_destroy(struct tail_trace *trace)
{
	tail_log_destroy(&trace->alloc);
	tail_log_destroy(&trace->free);
	kfree(trace);
}

/* The recorders have room for the operations of all repeats. */
static struct tail_trace *tail_create(struct kmemlab_object_set *set)
{
	struct tail_trace *trace = kzalloc(sizeof(*trace), GFP_KERNEL);

	if (!trace)
		return NULL;
	trace->set = set;
	if (!tail_log_create(&trace->alloc, set->ctx.alloc.capacity) &&
	    !tail_log_create(&trace->free, set->ctx.free.capacity))
		return trace;
	tail_destroy(trace);
	return NULL;
}

/**
 * kmemlab_tail_trace_run() - run a workload again and find the slow paths
 * @set: empty set
 * @workload: workload to run, one operation per call
 * @on_held: callback of the workload
 * @context: argument of @on_held
 * @result: the tail fields are filled in; tail_reason if the pass is not possible
 *
 * Notes which tracepoints fire during each operation. Records no samples.
 *
 * Return: 0 (even if the pass is not possible), or the error of the workload.
 */
int kmemlab_tail_trace_run(struct kmemlab_object_set *set,
			   const struct kmemlab_workload_ops *workload,
			   kmemlab_on_held_fn on_held, void *context,
			   struct kmemlab_result *result)
{
	const char *reason = NULL;
	struct tail_trace *trace;
	u64 unprobed;
	int err;

	trace = tail_create(set);
	if (!trace)
		return -ENOMEM;
	err = mutex_lock_interruptible(&tail_mutex);
	if (err) {
		tail_destroy(trace);
		return err;
	}
	unprobed = tail_page_ticks();
	err = tail_start_probes();
	if (err) {
		reason = "the tracepoints cannot be used";
		goto unlock;
	}
	WRITE_ONCE(tail_current, trace);
	trace->probe_ticks = tail_probe_ticks(unprobed);
	tail_replace_ops(trace);
	err = workload->run(set, on_held, context);
	set->facility = trace->real;
	kmemlab_tracepoints_stop(tail_probes, TAIL_CAUSES);
	/* No probe is running that could still use it. */
	tail_current = NULL;
	if (!err)
		err = tail_copy(trace, result);
	if (err == -ENOMEM || err == -EBUSY)
		reason = "an allocation failed in the second pass";
unlock:
	mutex_unlock(&tail_mutex);
	tail_destroy(trace);
	if (!reason)
		return err;
	snprintf(result->tail_reason, sizeof(result->tail_reason), "%s (error %d)", reason, err);
	return 0;
}
