// SPDX-License-Identifier: GPL-2.0
#include "experiment.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "condition.h"
#include "cpus.h"
#include "experiment_setup.h"
#include "facilities/registry.h"
#include "tail.h"
#include "workloads/workload.h"

static bool is_instrument(const struct experiment *e)
{
	return e->set.facility->capabilities & KMEMLAB_CAP_INSTRUMENT;
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

/* The facility is there, and none of its objects. */
static void close_idle_ledger(struct experiment *e)
{
	struct kmemlab_ledger now;

	kmemlab_ledger_read(&now);
	e->result->idle_bytes = e->before.free_bytes - now.free_bytes;
}

/* These objects are alive; one CPU at a time. */
static int prove(struct experiment *e, struct kmemlab_object_set *sets, unsigned int count)
{
	struct kmemlab_start start;
	u64 objects = 0;
	unsigned int i;
	int error;

	for (i = 0; i < count; i++)
		objects += sets[i].objects;
	e->held_objects = objects;
	e->proved_objects += objects;
	kmemlab_clock_begin(&start);
	error = kmemlab_verify(sets, count, &e->proof);
	e->result->verification_ticks += kmemlab_clock_since(&start, kmemlab_clock_end());
	e->result->valid |= KMEMLAB_VALID_VERIFICATION;
	return error;
}

/*
 * The whole set is alive on all CPUs: the first one looks at all. Until it has, the
 * others keep still, whatever ends them: what they do next is to order their handles
 * anew, and to free.
 */
static int whole_held(struct part *part)
{
	struct experiment *e = part->whole;
	int error;

	if (part->set != e->sets) {
		error = kmemlab_team_gather(part->member);
		mutex_lock(&e->proving);
		mutex_unlock(&e->proving);
		return error;
	}
	mutex_lock(&e->proving);
	error = kmemlab_team_gather(part->member);
	if (!error) {
		close_system_ledger(e);
		error = prove(e, e->sets, e->cpus);
	}
	mutex_unlock(&e->proving);
	return error;
}

/* Objects are alive, nothing is timed: look at the system's ledger, then prove. */
static int held(struct kmemlab_object_set *set, void *context)
{
	struct part *part = context;
	struct experiment *e = part->whole;
	int error;

	if (is_instrument(e) || part->round)
		return 0;
	if (e->request.workload->holds)
		return whole_held(part);
	mutex_lock(&e->proving);
	error = prove(e, set, 1);
	mutex_unlock(&e->proving);
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
	result->backing_slab_bytes = e->proof.frames.slab_frames << PAGE_SHIFT;
	result->struct_page_bytes = e->proof.frames.frames * sizeof(struct page);
	kmemlab_frame_set_extents(&e->proof.frames, result);
	result->valid |= KMEMLAB_VALID_MEMORY | KMEMLAB_VALID_CONTIGUITY;
}

/* What ended what goes on until it is refused. */
static void say_end(struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const struct kmemlab_run *run = &e->set.run;
	struct kmemlab_result *result = e->result;

	if (e->held_objects < run->objects)
		snprintf(result->reason, sizeof(result->reason),
			 "the allocator refused after %zu objects", e->held_objects);
	else if (facility->ramp_max && facility->ramp_max(run) == run->objects)
		snprintf(result->reason, sizeof(result->reason),
			 "%s ended it at %zu objects: here it takes longer for each the more there are",
			 facility->name, e->held_objects);
	else
		snprintf(result->reason, sizeof(result->reason),
			 "the budget ended it: %zu objects may take %llu KiB", e->held_objects,
			 e->reserved << (PAGE_SHIFT - 10));
}

static void judge(struct experiment *e)
{
	struct kmemlab_result *result = e->result;
	unsigned int i;

	for (i = 0; i < e->cpus; i++) {
		result->objects_per_operation = max_t(u64, result->objects_per_operation,
						      e->sets[i].per_operation);
		result->objects_per_free = max_t(u64, result->objects_per_free,
						 e->sets[i].per_free);
	}
	if (result->verified_objects != e->proved_objects) {
		result->status = KMEMLAB_STATUS_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "%llu of %llu objects were proved", result->verified_objects,
			 e->proved_objects);
	} else if (result->misaligned) {
		result->status = KMEMLAB_STATUS_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "%llu objects are not aligned to %zu bytes", result->misaligned,
			 e->set.run.align);
	} else if (result->mismatches || result->route_disagreements) {
		result->status = KMEMLAB_STATUS_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "%llu bytes read back wrong, %llu addresses translated differently",
			 result->mismatches, result->route_disagreements);
	} else if (e->request.workload->unbounded && !is_instrument(e)) {
		say_end(e);
	}
}

