// SPDX-License-Identifier: GPL-2.0-only
/*
 * The passes of an experiment: first the timed one, with the verification in between,
 * then untimed ones that would disturb it.
 */
#include <linux/math64.h>
#include <linux/mm.h>

#include "experiment.h"
#include "internal.h"
#include "trace_areas.h"
#include "util.h"

/* Number of rounds that are compared to find a leak */
#define LEAK_ROUNDS	4

static void pass_read_ledger(struct kmemlab_experiment_state *e)
{
	struct kmemlab_result *result = e->result;
	struct kmemlab_ledger now;

	kmemlab_ledger_read(&now);
	result->system_bytes = e->before.free_bytes - now.free_bytes;
	result->system_slab_bytes = now.slab_bytes - e->before.slab_bytes;
	result->system_table_bytes = now.table_bytes - e->before.table_bytes;
}

static void pass_read_idle_ledger(struct kmemlab_experiment_state *e)
{
	struct kmemlab_ledger now;

	kmemlab_ledger_read(&now);
	e->result->idle_bytes = e->before.free_bytes - now.free_bytes;
}

static int pass_verify_by(int (*verify)(struct kmemlab_object_set *sets, size_t count,
					struct kmemlab_verify *verify),
			  struct kmemlab_experiment_state *e, struct kmemlab_object_set *sets,
			  unsigned int count)
{
	struct kmemlab_start start;
	int err;

	kmemlab_clock_begin(&start);
	err = verify(sets, count, &e->verify);
	e->result->verification_ticks += kmemlab_clock_since(&start, kmemlab_clock_end());
	e->result->valid |= KMEMLAB_VALID_VERIFICATION;
	return err;
}

static int pass_verify(struct kmemlab_experiment_state *e, struct kmemlab_object_set *sets,
		       unsigned int count)
{
	u64 objects = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		objects += sets[i].objects;
	e->held_objects = objects;
	e->verify_objects += objects;
	return pass_verify_by(kmemlab_verify_objects, e, sets, count);
}

static u64 pass_requested_bytes(const struct kmemlab_experiment_state *e, u64 objects)
{
	return objects * e->request->object_size *
	       (e->set.facility->copies ? e->set.facility->copies() : 1);
}

/* Fill in the memory of all objects, which were verified. */
static void pass_fill_memory(struct kmemlab_experiment_state *e)
{
	struct kmemlab_result *result = e->result;

	result->requested_bytes = pass_requested_bytes(e, e->held_objects);
	result->backing_bytes = e->verify.frames.frames << PAGE_SHIFT;
	result->backing_slab_bytes = e->verify.frames.slab_frames << PAGE_SHIFT;
	result->struct_page_bytes = e->verify.frames.frames * sizeof(struct page);
	kmemlab_pfn_set_extents(&e->verify.frames, result);
	result->valid |= KMEMLAB_VALID_MEMORY | KMEMLAB_VALID_CONTIGUITY;
}

/*
 * The sets of all CPUs are alive. The first worker verifies all of them. Until it is done,
 * the others must wait even if the experiment was aborted: next they sort their handles
 * and free their objects.
 */
static int pass_verify_all(struct kmemlab_cpu_part *part)
{
	struct kmemlab_experiment_state *e = part->state;
	int err;

	if (part->set != e->sets) {
		err = kmemlab_workers_barrier(part->worker);
		mutex_lock(&e->verify_lock);
		mutex_unlock(&e->verify_lock);
		return err;
	}
	mutex_lock(&e->verify_lock);
	err = kmemlab_workers_barrier(part->worker);
	if (!err) {
		pass_read_ledger(e);
		err = pass_verify(e, e->sets, e->cpus);
	}
	if (!err)
		pass_fill_memory(e);
	mutex_unlock(&e->verify_lock);
	return err;
}

/* Run the frees that were deferred. The cost is unknown if the task slept meanwhile. */
static void pass_quiesce(struct kmemlab_experiment_state *e)
{
	struct kmemlab_deferred *deferred = &e->sets->deferred;
	const bool known = !deferred->ticks || deferred->known;
	struct kmemlab_noise before;
	struct kmemlab_start start;

	if (!e->set.facility->quiesce)
		return;
	if (e->set.facility->quiesce_waits) {
		kmemlab_deferred_flush(e->set.facility->quiesce, deferred);
		return;
	}
	kmemlab_noise_read(&before);
	kmemlab_clock_begin(&start);
	e->set.facility->quiesce();
	deferred->ticks += kmemlab_clock_since(&start, kmemlab_clock_end());
	deferred->known = known && !(kmemlab_noise_tags(&before) & KMEMLAB_SAMPLE_SLEPT);
}

