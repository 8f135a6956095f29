// SPDX-License-Identifier: GPL-2.0
#include "experiment.h"

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "budget.h"
#include "condition.h"
#include "facilities/registry.h"
#include "ledger.h"
#include "object_set.h"
#include "request.h"
#include "tail.h"
#include "verify.h"
#include "workloads/workload.h"

static atomic64_t live_bytes = ATOMIC64_INIT(0);

/**
 * struct experiment - one experiment on its way
 * @request: what the caller wants
 * @result: what comes of it
 * @set: the objects
 * @proof: what proving them finds
 * @before: the system's ledger before the facility was prepared
 * @reserved: pages taken from the budget
 * @prepared: the facility was, so that it must be finished
 * @more_gfp: allocation flags beside the profile's
 * @round: which of the repeats it is at
 * @held_objects: objects that were alive when they were proved last
 * @proved_objects: objects that were to be proved, all together
 */
struct experiment {
	struct kmemlab_request request;
	struct kmemlab_result *result;
	struct kmemlab_object_set set;
	struct kmemlab_proof proof;
	struct kmemlab_ledger before;
	u64 reserved;
	bool prepared;
	gfp_t more_gfp;
	unsigned int round;
	size_t held_objects;
	u64 proved_objects;
};

u64 kmemlab_experiment_live_bytes(void)
{
	return atomic64_read(&live_bytes);
}

static bool is_instrument(const struct experiment *e)
{
	return e->set.facility->capabilities & KMEMLAB_CAP_INSTRUMENT;
}

/* The most objects that one operation can serve. */
static size_t objects_at_once(const struct kmemlab_facility_ops *facility,
			      const struct kmemlab_run *run)
{
	if (!facility->plan)
		return 1;
	return max_t(size_t, MAX_ORDER_NR_PAGES * PAGE_SIZE / run->object_size, 1);
}

/* Handles that are alive at once, of this many operations. */
static size_t alive_of(const struct experiment *e, size_t operations)
{
	return e->request.workload->holds ? operations : 1;
}

/* Pages for the objects that are alive at once, and for all bookkeeping. */
static u64 pages_needed(const struct experiment *e, size_t objects)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	struct kmemlab_run run = e->set.run;
	size_t operations;
	u64 bytes;

	run.objects = objects;
	operations = kmemlab_object_set_operations_max(facility, &run);
	bytes = kmemlab_object_set_bookkeeping((u64)operations * e->request.repeats,
					       alive_of(e, operations)) +
		kmemlab_frame_set_bookkeeping();
	run.alive = alive_of(e, operations);
	if (!e->request.workload->holds)
		run.objects = min(objects, objects_at_once(facility, &run));
	return facility->footprint_pages(&run) + DIV_ROUND_UP_ULL(bytes, PAGE_SIZE);
}