/* Timed as a whole. Time spent waiting would be nobody's cost. */
static void quiesce(const struct kmemlab_facility_ops *facility, struct kmemlab_deferred *deferred)
{
	struct kmemlab_disturbance before;
	struct kmemlab_start start;

	if (!facility->quiesce)
		return;
	kmemlab_disturbance_read(&before);
	kmemlab_clock_begin(&start);
	facility->quiesce();
	deferred->ticks += kmemlab_clock_since(&start, kmemlab_clock_end());
	deferred->known = !(kmemlab_disturbance_tags(&before) & KMEMLAB_SAMPLE_SLEPT);
}

/* What freeing has put off. */
static void finish_deferred(struct experiment *e)
{
	struct kmemlab_deferred deferred = e->sets->deferred;

	quiesce(e->set.facility, &deferred);
	if (!deferred.known)
		return;
	e->result->deferred_ticks = deferred.ticks;
	e->result->valid |= KMEMLAB_VALID_DEFERRED;
}

static int run_rounds(struct kmemlab_member *member)
{
	struct experiment *e = container_of(member->team, struct experiment, team);
	struct part *part = &e->parts[member - e->members];
	int error = 0;

	for (part->round = 0; part->round < e->request.repeats && !error; part->round++)
		error = e->request.workload->run(part->set, held, part);
	return error;
}

/* What is freed one by one, here, can be done as well without a clock in between. */
static bool has_loop(const struct experiment *e)
{
	const struct kmemlab_workload_ops *workload = e->request.workload;
	const struct kmemlab_object_set *set = e->sets;

	return workload->frees_all && !workload->unbounded && !set->bulk && !set->rcu &&
	       set->free_cpu < 0 && e->cpus == 1;
}

/* As the timed rounds went: the first begins with the facility's own caches and pools empty. */
static int do_loop(struct experiment *e, struct kmemlab_laps *alloc, struct kmemlab_laps *free)
{
	int error = kmemlab_experiment_renew(e);
	unsigned int round;

	for (round = 0; round < e->request.repeats && !error; round++)
		error = kmemlab_object_set_loop(e->sets, alloc, free);
	return error;
}

static int run_loop(struct experiment *e)
{
	struct kmemlab_laps alloc = { .pmu = NULL }, free = { .pmu = NULL };
	int error;

	if (!has_loop(e))
		return 0;
	error = do_loop(e, &alloc, &free);
	e->result->alloc_loop = alloc.loop;
	e->result->free_loop = free.loop;
	return error;
}

static void tell_counts(struct experiment *e, const struct kmemlab_pmu *pmu,
			const struct kmemlab_laps *alloc, const struct kmemlab_laps *free)
{
	struct kmemlab_pmu_event *to = e->result->pmu_events;
	bool counted;
	unsigned int i;

	for (i = 0; kmemlab_pmu_tell(pmu, i, to[i].name, &counted); i++) {
		to[i].counted = counted;
		to[i].allocs = alloc->events[i];
		to[i].frees = free->events[i];
	}
	e->result->pmu_allocs = alloc->loop.operations;
	e->result->pmu_frees = free->loop.operations;
	e->result->valid |= KMEMLAB_VALID_PMU;
}

/* The loop once more, with the CPU's own counters read around its laps. */
static int run_counted(struct experiment *e)
{
	struct kmemlab_laps alloc = { .pmu = NULL }, free = { .pmu = NULL };
	struct kmemlab_pmu pmu;
	const char *why;
	int error;

	if (!(e->request.asked->flags & KMEMLAB_EXPERIMENT_PMU))
		return 0;
	why = has_loop(e) ? kmemlab_pmu_open(&pmu) :
	      "only plain workloads of the batch kind on one CPU are counted";
	if (why) {
		strscpy(e->result->pmu_reason, why, sizeof(e->result->pmu_reason));
		return 0;
	}
	alloc.pmu = &pmu;
	free.pmu = &pmu;
	error = do_loop(e, &alloc, &free);
	if (!error)
		tell_counts(e, &pmu, &alloc, &free);
	kmemlab_pmu_close(&pmu);
	return error;
}

