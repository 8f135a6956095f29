// SPDX-License-Identifier: GPL-2.0
#include "experiment.h"

#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "budget.h"
#include "facilities/registry.h"
#include "gfp.h"
#include "ledger.h"
#include "object_set.h"
#include "verify.h"
#include "workloads/workload.h"

static atomic64_t live_bytes = ATOMIC64_INIT(0);

/**
 * struct experiment - one experiment on its way
 * @asked: what the caller wants
 * @result: what comes of it
 * @workload: the order of operations
 * @gfp: the GFP profile
 * @set: the objects
 * @proof: what proving them finds
 * @before: the system's ledger before the first operation
 * @reserved: pages taken from the budget
 */
struct experiment {
	const struct kmemlab_experiment *asked;
	struct kmemlab_result *result;
	const struct kmemlab_workload_ops *workload;
	const struct kmemlab_gfp_profile *gfp;
	struct kmemlab_object_set set;
	struct kmemlab_proof proof;
	struct kmemlab_ledger before;
	u64 reserved;
};

u64 kmemlab_experiment_live_bytes(void)
{
	return atomic64_read(&live_bytes);
}

static __printf(3, 4) int refuse(struct experiment *e, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(e->result->reason, sizeof(e->result->reason), format, args);
	va_end(args);
	e->result->status = KMEMLAB_STATUS_REFUSED;
	e->result->error = error;
	return error;
}

static bool is_instrument(const struct experiment *e)
{
	return e->set.facility->capabilities & KMEMLAB_CAP_INSTRUMENT;
}

/* Names to tables. */
static int look_up(struct experiment *e)
{
	const char *gfp = *e->asked->gfp ? e->asked->gfp : "kernel";

	e->set.facility = kmemlab_facility_find(e->asked->facility);
	e->workload = kmemlab_workload_find(e->asked->workload);
	e->gfp = kmemlab_gfp_find(gfp);
	if (!e->set.facility || !e->workload || !e->gfp)
		return -ENOENT;
	if (*e->asked->condition && strcmp(e->asked->condition, "fresh"))
		return -ENOENT;
	return 0;
}

/* What no kernel and no facility could make sense of. */
static int check_request(const struct kmemlab_experiment *asked)
{
	u64 bytes;

	if (!asked->object_size || !asked->objects || asked->flags & ~KMEMLAB_EXPERIMENT_MARK)
		return -EINVAL;
	if (check_mul_overflow(asked->object_size, asked->objects, &bytes) ||
	    asked->objects > SIZE_MAX / sizeof(u64) || asked->object_size > SIZE_MAX)
		return -EOVERFLOW;
	/* Part of the contract, for experiments that are not there yet. */
	if (asked->align || asked->bulk > 1 || asked->repeats > 1 || asked->node != NUMA_NO_NODE ||
	    asked->free_cpu != -1 || asked->cpu_count > 1 || *asked->free_order)
		return -EOPNOTSUPP;
	return 0;
}

static int check_limits(struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const char *unavailable = kmemlab_facility_unavailable(facility);

	if (unavailable)
		return refuse(e, -EOPNOTSUPP, "%s is not available here: %s", facility->name,
			      unavailable);
	if (e->asked->object_size < facility->object_size_min ||
	    e->asked->object_size > facility->object_size_max)
		return refuse(e, -E2BIG, "%s serves objects of %zu to %zu bytes, not %llu",
			      facility->name, facility->object_size_min,
			      facility->object_size_max, e->asked->object_size);
	if (e->gfp->atomic && !(facility->capabilities & KMEMLAB_CAP_ATOMIC))
		return refuse(e, -EOPNOTSUPP, "%s may sleep, so it has no gfp %s", facility->name,
			      e->gfp->name);
	return 0;
}

/* The most objects that one operation can serve. */
static size_t objects_at_once(const struct kmemlab_facility_ops *facility,
			      const struct kmemlab_run *run)
{
	if (!facility->plan)
		return 1;
	return max_t(size_t, MAX_ORDER_NR_PAGES * PAGE_SIZE / run->object_size, 1);
}

/* Pages for the objects that are alive at once, and for all bookkeeping. */
static u64 pages_needed(struct experiment *e, size_t operations, size_t alive)
{
	struct kmemlab_run run = e->set.run;
	u64 bytes = kmemlab_object_set_bookkeeping(operations, alive) +
		    kmemlab_frame_set_bookkeeping();

	if (!e->workload->holds)
		run.objects = min(run.objects, objects_at_once(e->set.facility, &run));
	return e->set.facility->footprint_pages(&run) + DIV_ROUND_UP_ULL(bytes, PAGE_SIZE);
}

