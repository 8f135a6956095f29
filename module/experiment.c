// SPDX-License-Identifier: GPL-2.0-only
#include "experiment.h"

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "cpus.h"
#include "user_copy.h"
#include "util.h"

static int experiment_copy_share(const struct kmemlab_worker *worker,
				 struct kmemlab_cpu_share __user *to)
{
	struct kmemlab_cpu_share share = {
		.cpu = worker->cpu,
		.alloc_samples = worker->ctx->alloc.count,
		.free_samples = worker->ctx->free.count,
		.concurrent_operations = worker->concurrent,
	};

	return copy_to_user(to, &share, sizeof(share)) ? -EFAULT : 0;
}

static void experiment_add_bytes(struct kmemlab_string_bytes *to,
				 const struct kmemlab_recorder *recorder)
{
	to->stored += recorder->bytes.stored;
	to->copied += recorder->bytes.copied;
}

/* Copy the samples and shares of all CPUs, one CPU after the other. */
static int experiment_copy_samples(struct kmemlab_experiment_state *e,
				   struct kmemlab_experiment *request)
{
	struct kmemlab_cpu_share __user *shares = u64_to_user_ptr(request->shares);
	struct kmemlab_samples *alloc = &request->alloc, *free = &request->free;
	unsigned int i;
	int err = 0;

	alloc->count = 0;
	alloc->overflow_count = 0;
	alloc->total_ticks = 0;
	free->count = 0;
	free->overflow_count = 0;
	free->total_ticks = 0;
	for (i = 0; i < e->cpus && !err; i++) {
		e->result->concurrent_operations += e->workers[i].concurrent;
		experiment_add_bytes(&e->result->alloc_bytes, &e->sets[i].ctx.alloc);
		experiment_add_bytes(&e->result->free_bytes, &e->sets[i].ctx.free);
		err = kmemlab_recorder_copy(&e->sets[i].ctx.alloc, alloc) ?:
		      kmemlab_recorder_copy(&e->sets[i].ctx.free, free);
		if (!err && shares && i < request->cpu_count)
			err = experiment_copy_share(&e->workers[i], &shares[i]);
	}
	if (kmemlab_string_counters_present())
		e->result->valid |= KMEMLAB_VALID_STRING_BYTES;
	e->result->concurrent_ticks = e->group.ticks;
	if (e->group.ticks)
		e->result->valid |= KMEMLAB_VALID_CONCURRENT;
	return err;
}

/* Copy the state of the memory at the first failed allocation, if there was one. */
static int experiment_copy_refusal(struct kmemlab_experiment_state *e,
				   const struct kmemlab_experiment *request)
{
	void __user *to = u64_to_user_ptr(request->refusal);
	u32 user_size;

	if (!to || !e->refusal.known)
		return 0;
	e->refusal.size = sizeof(e->refusal);
	return kmemlab_check_room(to, sizeof(e->refusal), KMEMLAB_REFUSAL_SIZE_1, &user_size) ?:
	       kmemlab_copy_out(to, user_size, &e->refusal, sizeof(e->refusal));
}

static int experiment_create_condition(struct kmemlab_experiment_state *e,
				       struct kmemlab_condition *condition)
{
	return kmemlab_condition_create(condition, e->request->condition,
					e->set.ctx.gfp | e->set.ctx.zones,
					kmemlab_experiment_pages(e, e->set.ctx.objects),
					e->result);
}

static int experiment_run_prepared(struct kmemlab_experiment_state *e,
				   struct kmemlab_experiment *request)
{
	struct kmemlab_condition condition;
	int err;

	err = experiment_create_condition(e, &condition);
	if (err)
		return err;
	err = kmemlab_experiment_setup(e);
	if (err) {
		kmemlab_condition_destroy(&condition);
		return err;
	}
	err = kmemlab_experiment_run_passes(e);
	kmemlab_condition_destroy(&condition);
	if (!err)
		err = experiment_copy_samples(e, request);
	kmemlab_experiment_teardown(e);
	return err;
}

static int experiment_run_with_threads(struct kmemlab_experiment_state *e,
				       struct kmemlab_experiment *request)
{
	int err;

	e->threads = kmemlab_cpu_threads_create(&e->held_cpus);
	err = PTR_ERR_OR_ZERO(e->threads);
	if (err == -EINTR)
		return err;
	if (err)
		return kmemlab_reject(e->result, KMEMLAB_REASON_NO_MEMORY, err,
				      "cannot create a thread on another CPU (error %d)", err);
	err = experiment_run_prepared(e, request);
	kmemlab_cpu_threads_destroy(e->threads, cpumask_weight(&e->held_cpus));
	return err;
}

/* Keep the allocating CPUs online, if there are several, and the freeing CPU. */
static int experiment_run_held(struct kmemlab_experiment_state *e,
			       struct kmemlab_experiment *request)
{
	int err;

	if (e->cpus > 1)
		cpumask_copy(&e->held_cpus, &e->cpu_mask);
	if (e->set.free_cpu >= 0)
		cpumask_set_cpu(e->set.free_cpu, &e->held_cpus);
	if (cpumask_empty(&e->held_cpus))
		return experiment_run_prepared(e, request);
	err = kmemlab_cpus_hold(&e->held_cpus);
	if (err == -EBUSY)
		return kmemlab_reject(e->result, KMEMLAB_REASON_CPUS_BUSY, err,
				      "another experiment uses one of these CPUs");
	if (err)
		return kmemlab_reject(e->result, KMEMLAB_REASON_CPU_OFFLINE, err,
				      "one of these CPUs is going offline");
	err = experiment_run_with_threads(e, request);
	kmemlab_cpus_release(&e->held_cpus);
	return err;
}

