// SPDX-License-Identifier: GPL-2.0
/*
 * batch and its kin: all objects are allocated, proved, and freed. They differ
 * in what the object set does by itself: in which order, by which calls and
 * where it frees, and how far it goes.
 */
#include "workloads/workload.h"

static int batch_run(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context)
{
	int error = kmemlab_object_set_alloc(set);

	if (!error)
		error = held(set, context);
	return kmemlab_object_set_free(set) ?: error;
}

/* The allocator's refusal is an end like any other, if it gave anything at all. */
static int ramp_run(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context)
{
	int error = kmemlab_object_set_alloc(set);

	if (!error || (error == -ENOMEM && set->objects))
		error = held(set, context);
	return kmemlab_object_set_free(set) ?: error;
}

#define BATCH(WORKLOAD_NAME, ...)						\
const struct kmemlab_workload_ops kmemlab_workload_##WORKLOAD_NAME = {		\
	.name = #WORKLOAD_NAME,							\
	.holds = true,								\
	.frees_all = true,							\
	.run = batch_run,							\
	__VA_ARGS__								\
}

BATCH(batch, .several_cpus = true);
BATCH(batch_lifo, .several_cpus = true, .free_order = KMEMLAB_FREE_LIFO);
BATCH(batch_random, .several_cpus = true, .free_order = KMEMLAB_FREE_RANDOM);
BATCH(batch_rcu, .rcu = true);
BATCH(bulk_1, .bulk = 1);
BATCH(bulk_16, .bulk = 16);
BATCH(bulk_128, .bulk = 128);
BATCH(remote_free, .remote = true);

const struct kmemlab_workload_ops kmemlab_workload_ramp = {
	.name = "ramp",
	.holds = true,
	.frees_all = true,
	.unbounded = true,
	.run = ramp_run,
};