/* Measure the kept objects, after deferred frees of the others. Only one CPU runs. */
static int pass_measure_kept(struct kmemlab_experiment_state *e)
{
	struct kmemlab_result *result = e->result;
	struct kmemlab_ledger now;
	int err;

	kmemlab_ledger_read(&now);
	kmemlab_pfn_set_clear(&e->verify.frames);
	err = pass_verify_by(kmemlab_verify_again, e, e->sets, 1);
	result->kept_objects = e->sets->kept;
	result->kept_requested_bytes = pass_requested_bytes(e, e->sets->kept);
	result->kept_backing_bytes = e->verify.frames.frames << PAGE_SHIFT;
	result->kept_system_bytes = e->before.free_bytes - now.free_bytes;
	result->valid |= KMEMLAB_VALID_KEPT;
	return err;
}

/*
 * All objects but the kept ones were freed. Each repeat ends the deferred frees, so that all
 * of them cost the same; only the first one is measured.
 */
static int pass_end_partly(struct kmemlab_cpu_part *part)
{
	if (kmemlab_corrupts(KMEMLAB_CORRUPT_KEPT))
		*(u8 *)kmemlab_object_set_base(part->set, part->set->ctx.handles[0]) ^= 1;
	pass_quiesce(part->state);
	return part->repeat ? 0 : pass_measure_kept(part->state);
}

/* Called by the workload with live objects, outside of the timed parts. */
static int pass_on_held(struct kmemlab_object_set *set, void *context)
{
	struct kmemlab_cpu_part *part = context;
	struct kmemlab_experiment_state *e = part->state;
	int err;

	if (kmemlab_experiment_is_operation(e))
		pass_read_ledger(e);
	if (kmemlab_experiment_calibrates(e))
		return 0;
	if (set->kept)
		return pass_end_partly(part);
	if (part->repeat)
		return 0;
	if (e->workload->flags & KMEMLAB_WORKLOAD_HOLDS)
		return pass_verify_all(part);
	mutex_lock(&e->verify_lock);
	err = pass_verify(e, set, 1);
	mutex_unlock(&e->verify_lock);
	return err;
}

static int pass_work(struct kmemlab_worker *worker)
{
	struct kmemlab_experiment_state *e =
		container_of(worker->group, struct kmemlab_experiment_state, group);
	struct kmemlab_cpu_part *part = &e->parts[worker - e->workers];
	int err = 0;

	for (part->repeat = 0; part->repeat < e->repeats && !err; part->repeat++)
		err = e->workload->run(part->set, pass_on_held, part);
	return err;
}

static int pass_run_timed(struct kmemlab_experiment_state *e)
{
	int err;

	e->verify.result = e->result;
	e->verify.seed = e->request->seed;
	kmemlab_workers_init(&e->group, e->workers, e->cpus, pass_work);
	if (e->set.ctx.marked) {
		kmemlab_trace_mark(KMEMLAB_MARK_ARMED);
		kmemlab_trace_kernel_areas();
	}
	err = kmemlab_workers_run(&e->group);
	if (e->set.ctx.marked)
		kmemlab_trace_mark(KMEMLAB_MARK_DISARMED);
	return err;
}

static void pass_run_deferred(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_deferred *deferred = &e->sets->deferred;

	pass_quiesce(e);
	if (!deferred->known)
		return;
	e->result->deferred_ticks = deferred->ticks;
	e->result->valid |= KMEMLAB_VALID_DEFERRED;
}

/* Return true if all objects are freed one by one on the current CPU. */
static bool pass_has_loop(const struct kmemlab_experiment_state *e)
{
	const struct kmemlab_workload_ops *workload = e->workload;
	const struct kmemlab_object_set *set = e->sets;

	return (workload->flags & KMEMLAB_WORKLOAD_FREES_ALL) &&
	       !(workload->flags & KMEMLAB_WORKLOAD_GROWS) &&
	       !set->bulk && !set->rcu && set->free_cpu < 0 && e->cpus == 1;
}

/* Like the timed pass, begin with empty caches and pools. */
static int pass_loop_batches(struct kmemlab_experiment_state *e, struct kmemlab_batch_times *alloc,
			     struct kmemlab_batch_times *free)
{
	int err = kmemlab_experiment_reset(e);
	unsigned int repeat;

	for (repeat = 0; repeat < e->repeats && !err; repeat++)
		err = kmemlab_object_set_loop(e->sets, alloc, free);
	return err;
}