static struct kmemlab_experiment_state *experiment_create(const struct kmemlab_experiment *request,
							  struct kmemlab_result *result)
{
	struct kmemlab_experiment_state *e = kzalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return NULL;
	e->request = request;
	e->result = result;
	mutex_init(&e->verify_lock);
	return e;
}

/**
 * kmemlab_experiment_run() - run an experiment in the caller, on its current CPU
 * @request: arguments; the samples are copied to its user pointers
 * @result: filled in
 *
 * Return: 0 (see the status in @result), -ENOENT for an unknown name, -EINVAL,
 * -EOVERFLOW, -EINTR, -ENOMEM or -EFAULT.
 */
int kmemlab_experiment_run(struct kmemlab_experiment *request, struct kmemlab_result *result)
{
	struct kmemlab_experiment_state *e = experiment_create(request, result);
	int err;

	if (!e)
		return -ENOMEM;
	err = kmemlab_experiment_parse(e) ?: experiment_run_held(e, request);
	if (result->status == KMEMLAB_STATUS_SKIPPED)
		err = 0;
	err = err ?: experiment_copy_refusal(e, request);
	kfree(e);
	return err;
}

/* Mappable pages are split or compound, since a tail page is freed with its head only. */
static int experiment_check_hold(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;

	if (kmemlab_experiment_calibrates(e))
		return kmemlab_reject(e->result, KMEMLAB_REASON_HOLD, -EOPNOTSUPP,
				      "%s allocates no memory that could be held",
				      facility->name);
	if (e->extra_gfp && !(facility->capabilities & KMEMLAB_CAP_MAPPABLE))
		return kmemlab_reject(e->result, KMEMLAB_REASON_HOLD, -EOPNOTSUPP,
				      "objects of %s cannot be mapped to a process",
				      facility->name);
	return 0;
}

static int experiment_alloc_held(struct kmemlab_experiment_state *e)
{
	int err = kmemlab_experiment_parse(e) ?: experiment_check_hold(e) ?:
		  kmemlab_experiment_setup(e);
	struct kmemlab_object_set *set;

	if (err)
		return err;
	set = e->sets;
	err = kmemlab_object_set_alloc_untimed(set);
	if (!err) {
		/* kmemlab_experiment_release() finds the experiment through the worker. */
		kmemlab_workers_init(&e->group, e->workers, e->cpus, NULL);
		return 0;
	}
	if (err == -ENOMEM && e->result->status != KMEMLAB_STATUS_SKIPPED)
		kmemlab_reject(e->result, KMEMLAB_REASON_ALLOC_FAILED, err,
			       "the allocation failed after %zu of %zu object%s", set->objects,
			       set->ctx.objects, kmemlab_plural(set->ctx.objects));
	kmemlab_object_set_free_untimed(set);
	kmemlab_experiment_teardown(e);
	return err;
}

/* An experiment that holds its objects runs no workload, but is set up like a batch. */
static struct kmemlab_experiment_state *experiment_create_hold(struct kmemlab_experiment *request,
							       struct kmemlab_result *result)
{
	strscpy(request->workload, "batch", sizeof(request->workload));
	request->node = NUMA_NO_NODE;
	request->free_cpu = -1;
	return experiment_create(request, result);
}

/**
 * kmemlab_experiment_hold() - allocate objects and keep them
 * @request: arguments without a workload
 * @mappable: allocate zeroed whole pages that can be mapped to user space
 * @result: filled in if the experiment is skipped
 *
 * Return: the objects, for kmemlab_experiment_release(), or an ERR_PTR as
 * kmemlab_experiment_run(), even if the experiment is skipped.
 */
struct kmemlab_object_set *kmemlab_experiment_hold(struct kmemlab_experiment *request,
						   bool mappable, struct kmemlab_result *result)
{
	struct kmemlab_experiment_state *e = experiment_create_hold(request, result);
	int err;

	if (!e)
		return ERR_PTR(-ENOMEM);
	e->extra_gfp = mappable ? __GFP_COMP | __GFP_ZERO : 0;
	err = experiment_alloc_held(e);
	if (!err)
		return e->sets;
	kfree(e);
	return ERR_PTR(err);
}

/**
 * kmemlab_experiment_release() - free held objects
 * @set: objects of kmemlab_experiment_hold()
 */
void kmemlab_experiment_release(struct kmemlab_object_set *set)
{
	struct kmemlab_experiment_state *e =
		container_of(set->worker->group, struct kmemlab_experiment_state, group);

	kmemlab_object_set_free_untimed(set);
	kmemlab_experiment_teardown(e);
	kfree(e);
}

/**
 * kmemlab_experiment_condition() - create the condition for objects to be held
 * @request: arguments without a workload
 * @condition: created, for kmemlab_condition_destroy()
 * @result: filled in if the experiment is skipped
 *
 * Return: 0, or a negative errno as kmemlab_experiment_run(), even if the experiment is
 * skipped.
 */
int kmemlab_experiment_condition(struct kmemlab_experiment *request,
				 struct kmemlab_condition *condition,
				 struct kmemlab_result *result)
{
	struct kmemlab_experiment_state *e = experiment_create_hold(request, result);
	int err;

	if (!e)
		return -ENOMEM;
	err = kmemlab_experiment_parse(e) ?: experiment_create_condition(e, condition);
	kfree(e);
	return err;
}
