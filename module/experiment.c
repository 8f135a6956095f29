// SPDX-License-Identifier: GPL-2.0
#include "experiment.h"

#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "budget.h"
#include "condition.h"
#include "cpus.h"
#include "facilities/registry.h"
#include "ledger.h"
#include "object_set.h"
#include "request.h"
#include "team.h"
#include "verify.h"
#include "workloads/workload.h"

static atomic64_t live_bytes = ATOMIC64_INIT(0);

struct experiment;

/**
 * struct part - what one CPU does of it
 * @whole: what it is a part of
 * @member: of the team that does it
 * @set: the part's objects
 * @round: which of the repeats it is at
 */
struct part {
	struct experiment *whole;
	struct kmemlab_member *member;
	struct kmemlab_object_set *set;
	unsigned int round;
};

/**
 * struct experiment - one experiment on its way
 * @request: what the caller wants
 * @result: what comes of it
 * @set: what the objects are to be, all CPUs' together
 * @cpus: how many CPUs, each of them with one of @sets, @members and @parts
 * @sets: the objects
 * @members: who allocates them
 * @parts: what they do
 * @team: in which they work
 * @proof: what proving the objects finds
 * @proving: one at a time
 * @before: the system's ledger before the facility was prepared
 * @reserved: pages taken from the budget
 * @held_objects: objects that were alive when they were proved last
 * @proved_objects: objects that were to be proved, all together
 */
struct experiment {
	struct kmemlab_request request;
	struct kmemlab_result *result;
	struct kmemlab_object_set set;
	unsigned int cpus;
	struct kmemlab_object_set *sets;
	struct kmemlab_member *members;
	struct part *parts;
	struct kmemlab_team team;
	struct kmemlab_proof proof;
	struct mutex proving;	/* @proof is that of all CPUs */
	struct kmemlab_ledger before;
	u64 reserved;
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

/* Pages for one CPU's objects that are alive at once, and for its bookkeeping. */
static u64 pages_for_part(const struct experiment *e, size_t objects)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	struct kmemlab_run run = e->set.run;
	size_t operations;
	u64 bytes;

	run.objects = objects;
	operations = kmemlab_object_set_operations_max(facility, &run);
	bytes = kmemlab_object_set_bookkeeping((u64)operations * e->request.repeats,
					       alive_of(e, operations));
	run.alive = alive_of(e, operations);
	if (!e->request.workload->holds)
		run.objects = min(objects, objects_at_once(facility, &run));
	return facility->footprint_pages(&run) + DIV_ROUND_UP_ULL(bytes, PAGE_SIZE);
}

/* What the CPU @i has of @objects: the first ones have one more where it doesn't come out even. */
static size_t objects_of_part(const struct experiment *e, size_t objects, unsigned int i)
{
	return objects / e->cpus + (i < objects % e->cpus);
}

static u64 pages_needed(const struct experiment *e, size_t objects)
{
	u64 pages = DIV_ROUND_UP_ULL(kmemlab_frame_set_bookkeeping(), PAGE_SIZE);
	unsigned int i;

	for (i = 0; i < e->cpus; i++)
		pages += pages_for_part(e, objects_of_part(e, objects, i));
	return pages;
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

/* The bookkeeping of one CPU's objects. */
static int set_up_part(struct experiment *e, unsigned int i)
{
	struct kmemlab_object_set *set = &e->sets[i];
	struct kmemlab_run *run = &set->run;
	size_t operations;
	int error;

	*set = e->set;
	set->member = &e->members[i];
	set->lottery += i;
	set->first = i ? set[-1].first + set[-1].run.objects : 0;
	run->objects = objects_of_part(e, e->set.run.objects, i);
	operations = kmemlab_object_set_operations_max(set->facility, run);
	run->alive = alive_of(e, operations);
	if (operations > INT_MAX / sizeof(*run->handles) / e->request.repeats)
		return kmemlab_refuse(&e->request, -ENOMEM,
				      "%zu operations %u times are more than one array can hold",
				      operations, e->request.repeats);
	error = kmemlab_object_set_create(set, operations * e->request.repeats, run->alive);
	if (error)
		return kmemlab_refuse(&e->request, error,
				      "no memory for the bookkeeping of %zu operations",
				      operations);
	e->parts[i] = (struct part) { .whole = e, .member = set->member, .set = set };
	e->members[i].run = run;
	e->members[i].cpu = i ? cpumask_next(e->members[i - 1].cpu, &e->request.cpus) :
				cpumask_first(&e->request.cpus);
	return 0;
}

static void take_down_parts(struct experiment *e, unsigned int count)
{
	while (count--)
		kmemlab_object_set_destroy(&e->sets[count]);
}

static int set_up_parts(struct experiment *e)
{
	unsigned int i;
	int error;

	for (i = 0; i < e->cpus; i++) {
		error = set_up_part(e, i);
		if (error) {
			take_down_parts(e, i);
			return error;
		}
	}
	return 0;
}

static void finish_facility(struct experiment *e, unsigned int count)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;

	while (count--) {
		if (facility->finish && !(count && facility->shareable))
			facility->finish(&e->sets[count].run);
	}
}

static int prepare_facility(struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	unsigned int i;
	int error;

	for (i = 0; i < e->cpus && facility->prepare; i++) {
		if (i && facility->shareable) {
			e->sets[i].run.private = e->sets[0].run.private;
			continue;
		}
		error = facility->prepare(&e->sets[i].run);
		if (error) {
			finish_facility(e, i);
			return kmemlab_refuse(&e->request, error,
					      "%s could not be prepared (error %d)",
					      facility->name, error);
		}
	}
	return 0;
}

