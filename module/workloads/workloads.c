// SPDX-License-Identifier: GPL-2.0-only
/* All workloads but "cold", which has its own file, and the table of workloads. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "util.h"
#include "workloads/workload.h"

/*
 * Verify in a separate pass before the timed one, so that no code runs between
 * two timed operations. The pass also warms up code and caches.
 */
static int workload_run_pair(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held,
			     void *context)
{
	int ret = 0;

	if (!set->ctx.alloc.count)
		ret = kmemlab_object_set_one_by_one(set, on_held, context);
	return ret ?: kmemlab_object_set_pair(set);
}

/* The object set implements the free order, the bulk calls and the CPU that frees. */
static int workload_run_batch(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held,
			      void *context)
{
	int ret = kmemlab_object_set_alloc(set);

	if (!ret)
		ret = on_held(set, context);
	return kmemlab_object_set_free(set) ?: ret;
}

/* A failed allocation is the expected end if at least one object was allocated. */
static int workload_run_ramp(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held,
			     void *context)
{
	int ret = kmemlab_object_set_alloc(set);
	const bool refused = ret == -ENOMEM;

	if (!ret || (refused && set->objects))
		ret = on_held(set, context);
	if (refused)
		kmemlab_refusal_retry(set);
	return kmemlab_object_set_free(set) ?: ret;
}

/* Verify after the replacements, when the addresses are mixed. */
static int workload_run_churn(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held,
			      void *context)
{
	int ret = kmemlab_object_set_alloc_untimed(set);

	if (!ret)
		ret = kmemlab_object_set_churn(set);
	if (!ret)
		ret = on_held(set, context);
	kmemlab_object_set_free_untimed(set);
	return ret;
}

static int workload_run_partial(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held,
				void *context)
{
	int ret = kmemlab_object_set_alloc(set);

	if (!ret)
		ret = on_held(set, context);
	if (!ret)
		ret = kmemlab_object_set_free_partly(set);
	if (!ret)
		ret = on_held(set, context);
	return kmemlab_object_set_free(set) ?: ret;
}

#define WORKLOAD_OPS(NAME, RUN, ...)						\
const struct kmemlab_workload_ops kmemlab_workload_##NAME = {			\
	KMEMLAB_WORKLOAD(NAME),							\
	.run = (RUN),								\
	__VA_ARGS__								\
}

WORKLOAD_OPS(pair, workload_run_pair);
WORKLOAD_OPS(batch, workload_run_batch);
WORKLOAD_OPS(batch_lifo, workload_run_batch, .free_order = KMEMLAB_FREE_LIFO);
WORKLOAD_OPS(batch_random, workload_run_batch, .free_order = KMEMLAB_FREE_RANDOM);
WORKLOAD_OPS(batch_rcu, workload_run_batch);
WORKLOAD_OPS(bulk_1, workload_run_batch, .bulk = 1);
WORKLOAD_OPS(bulk_16, workload_run_batch, .bulk = 16);
WORKLOAD_OPS(bulk_128, workload_run_batch, .bulk = 128);
WORKLOAD_OPS(churn, workload_run_churn);
WORKLOAD_OPS(partial, workload_run_partial);
WORKLOAD_OPS(remote_free, workload_run_batch);
WORKLOAD_OPS(ramp, workload_run_ramp);

static const struct kmemlab_workload_ops *const workloads[] = {
#define WORKLOAD(NAME, FLAGS, DESCRIPTION)	&kmemlab_workload_##NAME,
#include "workloads/list.h"
};

/**
 * kmemlab_workload_count() - Return the number of workloads.
 */
unsigned int kmemlab_workload_count(void)
{
	return ARRAY_SIZE(workloads);
}

/**
 * kmemlab_workload_at() - Return a workload by its position in the list.
 * @index: position, from 0
 *
 * Return: the workload, or NULL past the last one.
 */
const struct kmemlab_workload_ops *kmemlab_workload_at(unsigned int index)
{
	return index < ARRAY_SIZE(workloads) ? workloads[index] : NULL;
}

/**
 * kmemlab_workload_find() - Return a workload by its name.
 * @name: name in list.h, followed by its number if it takes one
 * @number: set to this number, else to 0
 *
 * Return: the workload, or NULL.
 */
const struct kmemlab_workload_ops *kmemlab_workload_find(const char *name, unsigned int *number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		const struct kmemlab_workload_ops *workload = workloads[i];
		bool takes_number = workload->flags & KMEMLAB_WORKLOAD_NUMBER;

		*number = takes_number ? kmemlab_number_after(name, workload->name) : 0;
		if (takes_number ? *number : !strcmp(workload->name, name))
			return workload;
	}
	return NULL;
}