/* The most objects that the budget has room for. */
static size_t most_objects(const struct experiment *e)
{
	u64 left = kmemlab_budget_left(e->set.run.gfp);
	size_t low = 1, high = min_t(u64, left << PAGE_SHIFT, SIZE_MAX / sizeof(u64));

	while (low < high) {
		size_t middle = high - (high - low) / 2;

		if (pages_needed(e, middle) <= left)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static int reserve(struct experiment *e, u64 pages)
{
	int error = kmemlab_budget_reserve(pages, e->set.run.gfp);

	if (error)
		return kmemlab_refuse(&e->request, error,
			      "%zu objects of %llu bytes may take %llu KiB, and the budget has %llu KiB left",
			      e->set.run.objects, e->request.asked->object_size,
			      pages << (PAGE_SHIFT - 10),
			      kmemlab_budget_left(e->set.run.gfp) << (PAGE_SHIFT - 10));
	e->reserved = pages;
	return 0;
}

static int prepare(struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	int error = facility->prepare ? facility->prepare(&e->set.run) : 0;

	e->prepared = !error;
	if (error)
		kmemlab_refuse(&e->request, error, "%s could not be prepared (error %d)",
			       facility->name, error);
	return error;
}

static void finish(struct experiment *e)
{
	if (e->prepared && e->set.facility->finish)
		e->set.facility->finish(&e->set.run);
	e->prepared = false;
}

/* Everything that must be there before the first operation. */
static int set_up(struct experiment *e)
{
	struct kmemlab_run *run = &e->set.run;
	size_t operations;
	int error;

	run->gfp |= e->more_gfp;
	if (e->request.workload->unbounded)
		run->objects = most_objects(e);
	error = reserve(e, pages_needed(e, run->objects));
	if (error)
		return error;
	operations = kmemlab_object_set_operations_max(e->set.facility, run);
	run->alive = alive_of(e, operations);
	if (operations > INT_MAX / sizeof(*run->handles) / e->request.repeats)
		error = kmemlab_refuse(&e->request, -ENOMEM,
				       "%zu operations %u times are more than one array can hold",
				       operations, e->request.repeats);
	if (error)
		goto release;
	error = kmemlab_object_set_create(&e->set, operations * e->request.repeats,
					  run->alive);
	if (error) {
		kmemlab_refuse(&e->request, error,
			       "no memory for the bookkeeping of %zu operations", operations);
		goto release;
	}
	error = kmemlab_frame_set_create(&e->proof.frames);
	if (error) {
		kmemlab_refuse(&e->request, error, "no memory for the set of page frames");
		goto destroy_set;
	}
	/* What others have freed lazily decides where the next areas lie. */
	vm_unmap_aliases();
	kmemlab_ledger_read(&e->before);
	error = prepare(e);
	if (error)
		goto destroy_frames;
	return 0;

destroy_frames:
	kmemlab_frame_set_destroy(&e->proof.frames);
destroy_set:
	kmemlab_object_set_destroy(&e->set);
release:
	kmemlab_budget_release(e->reserved);
	return error;
}

static void take_down(struct experiment *e)
{
	finish(e);
	kmemlab_frame_set_destroy(&e->proof.frames);
	kmemlab_object_set_destroy(&e->set);
	kmemlab_budget_release(e->reserved);
}

static void close_system_ledger(struct experiment *e)
{
	struct kmemlab_result *result = e->result;
	struct kmemlab_ledger now;

	kmemlab_ledger_read(&now);
	result->system_bytes = e->before.free_bytes - now.free_bytes;
	result->system_slab_bytes = now.slab_bytes - e->before.slab_bytes;
	result->system_table_bytes = now.table_bytes - e->before.table_bytes;
}

/* Objects are alive, nothing is timed: look at the system's ledger, then prove. */
static int held(struct kmemlab_object_set *set, void *context)
{
	struct experiment *e = context;
	u64 bytes = (u64)set->objects * set->run.object_size;
	int error;

	if (is_instrument(e) || e->round)
		return 0;
	e->held_objects = set->objects;
	e->proved_objects += set->objects;
	atomic64_add(bytes, &live_bytes);
	if (e->request.workload->holds)
		close_system_ledger(e);
	error = kmemlab_verify(set, &e->proof);
	e->result->valid |= KMEMLAB_VALID_VERIFICATION;
	atomic64_sub(bytes, &live_bytes);
	return error;
}

static void close_ledger(struct experiment *e)
{
	struct kmemlab_result *result = e->result;

	if (!e->request.workload->holds || is_instrument(e)) {
		result->usable_bytes = 0;
		result->contiguous_objects = 0;
		result->device_ready_objects = 0;
		return;
	}
	result->requested_bytes = (u64)e->held_objects * e->request.asked->object_size;
	result->backing_bytes = e->proof.frames.frames << PAGE_SHIFT;
	kmemlab_frame_set_extents(&e->proof.frames, result);
	result->valid |= KMEMLAB_VALID_MEMORY | KMEMLAB_VALID_CONTIGUITY;
}

/* Which of the two ended what goes on until it is refused. */
static void say_end(struct experiment *e)
{
	struct kmemlab_result *result = e->result;

	if (e->held_objects < e->set.run.objects)
		snprintf(result->reason, sizeof(result->reason),
			 "the allocator refused after %zu objects", e->held_objects);
	else
		snprintf(result->reason, sizeof(result->reason),
			 "the budget ended it: %zu objects may take %llu KiB", e->held_objects,
			 e->reserved << (PAGE_SHIFT - 10));
}

static void judge(struct experiment *e)
{
	struct kmemlab_result *result = e->result;

	result->objects_per_operation = e->set.per_operation;
	result->objects_per_free = e->set.per_free;
	if (result->verified_objects != e->proved_objects) {
		result->status = KMEMLAB_STATUS_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "%llu of %llu objects were proved", result->verified_objects,
			 e->proved_objects);
	} else if (result->mismatches || result->route_disagreements) {
		result->status = KMEMLAB_STATUS_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "%llu bytes read back wrong, %llu addresses translated differently",
			 result->mismatches, result->route_disagreements);
	} else if (e->request.workload->unbounded && !is_instrument(e)) {
		say_end(e);
	}
}

/* What freeing has put off, timed as a whole. Time spent waiting would be nobody's cost. */
static void finish_deferred(struct experiment *e)
{
	struct kmemlab_disturbance before;
	struct kmemlab_start start;
	u64 ticks;

	if (!e->set.facility->quiesce)
		return;
	kmemlab_disturbance_read(&before);
	kmemlab_clock_begin(&start);
	e->set.facility->quiesce();
	ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	if (kmemlab_disturbance_tags(&before) & KMEMLAB_SAMPLE_SLEPT)
		return;
	e->result->deferred_ticks = ticks;
	e->result->valid |= KMEMLAB_VALID_DEFERRED;
}

static int run_rounds(struct experiment *e)
{
	int error = 0;

	for (e->round = 0; e->round < e->request.repeats && !error; e->round++)
		error = e->request.workload->run(&e->set, held, e);
	return error;
}

/* For what is freed one by one, here: the same operations without a clock in between. */
static int run_loop(struct experiment *e)
{
	const struct kmemlab_object_set *set = &e->set;

	if (!e->request.workload->frees_all || e->request.workload->unbounded || set->bulk ||
	    set->rcu || set->free_cpu >= 0)
		return 0;
	return kmemlab_object_set_loop(&e->set, &e->result->alloc_loop, &e->result->free_loop);
}