static int pass_run_loop(struct kmemlab_experiment_state *e)
{
	struct kmemlab_batch_times alloc = { .pmu = NULL }, free = { .pmu = NULL };
	int err;

	if (!pass_has_loop(e))
		return 0;
	err = pass_loop_batches(e, &alloc, &free);
	e->result->alloc_loop = alloc.loop;
	e->result->free_loop = free.loop;
	return err;
}

static void pass_copy_counts(struct kmemlab_experiment_state *e, const struct kmemlab_pmu *pmu,
			     const struct kmemlab_batch_times *alloc,
			     const struct kmemlab_batch_times *free)
{
	struct kmemlab_pmu_event *to = e->result->pmu_events;
	bool counted;
	unsigned int i;

	for (i = 0; kmemlab_pmu_copy(pmu, i, to[i].name, &counted); i++) {
		to[i].counted = counted;
		to[i].allocs = alloc->events[i];
		to[i].frees = free->events[i];
	}
	e->result->pmu_allocs = alloc->loop.operations;
	e->result->pmu_frees = free->loop.operations;
	e->result->valid |= KMEMLAB_VALID_PMU;
}

/* Run the loop again and read the CPU's performance counters around each batch. */
static int pass_run_counted(struct kmemlab_experiment_state *e)
{
	struct kmemlab_pmu pmu;
	struct kmemlab_batch_times alloc = { .pmu = &pmu }, free = { .pmu = &pmu };
	const char *reason;
	int err;

	if (!(e->request->flags & KMEMLAB_EXPERIMENT_PMU))
		return 0;
	reason = pass_has_loop(e) ? kmemlab_pmu_open(&pmu) :
		 "only batch workloads with single calls on one CPU can be counted";
	if (reason) {
		strscpy(e->result->pmu_reason, reason, sizeof(e->result->pmu_reason));
		return 0;
	}
	err = pass_loop_batches(e, &alloc, &free);
	if (!err)
		pass_copy_counts(e, &pmu, &alloc, &free);
	kmemlab_pmu_close(&pmu);
	return err;
}

static int pass_run_traced(struct kmemlab_experiment_state *e)
{
	struct kmemlab_result *result = e->result;
	int err = 0;

	if (!(e->request->flags & KMEMLAB_EXPERIMENT_TAILS))
		return 0;
	if (e->cpus > 1) {
		strscpy(result->tail_reason, "slow paths are only observed on a single CPU",
			sizeof(result->tail_reason));
		return 0;
	}
	/* Like the timed pass, begin with empty caches and pools. */
	if (e->workload->flags & KMEMLAB_WORKLOAD_HOLDS)
		err = kmemlab_experiment_reset(e);
	/* The pass runs without the group: there is no other worker to wait for. */
	e->sets->worker = NULL;
	return err ?: kmemlab_tail_trace_run(e->sets, e->workload, pass_on_held, e->parts,
					     result);
}

/*
 * Measure how much of the system's memory a round of a user's operations loses. A cache of the
 * kernel may grow in a round; it does not in most of them. On several CPUs the memory that was
 * held is unknown as well: others may still be in their operations.
 */
static int pass_find_leak(struct kmemlab_experiment_state *e)
{
	struct kmemlab_batch_times alloc = { .pmu = NULL }, free = { .pmu = NULL };
	unsigned int round, growing = 0;
	s64 before, start = 0;
	int err = 0;

	if (!kmemlab_experiment_is_operation(e) || !pass_has_loop(e))
		return 0;
	/* Each pass first ends the round before; the first comparison has none. */
	for (round = 0; round <= LEAK_ROUNDS + 1 && !err; round++) {
		before = e->round_end.free_bytes;
		err = pass_loop_batches(e, &alloc, &free);
		if (round == 1)
			start = e->round_end.free_bytes;
		growing += round > 1 && e->round_end.free_bytes < before;
	}
	e->result->leaked_bytes = growing > 1 ?
		div_s64(start - e->round_end.free_bytes, LEAK_ROUNDS) : 0;
	e->result->valid |= KMEMLAB_VALID_OPERATION;
	return err;
}

