// SPDX-License-Identifier: GPL-2.0
#include "experiment_setup.h"

#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "array.h"
#include "budget.h"
#include "experiment.h"
#include "slow.h"
#include "workloads/workload.h"

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
	if (e->request.asked->flags & KMEMLAB_EXPERIMENT_TAILS)
		bytes += kmemlab_slow_bookkeeping((u64)operations * e->request.repeats);
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

u64 kmemlab_experiment_pages(const struct experiment *e, size_t objects)
{
	u64 pages = DIV_ROUND_UP_ULL(kmemlab_frame_set_bookkeeping(), PAGE_SIZE);
	unsigned int i;

	if (e->request.workload->own_pages)
		pages += e->request.workload->own_pages();
	for (i = 0; i < e->cpus; i++)
		pages += pages_for_part(e, objects_of_part(e, objects, i));
	return pages;
}

/* The most objects that the budget has room for. */
static size_t most_objects(const struct experiment *e)
{
	u64 left = kmemlab_budget_left(e->set.run.zones);
	size_t low = 1, high = min_t(u64, left << PAGE_SHIFT, SIZE_MAX / sizeof(u64));

	while (low < high) {
		size_t middle = high - (high - low) / 2;

		if (kmemlab_experiment_pages(e, middle) <= left)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static size_t ramp_objects(const struct experiment *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	size_t most = most_objects(e);

	return facility->ramp_max ? min(most, facility->ramp_max(&e->set.run)) : most;
}

static atomic64_t live_bytes = ATOMIC64_INIT(0);

u64 kmemlab_experiment_live_bytes(void)
{
	return atomic64_read(&live_bytes);
}

static int reserve(struct experiment *e, u64 pages)
{
	int error = kmemlab_budget_reserve(pages, e->set.run.zones);
	const char *condition = e->request.asked->condition;
	char times[24] = "";
	size_t most;
	u64 left;

	e->reserved = pages;
	if (!error)
		return 0;
	left = kmemlab_budget_left(e->set.run.zones);
	most = most_objects(e);
	if (e->request.repeats > 1)
		snprintf(times, sizeof(times), " %u times", e->request.repeats);
	return kmemlab_refuse(&e->request, error,
			      "%zu objects of %llu bytes%s may take %llu KiB, and %s%s%sthe budget has %llu KiB left: room for %zu",
			      e->set.run.objects, e->request.asked->object_size, times,
			      pages << (PAGE_SHIFT - 10), *condition ? "under " : "", condition,
			      *condition ? " " : "", left << (PAGE_SHIFT - 10),
			      kmemlab_experiment_pages(e, most) <= left ? most : 0);
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
	set->free_call = e->calls;
	e->members[i].call = e->cpus > 1 ? &e->calls[i] : NULL;
	e->members[i].run = run;
	e->members[i].cpu = i ? cpumask_next(e->members[i - 1].cpu, &e->request.cpus) :
				cpumask_first(&e->request.cpus);
	return 0;
}

static void take_down_parts(struct experiment *e, unsigned int count)
{
	while (count--)
		kmemlab_object_set_destroy(&e->sets[count]);
	kvfree(e->parts);
	kvfree(e->members);
	kvfree(e->sets);
}

static int set_up_parts(struct experiment *e)
{
	unsigned int i = 0;
	int error = 0;

	e->sets = kmemlab_array_create(e->cpus, sizeof(*e->sets));
	e->members = kmemlab_array_create(e->cpus, sizeof(*e->members));
	e->parts = kmemlab_array_create(e->cpus, sizeof(*e->parts));
	if (!e->sets || !e->members || !e->parts)
		error = kmemlab_refuse(&e->request, -ENOMEM, "no memory for %u CPUs", e->cpus);
	for (; i < e->cpus && !error; i += !error)
		error = set_up_part(e, i);
	if (error)
		take_down_parts(e, i);
	return error;
}

static void finish_facility(struct experiment *e, unsigned int count)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;

	e->prepared = false;
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
			if (error == -ENOMEM)
				return kmemlab_refuse(&e->request, error,
						      "the allocator refused what %s needs before its first object",
						      facility->name);
			return kmemlab_refuse(&e->request, error,
					      "%s could not be prepared (error %d)",
					      facility->name, error);
		}
	}
	e->prepared = true;
	return 0;
}

int kmemlab_experiment_renew(struct experiment *e)
{
	finish_facility(e, e->cpus);
	return prepare_facility(e);
}

int kmemlab_experiment_set_up(struct experiment *e)
{
	struct kmemlab_run *run = &e->set.run;
	unsigned int i;
	int error;

	run->gfp |= e->more_gfp;
	if (e->request.workload->unbounded)
		run->objects = ramp_objects(e);
	error = reserve(e, kmemlab_experiment_pages(e, run->objects));
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
	/* What kmemlab notes of each object is no cost of the facility's. */
	for (i = 0; i < e->cpus; i++)
		kmemlab_ledger_add(&e->before, &e->sets[i].run.own);
	e->live_bytes = (u64)run->objects * run->object_size;
	atomic64_add(e->live_bytes, &live_bytes);
	return 0;

destroy_frames:
	kmemlab_frame_set_destroy(&e->proof.frames);
destroy_parts:
	take_down_parts(e, e->cpus);
release:
	kmemlab_budget_release(e->reserved);
	return error;
}

void kmemlab_experiment_take_down(struct experiment *e)
{
	atomic64_sub(e->live_bytes, &live_bytes);
	/* What its last objects have left to be done is not the next experiment's. */
	if (e->set.facility->quiesce)
		e->set.facility->quiesce();
	if (e->prepared)
		finish_facility(e, e->cpus);
	kmemlab_frame_set_destroy(&e->proof.frames);
	take_down_parts(e, e->cpus);
	kmemlab_budget_release(e->reserved);
}
