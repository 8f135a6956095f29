// SPDX-License-Identifier: GPL-2.0-only
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "budget.h"
#include "cpus.h"
#include "experiment.h"
#include "util.h"

static atomic64_t setup_live_bytes = ATOMIC64_INIT(0);

/**
 * kmemlab_experiment_live_bytes() - size of the live objects of all experiments
 *
 * Return: upper limit in bytes.
 */
u64 kmemlab_experiment_live_bytes(void)
{
	return atomic64_read(&setup_live_bytes);
}

/* Return the maximum number of objects of one operation. */
static size_t setup_objects_per_operation(const struct kmemlab_facility_ops *facility,
					  const struct kmemlab_facility_ctx *ctx)
{
	if (!facility->plan)
		return 1;
	return max_t(size_t, MAX_ORDER_NR_PAGES * PAGE_SIZE / ctx->object_size, 1);
}

/* Return the number of handles that are alive at the same time. */
static size_t setup_alive(const struct kmemlab_experiment_state *e, size_t operations)
{
	return e->workload->flags & KMEMLAB_WORKLOAD_HOLDS ? operations : 1;
}

/* Return the pages for the live objects and the bookkeeping of one CPU. */
static u64 setup_part_pages(const struct kmemlab_experiment_state *e, size_t objects)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	struct kmemlab_facility_ctx ctx = e->set.ctx;
	size_t operations;
	u64 bytes;

	ctx.objects = objects;
	operations = kmemlab_object_set_operations_max(facility, &ctx);
	bytes = kmemlab_object_set_bookkeeping((u64)operations * e->repeats,
					       setup_alive(e, operations));
	if (e->set.keep_every)
		bytes += (u64)operations * sizeof(*e->set.numbers);
	if (e->request->flags & KMEMLAB_EXPERIMENT_TAILS)
		bytes += kmemlab_tail_trace_bookkeeping((u64)operations * e->repeats);
	ctx.alive = setup_alive(e, operations);
	if (!(e->workload->flags & KMEMLAB_WORKLOAD_HOLDS))
		ctx.objects = min(objects, setup_objects_per_operation(facility, &ctx));
	return facility->footprint_pages(&ctx) + DIV_ROUND_UP_ULL(bytes, PAGE_SIZE);
}

/* Divide @objects among the CPUs; the first ones get the remainder. */
static size_t setup_part_objects(const struct kmemlab_experiment_state *e, size_t objects,
				 unsigned int i)
{
	return objects / e->cpus + (i < objects % e->cpus);
}

/**
 * kmemlab_experiment_pages() - memory that an experiment may take
 * @e: parsed experiment
 * @objects: number of objects of all CPUs
 *
 * Return: number of pages for objects and bookkeeping.
 */
u64 kmemlab_experiment_pages(const struct kmemlab_experiment_state *e, size_t objects)
{
	u64 pages = DIV_ROUND_UP_ULL(kmemlab_pfn_set_bookkeeping(), PAGE_SIZE);
	unsigned int i;

	if (e->workload->own_pages)
		pages += e->workload->own_pages();
	for (i = 0; i < e->cpus; i++)
		pages += setup_part_pages(e, setup_part_objects(e, objects, i));
	return pages;
}