/* Everything that must be there before the first operation. */
static int set_up(struct experiment *e)
{
	struct kmemlab_run *run = &e->set.run;
	int error;

	if (e->request.workload->unbounded)
		run->objects = most_objects(e);
	error = reserve(e, pages_needed(e, run->objects));
	if (error)
		return error;
	error = set_up_parts(e);
	if (error)
		goto release;
	error = kmemlab_frame_set_create(&e->proof.frames);
	if (error) {
		kmemlab_refuse(&e->request, error, "no memory for the set of page frames");
		goto destroy_parts;
	}
	/* What others have freed lazily decides where the next areas lie. */
	vm_unmap_aliases();
	kmemlab_ledger_read(&e->before);
	error = prepare_facility(e);
	if (error)
		goto destroy_frames;
	return 0;

destroy_frames:
	kmemlab_frame_set_destroy(&e->proof.frames);
destroy_parts:
	take_down_parts(e, e->cpus);
release:
	kmemlab_budget_release(e->reserved);
	return error;
}

static void take_down(struct experiment *e)
{
	finish_facility(e, e->cpus);
	kmemlab_frame_set_destroy(&e->proof.frames);
	take_down_parts(e, e->cpus);
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

/* These objects are alive; one CPU at a time. */
static int prove(struct experiment *e, struct kmemlab_object_set *sets, unsigned int count)
{
	u64 bytes, objects = 0;
	unsigned int i;
	int error;

	for (i = 0; i < count; i++)
		objects += sets[i].objects;
	bytes = objects * sets->run.object_size;
	e->held_objects = objects;
	e->proved_objects += objects;
	atomic64_add(bytes, &live_bytes);
	error = kmemlab_verify(sets, count, &e->proof);
	e->result->valid |= KMEMLAB_VALID_VERIFICATION;
	atomic64_sub(bytes, &live_bytes);
	return error;
}

/* The whole set is alive on all CPUs: the first one looks at all, the others wait for it. */
static int whole_held(struct part *part)
{
	struct experiment *e = part->whole;
	int error = kmemlab_team_gather(part->member);

	if (error || part->set != e->sets)
		return error;
	close_system_ledger(e);
	return prove(e, e->sets, e->cpus);
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

static int run_rounds(struct kmemlab_member *member)
{
	struct experiment *e = container_of(member->team, struct experiment, team);
	struct part *part = &e->parts[member - e->members];
	int error = 0;

	for (part->round = 0; part->round < e->request.repeats && !error; part->round++)
		error = e->request.workload->run(part->set, held, part);
	return error;
}

/* For what is freed one by one, here: the same operations without a clock in between. */
static int run_loop(struct experiment *e)
{
	struct kmemlab_object_set *set = e->sets;

	if (!e->request.workload->frees_all || e->request.workload->unbounded || set->bulk ||
	    set->rcu || set->free_cpu >= 0 || e->cpus > 1)
		return 0;
	return kmemlab_object_set_loop(set, &e->result->alloc_loop, &e->result->free_loop);
}

static int refuse_rest(struct experiment *e, int error)
{
	size_t operations = 0;
	unsigned int i;

	for (i = 0; i < e->cpus; i++)
		operations += e->sets[i].run.alloc.count;
	if (error == -ENOMEM)
		kmemlab_refuse(&e->request, error,
			       "the allocator refused after %zu operations for %zu objects",
			       operations, e->set.run.objects);
	if (error == -ETIMEDOUT)
		kmemlab_refuse(&e->request, error,
			       "the %u CPUs are too busy with others to begin at the same time",
			       e->cpus);
	return error;
}

static int measure(struct experiment *e)
{
	int error;

	e->proof.result = e->result;
	e->proof.seed = e->request.asked->seed;
	kmemlab_team_init(&e->team, e->members, e->cpus, run_rounds);
	error = kmemlab_team_run(&e->team);
	if (!error) {
		finish_deferred(e);
		error = run_loop(e);
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

static int run_prepared(struct experiment *e, struct kmemlab_experiment *answer)
{
	struct kmemlab_condition condition;
	int error;

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
		error = copy_parts(e, answer);
	take_down(e);
	return error;
}

static int run_held(struct experiment *e, struct kmemlab_experiment *answer)
{
	const struct cpumask *cpus = &e->request.cpus;
	int error;

	if (e->cpus == 1)
		return run_prepared(e, answer);
	error = kmemlab_cpus_hold(cpus);
	if (error)
		return kmemlab_refuse(&e->request, error, error == -EBUSY ?
				      "another experiment has one of these CPUs" :
				      "one of these CPUs is going offline");
	error = run_prepared(e, answer);
	kmemlab_cpus_release(cpus);
	return error;
}

static int run(struct experiment *e, struct kmemlab_experiment *answer)
{
	int error = kmemlab_request_resolve(&e->request);

	if (error)
		return error;
	e->cpus = cpumask_weight(&e->request.cpus);
	e->sets = kcalloc(e->cpus, sizeof(*e->sets), GFP_KERNEL);
	e->members = kcalloc(e->cpus, sizeof(*e->members), GFP_KERNEL);
	e->parts = kcalloc(e->cpus, sizeof(*e->parts), GFP_KERNEL);
	error = e->sets && e->members && e->parts ? run_held(e, answer) : -ENOMEM;
	kfree(e->parts);
	kfree(e->members);
	kfree(e->sets);
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
	mutex_init(&e->proving);
	error = run(e, experiment);
	if (result->status == KMEMLAB_STATUS_REFUSED)
		error = 0;
	kfree(e);
	return error;
}