static int refuse_rest(struct experiment *e, int error)
{
	size_t operations = 0;
	unsigned int i;

	for (i = 0; i < e->cpus; i++)
		operations += e->sets[i].run.alloc.count;
	if (error == -ENOMEM && e->result->status != KMEMLAB_STATUS_REFUSED)
		kmemlab_refuse(&e->request, error,
			       "the allocator refused after %zu operations for %zu objects",
			       operations, e->set.run.objects);
	if (error == -EBUSY)
		kmemlab_refuse(&e->request, -ENOMEM,
			       "no block of %lu pages is free, by which %s empties the per-CPU lists",
			       pageblock_nr_pages, e->request.workload->name);
	if (error == -ETIMEDOUT)
		kmemlab_refuse(&e->request, error,
			       "the %u CPUs are too busy with others to begin at the same time",
			       e->cpus);
	if (error == -ENODEV)
		kmemlab_refuse(&e->request, error,
			       "a CPU was asked to go offline meanwhile: what ran there was moved");
	return error;
}

/* What holds a whole set began with the facility's own caches and pools empty. */
static int run_tail(struct experiment *e)
{
	struct kmemlab_result *result = e->result;
	int error = 0;

	if (!(e->request.asked->flags & KMEMLAB_EXPERIMENT_TAILS))
		return 0;
	if (e->cpus > 1) {
		strscpy(result->tail_reason, "one CPU's operations are watched, not several's",
			sizeof(result->tail_reason));
		return 0;
	}
	if (e->request.workload->holds)
		error = kmemlab_experiment_renew(e);
	/* It works alone: there is no team to wait for. */
	e->sets->member = NULL;
	return error ?: kmemlab_tail_pass(e->sets, e->request.workload, held, e->parts, result);
}

static int measure(struct experiment *e)
{
	int error;

	e->proof.result = e->result;
	e->proof.seed = e->request.asked->seed;
	kmemlab_team_init(&e->team, e->members, e->cpus, run_rounds);
	if (e->set.run.marked)
		kmemlab_mark(KMEMLAB_MARK_ARMED);
	error = kmemlab_team_run(&e->team);
	if (e->set.run.marked)
		kmemlab_mark(KMEMLAB_MARK_DISARMED);
	if (!error) {
		finish_deferred(e);
		close_idle_ledger(e);
		error = run_loop(e) ?: run_counted(e) ?: run_tail(e);
	}
	if (error)
		return refuse_rest(e, error);
	close_ledger(e);
	judge(e);
	return 0;
}

static int copy_share(const struct kmemlab_member *member, struct kmemlab_cpu_share __user *to)
{
	struct kmemlab_cpu_share share = {
		.cpu = member->cpu,
		.alloc_samples = member->run->alloc.count,
		.free_samples = member->run->free.count,
		.together_operations = member->together,
	};

	return copy_to_user(to, &share, sizeof(share)) ? -EFAULT : 0;
}

/* What each CPU has, one after the other. */
static int copy_parts(struct experiment *e, struct kmemlab_experiment *answer)
{
	struct kmemlab_cpu_share __user *shares = u64_to_user_ptr(answer->shares);
	struct kmemlab_samples *alloc = &answer->alloc, *free = &answer->free;
	unsigned int i;
	int error = 0;

	alloc->count = 0;
	alloc->overflow_count = 0;
	alloc->total_ticks = 0;
	free->count = 0;
	free->overflow_count = 0;
	free->total_ticks = 0;
	for (i = 0; i < e->cpus && !error; i++) {
		e->result->together_operations += e->members[i].together;
		error = kmemlab_recorder_copy(&e->sets[i].run.alloc, alloc) ?:
			kmemlab_recorder_copy(&e->sets[i].run.free, free);
		if (!error && shares && i < answer->cpu_count)
			error = copy_share(&e->members[i], &shares[i]);
	}
	e->result->together_ticks = e->team.ticks;
	if (e->team.ticks)
		e->result->valid |= KMEMLAB_VALID_TOGETHER;
	return error;
}

static int resolve(struct experiment *e)
{
	int error = kmemlab_request_resolve(&e->request);

	e->cpus = cpumask_weight(&e->request.cpus);
	return error;
}