/* Return the maximum number of objects that the budget allows. */
static size_t setup_objects_max(const struct kmemlab_experiment_state *e)
{
	u64 left = kmemlab_budget_left(e->set.ctx.zones);
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

static size_t setup_ramp_objects(const struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	size_t objects_max = setup_objects_max(e);

	return facility->ramp_max ? min(objects_max, facility->ramp_max(&e->set.ctx)) :
				    objects_max;
}

static int setup_reserve(struct kmemlab_experiment_state *e, u64 pages)
{
	int err = kmemlab_budget_reserve(pages, e->set.ctx.zones);
	const bool fresh = kmemlab_condition_is_fresh(e->request->condition);
	char times[24] = "", shortage[KMEMLAB_BUDGET_TEXT_MAX];
	size_t objects_max;

	e->reserved = pages;
	if (!err)
		return 0;
	kmemlab_budget_describe(shortage, pages, e->set.ctx.zones,
				kmemlab_condition_more(e->request->condition));
	objects_max = setup_objects_max(e);
	if (kmemlab_experiment_pages(e, objects_max) > kmemlab_budget_left(e->set.ctx.zones))
		objects_max = 0;
	if (e->repeats > 1)
		snprintf(times, sizeof(times), " %u times", e->repeats);
	return kmemlab_reject(e->result, KMEMLAB_REASON_BUDGET, err,
			      "%s%s%s%zu object%s of %llu byte%s%s may take %s: enough for %zu object%s",
			      fresh ? "" : "under ", fresh ? "" : e->request->condition,
			      fresh ? "" : ", ",
			      e->set.ctx.objects, kmemlab_plural(e->set.ctx.objects),
			      e->request->object_size, kmemlab_plural(e->request->object_size),
			      times, shortage, objects_max, kmemlab_plural(objects_max));
}

static int setup_part(struct kmemlab_experiment_state *e, unsigned int i)
{
	struct kmemlab_object_set *set = &e->sets[i];
	struct kmemlab_worker *worker = &e->workers[i];
	struct kmemlab_facility_ctx *ctx = &set->ctx;
	size_t operations;
	int err;

	*set = e->set;
	set->worker = worker;
	set->refusal = &e->refusal;
	set->keeps_refused = e->workload->flags & KMEMLAB_WORKLOAD_GROWS;
	set->prng += i;
	set->first = i ? set[-1].first + set[-1].ctx.objects : 0;
	ctx->objects = setup_part_objects(e, e->set.ctx.objects, i);
	operations = kmemlab_object_set_operations_max(set->facility, ctx);
	ctx->alive = setup_alive(e, operations);
	if (operations > INT_MAX / sizeof(*ctx->handles) / e->repeats)
		return kmemlab_reject(e->result, KMEMLAB_REASON_NO_MEMORY, -ENOMEM,
				      "%zu operations x %u repeats do not fit into an array",
				      operations, e->repeats);
	err = kmemlab_object_set_create(set, operations * e->repeats, ctx->alive);
	if (err)
		return kmemlab_reject(e->result, KMEMLAB_REASON_NO_MEMORY, err,
				      "not enough memory to record %zu operations",
				      operations);
	e->parts[i] = (struct kmemlab_cpu_part) { .state = e, .worker = worker, .set = set };
	set->free_thread = e->threads;
	worker->thread = e->cpus > 1 ? &e->threads[i] : NULL;
	worker->ctx = ctx;
	worker->cpu = i ? cpumask_next(worker[-1].cpu, &e->cpu_mask) :
			  cpumask_first(&e->cpu_mask);
	return 0;
}

static void teardown_parts(struct kmemlab_experiment_state *e, unsigned int count)
{
	while (count--)
		kmemlab_object_set_destroy(&e->sets[count]);
	kvfree(e->parts);
	kvfree(e->workers);
	kvfree(e->sets);
}

static int setup_parts(struct kmemlab_experiment_state *e)
{
	unsigned int i = 0;
	int err = 0;

	e->sets = kmemlab_kvarray_create(e->cpus, sizeof(*e->sets));
	e->workers = kmemlab_kvarray_create(e->cpus, sizeof(*e->workers));
	e->parts = kmemlab_kvarray_create(e->cpus, sizeof(*e->parts));
	if (!e->sets || !e->workers || !e->parts)
		err = kmemlab_reject(e->result, KMEMLAB_REASON_NO_MEMORY, -ENOMEM,
				     "not enough memory to run on %u CPUs", e->cpus);
	for (; i < e->cpus && !err; i += !err)
		err = setup_part(e, i);
	if (err)
		teardown_parts(e, i);
	return err;
}

static void teardown_facility(struct kmemlab_experiment_state *e, unsigned int count)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;

	e->prepared = false;
	while (count--) {
		if (facility->finish && !(count && facility->shareable))
			facility->finish(&e->sets[count].ctx);
	}
}