static int pass_reject(struct kmemlab_experiment_state *e, int err)
{
	size_t operations = 0;
	unsigned int i;

	for (i = 0; i < e->cpus; i++)
		operations += e->sets[i].ctx.alloc.count;
	if (err == -ENOMEM && e->result->status != KMEMLAB_STATUS_SKIPPED)
		kmemlab_reject(e->result, KMEMLAB_REASON_ALLOC_FAILED, err,
			       "the allocation failed after %zu operation%s for %zu object%s",
			       operations, kmemlab_plural(operations), e->set.ctx.objects,
			       kmemlab_plural(e->set.ctx.objects));
	if (err == -EBUSY)
		kmemlab_reject(e->result, KMEMLAB_REASON_NO_FREE_BLOCK, -ENOMEM,
			       "%s needs a free block of %s to drain the per-CPU lists",
			       e->workload->name, kmemlab_amount(pageblock_nr_pages));
	if (err == -ETIMEDOUT)
		kmemlab_reject(e->result, KMEMLAB_REASON_TIMEOUT, err,
			       "the %u CPUs are too busy to start at the same time", e->cpus);
	if (err == -ENODEV)
		kmemlab_reject(e->result, KMEMLAB_REASON_CPU_OFFLINE, err,
			       "a CPU went offline, and its thread was moved to another CPU");
	return err;
}

/* The verification counts these in any case. */
static void pass_clear_memory(struct kmemlab_result *result)
{
	if (result->valid & KMEMLAB_VALID_MEMORY)
		return;
	result->usable_bytes = 0;
	result->contiguous_objects = 0;
	result->device_ready_objects = 0;
}

/* Set the reason why an unbounded workload ended. */
static void pass_set_ramp_reason(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const struct kmemlab_facility_ctx *ctx = &e->set.ctx;

	if (e->held_objects < ctx->objects)
		kmemlab_set_reason(e->result, KMEMLAB_REASON_ALLOC_FAILED,
				   "the allocation failed after %zu object%s", e->held_objects,
				   kmemlab_plural(e->held_objects));
	else if (facility->ramp_max && facility->ramp_max(ctx) == ctx->objects)
		kmemlab_set_reason(e->result, KMEMLAB_REASON_RAMP_LIMIT,
				   "stopped at the limit of %s, %zu objects, as their cost grows",
				   facility->name, e->held_objects);
	else
		kmemlab_set_reason(e->result, KMEMLAB_REASON_BUDGET,
				   "stopped at the memory budget: %zu object%s may take %s",
				   e->held_objects, kmemlab_plural(e->held_objects),
				   kmemlab_amount(e->reserved));
}

static void pass_finish_status(struct kmemlab_experiment_state *e)
{
	struct kmemlab_result *result = e->result;
	unsigned int i;

	for (i = 0; i < e->cpus; i++) {
		result->objects_per_operation = max_t(u64, result->objects_per_operation,
						      e->sets[i].per_operation);
		result->objects_per_free = max_t(u64, result->objects_per_free,
						 e->sets[i].per_free);
	}
	if (result->verified_objects != e->verify_objects)
		kmemlab_set_reason(result, KMEMLAB_REASON_UNVERIFIED,
				   "%llu of %llu objects were verified",
				   result->verified_objects, e->verify_objects);
	else if (result->misaligned)
		kmemlab_set_reason(result, KMEMLAB_REASON_MISALIGNED,
				   "%llu object%s not aligned to %zu bytes",
				   result->misaligned, result->misaligned == 1 ? " is" : "s are",
				   e->set.ctx.align);
	else if (result->mismatched_bytes || result->route_mismatches)
		kmemlab_set_reason(result, KMEMLAB_REASON_MISMATCH,
				   "%llu byte%s wrong, %llu address%s with several translations",
				   result->mismatched_bytes,
				   kmemlab_plural(result->mismatched_bytes),
				   result->route_mismatches,
				   result->route_mismatches == 1 ? "" : "es");
	if (result->reason_code)
		result->status = KMEMLAB_STATUS_FAILED;
	else if ((e->workload->flags & KMEMLAB_WORKLOAD_GROWS) && !kmemlab_experiment_calibrates(e))
		pass_set_ramp_reason(e);
}

/**
 * kmemlab_experiment_run_passes() - run all passes and fill in the result
 * @e: set up experiment
 *
 * Return: 0, or a negative errno, with the reason in @e->result unless it is -EINTR.
 */
int kmemlab_experiment_run_passes(struct kmemlab_experiment_state *e)
{
	int err = pass_run_timed(e);

	if (!err) {
		pass_run_deferred(e);
		pass_read_idle_ledger(e);
		err = pass_run_loop(e) ?: pass_run_counted(e) ?: pass_run_traced(e) ?:
		      pass_find_leak(e);
	}
	if (err)
		return pass_reject(e, err);
	pass_clear_memory(e->result);
	pass_finish_status(e);
	return 0;
}