static int run_prepared(struct experiment *e, struct kmemlab_experiment *answer)
{
	struct kmemlab_condition condition;
	int error;

	error = kmemlab_condition_make(&condition, &e->request,
				       kmemlab_experiment_pages(e, e->set.run.objects));
	if (error)
		return error;
	error = kmemlab_experiment_set_up(e);
	if (error) {
		kmemlab_condition_undo(&condition);
		return error;
	}
	error = measure(e);
	kmemlab_condition_undo(&condition);
	if (!error)
		error = copy_parts(e, answer);
	kmemlab_experiment_take_down(e);
	return error;
}

/* CPUs that must not go offline meanwhile: several that allocate, and one that frees. */
static void choose_held(struct experiment *e)
{
	if (e->cpus > 1)
		cpumask_copy(&e->held, &e->request.cpus);
	if (e->set.free_cpu >= 0)
		cpumask_set_cpu(e->set.free_cpu, &e->held);
}

/* With threads on the CPUs that are held. */
static int run_with_threads(struct experiment *e, struct kmemlab_experiment *answer)
{
	int error;

	e->calls = kmemlab_cpu_calls_create(&e->held);
	error = PTR_ERR_OR_ZERO(e->calls);
	if (error == -EINTR)
		return error;
	if (error)
		return kmemlab_refuse(&e->request, error, "no thread for another CPU (error %d)",
				      error);
	error = run_prepared(e, answer);
	kmemlab_cpu_calls_destroy(e->calls, cpumask_weight(&e->held));
	return error;
}

static int run_held(struct experiment *e, struct kmemlab_experiment *answer)
{
	int error;

	choose_held(e);
	if (cpumask_empty(&e->held))
		return run_prepared(e, answer);
	error = kmemlab_cpus_hold(&e->held);
	if (error)
		return kmemlab_refuse(&e->request, error, error == -EBUSY ?
				      "another experiment has one of these CPUs" :
				      "one of these CPUs is going offline");
	error = run_with_threads(e, answer);
	kmemlab_cpus_release(&e->held);
	return error;
}

static int run(struct experiment *e, struct kmemlab_experiment *answer)
{
	return resolve(e) ?: run_held(e, answer);
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
	mutex_init(&e->proving);
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
	struct kmemlab_object_set *set;
	int error = resolve(e) ?: check_hold(e) ?: kmemlab_experiment_set_up(e);

	if (error)
		return error;
	set = e->sets;
	error = kmemlab_object_set_alloc_quietly(set);
	if (!error) {
		kmemlab_team_init(&e->team, e->members, e->cpus, run_rounds);
		return 0;
	}
	if (error == -ENOMEM && e->result->status != KMEMLAB_STATUS_REFUSED)
		kmemlab_refuse(&e->request, error, "the allocator refused after %zu of %zu objects",
			       set->objects, set->run.objects);
	kmemlab_object_set_free_quietly(set);
	kmemlab_experiment_take_down(e);
	return error;
}

/* An experiment that only holds its objects. */
static struct experiment *begin_hold(struct kmemlab_experiment *experiment,
				     struct kmemlab_result *result)
{
	struct experiment *e = kzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return NULL;
	strscpy(experiment->workload, "batch", sizeof(experiment->workload));
	experiment->node = NUMA_NO_NODE;
	experiment->free_cpu = -1;
	e->request = (struct kmemlab_request) {
		.asked = experiment,
		.set = &e->set,
		.result = result,
	};
	e->result = result;
	return e;
}

struct kmemlab_object_set *kmemlab_experiment_hold(struct kmemlab_experiment *experiment,
						   bool mappable, struct kmemlab_result *result)
{
	struct experiment *e = begin_hold(experiment, result);
	int error;

	if (!e)
		return ERR_PTR(-ENOMEM);
	e->more_gfp = mappable ? __GFP_COMP | __GFP_ZERO : 0;
	error = hold(e);
	if (!error)
		return e->sets;
	kfree(e);
	return ERR_PTR(error);
}

int kmemlab_experiment_condition(struct kmemlab_experiment *experiment,
				 struct kmemlab_condition *condition,
				 struct kmemlab_result *result)
{
	struct experiment *e = begin_hold(experiment, result);
	int error;

	if (!e)
		return -ENOMEM;
	error = resolve(e) ?:
		kmemlab_condition_make(condition, &e->request,
				       kmemlab_experiment_pages(e, e->set.run.objects));
	kfree(e);
	return error;
}

void kmemlab_experiment_let_go(struct kmemlab_object_set *set)
{
	struct experiment *e = container_of(set->member->team, struct experiment, team);

	kmemlab_object_set_free_quietly(set);
	kmemlab_experiment_take_down(e);
	kfree(e);
}