static int setup_facility(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	unsigned int i;
	int err;

	for (i = 0; i < e->cpus && facility->prepare; i++) {
		if (i && facility->shareable) {
			e->sets[i].ctx.private = e->sets[0].ctx.private;
			continue;
		}
		err = facility->prepare(&e->sets[i].ctx);
		if (err) {
			if (err == -ENOMEM)
				kmemlab_refusal_record_prepare(&e->sets[i]);
			teardown_facility(e, i);
			if (err == -EINTR)
				return err;
			if (err == -ENOSPC)
				return kmemlab_reject(e->result, KMEMLAB_REASON_PREPARE, err,
						      "%s found no range of page frames that is free or can be freed by migration",
						      facility->name);
			if (err == -ENOMEM)
				return kmemlab_reject(e->result, KMEMLAB_REASON_PREPARE, err,
						      "not enough memory to prepare %s",
						      facility->name);
			return kmemlab_reject(e->result, KMEMLAB_REASON_PREPARE, err,
					      "cannot prepare %s (error %d)", facility->name, err);
		}
	}
	e->prepared = true;
	return 0;
}

/* Read the system's memory after a round of a user's operations and their deferred frees. */
static void setup_read_round_end(struct kmemlab_experiment_state *e)
{
	compat_kfree_rcu_settle();
	rcu_barrier();
	vm_unmap_aliases();
	kmemlab_ledger_read(&e->round_end);
}

/**
 * kmemlab_experiment_reset() - recreate the caches and pools of the facility
 * @e: set up experiment without live objects
 *
 * Return: 0, or a negative errno with the reason in @e->result.
 */
int kmemlab_experiment_reset(struct kmemlab_experiment_state *e)
{
	teardown_facility(e, e->cpus);
	if (kmemlab_experiment_is_operation(e))
		setup_read_round_end(e);
	return setup_facility(e);
}

/**
 * kmemlab_experiment_setup() - allocate everything that is needed before the first object
 * @e: parsed experiment
 *
 * Return: 0, or a negative errno with the reason in @e->result and nothing allocated.
 */
int kmemlab_experiment_setup(struct kmemlab_experiment_state *e)
{
	struct kmemlab_facility_ctx *ctx = &e->set.ctx;
	unsigned int i;
	int err;

	ctx->gfp |= e->extra_gfp;
	if (e->workload->flags & KMEMLAB_WORKLOAD_GROWS)
		ctx->objects = setup_ramp_objects(e);
	err = setup_reserve(e, kmemlab_experiment_pages(e, ctx->objects));
	if (err)
		return err;
	err = setup_parts(e);
	if (err)
		goto release;
	err = kmemlab_pfn_set_create(&e->verify.frames);
	if (err) {
		kmemlab_reject(e->result, KMEMLAB_REASON_NO_MEMORY, err,
			       "not enough memory for the set of page frames");
		goto destroy_parts;
	}
	/* Lazily freed areas of others influence the addresses of the next areas. */
	vm_unmap_aliases();
	kmemlab_ledger_read(&e->before);
	err = setup_facility(e);
	if (err)
		goto destroy_frames;
	/* Do not charge the module's own bookkeeping to the facility. */
	for (i = 0; i < e->cpus; i++)
		kmemlab_ledger_add(&e->before, &e->sets[i].ctx.own);
	e->live_bytes = (u64)ctx->objects * ctx->object_size;
	atomic64_add(e->live_bytes, &setup_live_bytes);
	return 0;

destroy_frames:
	kmemlab_pfn_set_destroy(&e->verify.frames);
destroy_parts:
	teardown_parts(e, e->cpus);
release:
	kmemlab_budget_release(e->reserved);
	return err;
}

/**
 * kmemlab_experiment_teardown() - undo kmemlab_experiment_setup()
 * @e: experiment without live objects
 */
void kmemlab_experiment_teardown(struct kmemlab_experiment_state *e)
{
	atomic64_sub(e->live_bytes, &setup_live_bytes);
	/* Deferred frees must not disturb the next experiment. */
	if (e->set.facility->quiesce)
		e->set.facility->quiesce();
	if (e->prepared)
		teardown_facility(e, e->cpus);
	kmemlab_pfn_set_destroy(&e->verify.frames);
	teardown_parts(e, e->cpus);
	kmemlab_budget_release(e->reserved);
}