/* What holds a whole set began with the facility's own caches and pools empty. */
static int run_tail(struct experiment *e)
{
	int error = 0;

	if (!(e->request.asked->flags & KMEMLAB_EXPERIMENT_TAILS))
		return 0;
	if (e->request.workload->holds) {
		finish(e);
		error = prepare(e);
	}
	return error ?: kmemlab_tail_pass(&e->set, e->request.workload, held, e,
					  e->result);
}

static int measure(struct experiment *e)
{
	int error;

	e->proof.result = e->result;
	e->proof.seed = e->request.asked->seed;
	if (e->set.run.marked)
		kmemlab_mark(KMEMLAB_MARK_ARMED);
	error = run_rounds(e);
	if (e->set.run.marked)
		kmemlab_mark(KMEMLAB_MARK_DISARMED);
	if (!error) {
		finish_deferred(e);
		error = run_loop(e) ?: run_tail(e);
	}
	if (error == -ENOMEM && e->result->status != KMEMLAB_STATUS_REFUSED)
		kmemlab_refuse(&e->request, error,
			       "the allocator refused after %zu operations for %zu objects",
			       e->set.run.alloc.count, e->set.run.objects);
	if (error)
		return error;
	close_ledger(e);
	judge(e);
	return 0;
}

static int run(struct experiment *e, struct kmemlab_experiment *answer)
{
	struct kmemlab_condition condition;
	int error;

	error = kmemlab_request_resolve(&e->request);
	if (error)
		return error;
	error = kmemlab_condition_make(&condition, &e->request,
				       pages_needed(e, e->set.run.objects));
	if (error)
		return error;
	error = set_up(e);
	if (error) {
		kmemlab_condition_undo(&condition);
		return error;
	}
	error = measure(e);
	kmemlab_condition_undo(&condition);
	if (!error)
		error = kmemlab_recorder_copy(&e->set.run.alloc, &answer->alloc) ?:
			kmemlab_recorder_copy(&e->set.run.free, &answer->free);
	take_down(e);
	return error;
}

int kmemlab_experiment_run(struct kmemlab_experiment *experiment, struct kmemlab_result *result)
{
	struct experiment *e = kzalloc(sizeof(*e), GFP_KERNEL);
	int error;

	if (!e)
		return -ENOMEM;
	e->request = (struct kmemlab_request) {
		.asked = experiment,
		.set = &e->set,
		.result = result,
	};
	e->result = result;
	error = run(e, experiment);
	if (result->status == KMEMLAB_STATUS_REFUSED)
		error = 0;
	kfree(e);
	return error;
}

/* Pages that can be mapped are split or compound: a tail goes back with its head only. */
static int check_hold(struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;

	if (is_instrument(e))
		return kmemlab_refuse(&e->request, -EOPNOTSUPP, "%s holds nothing", facility->name);
	if (e->more_gfp && !(facility->capabilities & KMEMLAB_CAP_MAPPABLE))
		return kmemlab_refuse(&e->request, -EOPNOTSUPP,
				      "objects of %s cannot be mapped to a process",
				      facility->name);
	return 0;
}

static int hold(struct experiment *e)
{
	int error = kmemlab_request_resolve(&e->request) ?: check_hold(e) ?: set_up(e);

	if (error)
		return error;
	error = kmemlab_object_set_alloc_quietly(&e->set);
	if (!error) {
		atomic64_add((u64)e->set.objects * e->set.run.object_size, &live_bytes);
		return 0;
	}
	if (error == -ENOMEM)
		kmemlab_refuse(&e->request, error, "the allocator refused after %zu of %zu objects",
			       e->set.objects, e->set.run.objects);
	kmemlab_object_set_free_quietly(&e->set);
	take_down(e);
	return error;
}

struct kmemlab_object_set *kmemlab_experiment_hold(struct kmemlab_experiment *experiment,
						   bool mappable, struct kmemlab_result *result)
{
	struct experiment *e = kzalloc(sizeof(*e), GFP_KERNEL);
	int error;

	if (!e)
		return ERR_PTR(-ENOMEM);
	strscpy(experiment->workload, "batch", sizeof(experiment->workload));
	experiment->node = NUMA_NO_NODE;
	experiment->free_cpu = -1;
	e->request = (struct kmemlab_request) {
		.asked = experiment,
		.set = &e->set,
		.result = result,
	};
	e->result = result;
	e->more_gfp = mappable ? __GFP_COMP | __GFP_ZERO : 0;
	error = hold(e);
	if (!error)
		return &e->set;
	kfree(e);
	return ERR_PTR(error);
}

void kmemlab_experiment_let_go(struct kmemlab_object_set *set)
{
	struct experiment *e = container_of(set, struct experiment, set);

	atomic64_sub((u64)set->objects * set->run.object_size, &live_bytes);
	kmemlab_object_set_free_quietly(set);
	take_down(e);
	kfree(e);
}
