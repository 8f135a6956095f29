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
 * @repeats: how often the workload is run
 * @round: which of them it is at
 * @held_objects: objects that were alive when they were proved
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
	unsigned int repeats;
	unsigned int round;
	size_t held_objects;
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
	u64 bytes, operations;

	if (!asked->object_size || !asked->objects || asked->flags)
		return -EINVAL;
	if (check_mul_overflow(asked->object_size, asked->objects, &bytes) ||
	    check_mul_overflow(asked->objects, (u64)max(asked->repeats, 1U), &operations) ||
	    operations > SIZE_MAX / sizeof(u64) || asked->object_size > SIZE_MAX)
		return -EOVERFLOW;
	/* Part of the contract, for experiments that are not there yet. */
	if (asked->align || asked->node != NUMA_NO_NODE || asked->cpu_count > 1)
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

static int choose_free_order(struct experiment *e)
{
	const char *asked = e->asked->free_order;
	int i;

	e->set.free_order = e->workload->free_order;
	if (!*asked)
		return 0;
	i = match_string(kmemlab_free_order_names, -1, asked);
	if (i < 0)
		return refuse(e, -EINVAL, "unknown free order %s: it can be fifo, lifo or random",
			      asked);
	e->set.free_order = i;
	return 0;
}

static int choose_free_cpu(struct experiment *e)
{
	int here = raw_smp_processor_id();
	int cpu = e->asked->free_cpu;

	e->set.free_cpu = -1;
	if (cpu < -1 || (cpu >= 0 && (cpu >= nr_cpu_ids || !cpu_online(cpu))))
		return refuse(e, -EINVAL, "CPU %d, which is to free, is not online", cpu);
	if (e->workload->remote && cpu < 0) {
		cpu = cpumask_next(here, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	if (e->workload->remote && cpu == here)
		return refuse(e, -EINVAL, "%s needs two CPUs: %s", e->workload->name,
			      num_online_cpus() > 1 ? "it is to free where it allocates" :
						      "only one is online");
	if (cpu != here)
		e->set.free_cpu = cpu;
	return 0;
}

static int choose_bulk(struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	u64 bulk = e->asked->bulk ?: e->workload->bulk;
	const char *why = NULL;

	if (!bulk)
		return 0;
	if (bulk > KMEMLAB_BULK_MAX)
		return refuse(e, -EINVAL, "bulk calls of at most %d objects, not of %llu",
			      KMEMLAB_BULK_MAX, bulk);
	if (!(facility->capabilities & KMEMLAB_CAP_BULK))
		why = "it has none";
	else if (facility->bulk_unavailable)
		why = facility->bulk_unavailable(&e->set.run);
	if (why)
		return refuse(e, -EOPNOTSUPP, "no bulk calls of %s: %s", facility->name, why);
	e->set.bulk = bulk;
	return 0;
}

static int choose_rcu(struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const char *why = NULL;

	e->set.rcu = e->workload->rcu;
	if (!e->set.rcu)
		return 0;
	if (!facility->rcu_free_n)
		why = "it has none";
	else if (facility->rcu_unavailable)
		why = facility->rcu_unavailable(&e->set.run);
	if (why)
		return refuse(e, -EOPNOTSUPP, "no free after a grace period for %s: %s",
			      facility->name, why);
	if (e->asked->bulk)
		return refuse(e, -EINVAL, "kfree_rcu takes one object a call, not %llu",
			      e->asked->bulk);
	return 0;
}

/* How the set is freed: as the workload does it, unless the request says otherwise. */
static int choose_frees(struct experiment *e)
{
	const struct kmemlab_experiment *asked = e->asked;
	const char *unavailable = NULL;

	if (e->workload->unavailable)
		unavailable = e->workload->unavailable();
	if (unavailable)
		return refuse(e, -EOPNOTSUPP, "%s is not available here: %s", e->workload->name,
			      unavailable);
	e->set.free_cpu = -1;
	e->set.lottery = asked->seed;
	if (e->workload->frees_all)
		return choose_free_order(e) ?: choose_free_cpu(e) ?: choose_bulk(e) ?:
		       choose_rcu(e);
	if (*asked->free_order || asked->bulk || asked->free_cpu != -1)
		return refuse(e, -EINVAL,
			      "%s has its own way to free: no free_order, bulk or free_cpu",
			      e->workload->name);
	return 0;
}

/* What the facility is told. */
static int set_run(struct experiment *e)
{
	struct kmemlab_run *run = &e->set.run;

	e->repeats = max(e->asked->repeats, 1U);
	run->object_size = e->asked->object_size;
	run->objects = e->asked->objects;
	run->gfp = e->gfp->flags | __GFP_NORETRY | __GFP_NOWARN;
	run->node = e->asked->node;
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

/* Handles that are alive at once, of this many operations. */
static size_t alive_of(const struct experiment *e, size_t operations)
{
	return e->workload->holds ? operations : 1;
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
	bytes = kmemlab_object_set_bookkeeping((u64)operations * e->repeats,
					       alive_of(e, operations)) +
		kmemlab_frame_set_bookkeeping();
	if (!e->workload->holds)
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
		return refuse(e, error,
			      "%zu objects of %llu bytes may take %llu KiB, and the budget has %llu KiB left",
			      e->set.run.objects, e->asked->object_size,
			      pages << (PAGE_SHIFT - 10),
			      kmemlab_budget_left(e->set.run.gfp) << (PAGE_SHIFT - 10));
	e->reserved = pages;
	return 0;
}

/* Everything that must be there before the first operation. */
static int set_up(struct experiment *e)
{
	struct kmemlab_run *run = &e->set.run;
	size_t operations;
	int error;

	if (e->workload->unbounded)
		run->objects = most_objects(e);
	error = reserve(e, pages_needed(e, run->objects));
	if (error)
		return error;
	operations = kmemlab_object_set_operations_max(e->set.facility, run);
	error = kmemlab_object_set_create(&e->set, operations * e->repeats,
					  alive_of(e, operations));
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

	if (is_instrument(e) || e->round)
		return 0;
	e->held_objects = set->objects;
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

	if (!e->workload->holds || is_instrument(e)) {
		result->usable_bytes = 0;
		result->contiguous_objects = 0;
		return;
	}
	result->requested_bytes = (u64)e->held_objects * e->asked->object_size;
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
	if (result->mismatches || result->route_disagreements) {
		result->status = KMEMLAB_STATUS_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "%llu bytes read back wrong, %llu addresses translated differently",
			 result->mismatches, result->route_disagreements);
	} else if (e->workload->unbounded && !is_instrument(e)) {
		say_end(e);
	}
}

static int run_rounds(struct experiment *e)
{
	int error = 0;

	for (e->round = 0; e->round < e->repeats && !error; e->round++)
		error = e->workload->run(&e->set, held, e);
	return error;
}

static int measure(struct experiment *e)
{
	int error;

	e->proof.result = e->result;
	e->proof.seed = e->asked->seed;
	kmemlab_ledger_read(&e->before);
	error = run_rounds(e);
	if (error == -ENOMEM)
		refuse(e, error, "the allocator refused after %zu operations for %zu objects",
		       e->set.run.alloc.count, e->set.run.objects);
	if (error)
		return error;
	close_ledger(e);
	judge(e);
	return 0;
}

static int run(struct experiment *e, struct kmemlab_experiment *answer)
{
	int error = look_up(e) ?: check_request(e->asked) ?: check_limits(e) ?: set_run(e) ?:
		    choose_frees(e) ?: set_up(e);

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