static int reserve(struct experiment *e, u64 pages)
{
	int error = kmemlab_budget_reserve(pages, e->set.run.gfp);

	if (error)
		return refuse(e, error,
			      "%llu objects of %llu bytes may take %llu KiB, and the budget has %llu KiB left",
			      e->asked->objects, e->asked->object_size,
			      pages << (PAGE_SHIFT - 10),
			      kmemlab_budget_left(e->set.run.gfp) << (PAGE_SHIFT - 10));
	e->reserved = pages;
	return 0;
}

/* Everything that must be there before the first operation. */
static int set_up(struct experiment *e)
{
	struct kmemlab_run *run = &e->set.run;
	size_t operations, alive;
	int error;

	run->object_size = e->asked->object_size;
	run->objects = e->asked->objects;
	run->gfp = e->gfp->flags | __GFP_NORETRY | __GFP_NOWARN;
	run->node = e->asked->node;
	run->marked = e->asked->flags & KMEMLAB_EXPERIMENT_MARK;
	operations = kmemlab_object_set_operations_max(e->set.facility, run);
	alive = e->workload->holds ? operations : 1;
	error = reserve(e, pages_needed(e, operations, alive));
	if (error)
		return error;
	error = kmemlab_object_set_create(&e->set, operations, alive);
	if (error) {
		refuse(e, error, "no memory for the bookkeeping of %zu operations", operations);
		goto release;
	}
	error = kmemlab_frame_set_create(&e->proof.frames);
	if (error) {
		refuse(e, error, "no memory for the set of page frames");
		goto destroy_set;
	}
	error = e->set.facility->prepare ? e->set.facility->prepare(run) : 0;
	if (error) {
		refuse(e, error, "%s could not be prepared (error %d)", e->set.facility->name,
		       error);
		goto destroy_frames;
	}
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
	if (e->set.facility->finish)
		e->set.facility->finish(&e->set.run);
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

	if (is_instrument(e))
		return 0;
	atomic64_add(bytes, &live_bytes);
	if (e->workload->holds)
		close_system_ledger(e);
	error = kmemlab_verify(set, &e->proof);
	e->result->valid |= KMEMLAB_VALID_VERIFICATION;
	atomic64_sub(bytes, &live_bytes);
	return error;
}

static void close_ledger(struct experiment *e)
{
	struct kmemlab_result *result = e->result;

	result->requested_bytes = e->asked->objects * e->asked->object_size;
	if (!e->workload->holds || is_instrument(e)) {
		result->usable_bytes = 0;
		result->contiguous_objects = 0;
		return;
	}
	result->backing_bytes = e->proof.frames.frames << PAGE_SHIFT;
	kmemlab_frame_set_extents(&e->proof.frames, result);
	result->valid |= KMEMLAB_VALID_MEMORY | KMEMLAB_VALID_CONTIGUITY;
}

static void judge(struct experiment *e)
{
	struct kmemlab_result *result = e->result;

	result->objects_per_operation = e->set.per_operation;
	if (!result->mismatches && !result->route_disagreements)
		return;
	result->status = KMEMLAB_STATUS_FAILED;
	snprintf(result->reason, sizeof(result->reason),
		 "%llu bytes read back wrong, %llu addresses translated differently",
		 result->mismatches, result->route_disagreements);
}

static int measure(struct experiment *e)
{
	int error;

	e->proof.result = e->result;
	e->proof.seed = e->asked->seed;
	kmemlab_ledger_read(&e->before);
	if (e->set.run.marked)
		kmemlab_mark(KMEMLAB_MARK_ARMED);
	error = e->workload->run(&e->set, held, e);
	if (e->set.run.marked)
		kmemlab_mark(KMEMLAB_MARK_DISARMED);
	if (error == -ENOMEM)
		refuse(e, error, "the allocator refused after %zu of %llu operations' objects",
		       e->set.run.alloc.count, e->asked->objects);
	if (error)
		return error;
	close_ledger(e);
	judge(e);
	return 0;
}

static int run(struct experiment *e, struct kmemlab_experiment *answer)
{
	int error = look_up(e) ?: check_request(e->asked) ?: check_limits(e) ?: set_up(e);

	if (error)
		return error;
	error = measure(e);
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
	e->asked = experiment;
	e->result = result;
	error = run(e, experiment);
	if (result->status == KMEMLAB_STATUS_REFUSED)
		error = 0;
	kfree(e);
	return error;
}
