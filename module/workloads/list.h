/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workloads in the order of reports: WORKLOAD(name, flags, description). The name of one that
 * takes a number ends in a colon, see KMEMLAB_WORKLOAD_NAME().
 *
 * The module and user space compile their tables from this list, so it uses no
 * kernel types. Define WORKLOAD before each include; the list undefines it.
 */
#ifndef KMEMLAB_WORKLOAD_LIST_H
#define KMEMLAB_WORKLOAD_LIST_H

/**
 * enum kmemlab_workload_flags - properties of a workload
 * @KMEMLAB_WORKLOAD_BASIC: supported by every facility; advice ranks by these workloads
 * @KMEMLAB_WORKLOAD_PAIRS: frees the objects of an operation before the next operation
 * @KMEMLAB_WORKLOAD_HOLDS: all objects are live at one point: memory use and contiguity exist
 * @KMEMLAB_WORKLOAD_FREES_ALL: frees with kmemlab_object_set_free(), so that a request can
 *	select the free order, the bulk size and the CPU
 * @KMEMLAB_WORKLOAD_PARALLEL: can run on several CPUs at once
 * @KMEMLAB_WORKLOAD_GROWS: allocates until the budget or memory is used up; the number
 *	of objects is the result
 * @KMEMLAB_WORKLOAD_REMOTE: frees on another CPU, so it needs two
 * @KMEMLAB_WORKLOAD_RCU: frees after a grace period
 * @KMEMLAB_WORKLOAD_NUMBER: takes a number of at least 2 after its name: "partial:32"
 */
enum kmemlab_workload_flags {
	KMEMLAB_WORKLOAD_BASIC		= 1 << 0,
	KMEMLAB_WORKLOAD_PAIRS		= 1 << 1,
	KMEMLAB_WORKLOAD_HOLDS		= 1 << 2,
	KMEMLAB_WORKLOAD_FREES_ALL	= 1 << 3,
	KMEMLAB_WORKLOAD_PARALLEL	= 1 << 4,
	KMEMLAB_WORKLOAD_GROWS		= 1 << 5,
	KMEMLAB_WORKLOAD_REMOTE		= 1 << 6,
	KMEMLAB_WORKLOAD_RCU		= 1 << 7,
	KMEMLAB_WORKLOAD_NUMBER		= 1 << 8,
};

/* Flags of "batch" and its variants. */
#define KMEMLAB_WORKLOAD_BATCHES	(KMEMLAB_WORKLOAD_HOLDS | KMEMLAB_WORKLOAD_FREES_ALL)

/* Name of a workload as text, a constant. */
#define KMEMLAB_WORKLOAD_NAME(NAME, FLAGS) \
	((FLAGS) & KMEMLAB_WORKLOAD_NUMBER ? #NAME ":" : #NAME)

#endif

#ifdef WORKLOAD
WORKLOAD(pair, KMEMLAB_WORKLOAD_BASIC | KMEMLAB_WORKLOAD_PAIRS | KMEMLAB_WORKLOAD_PARALLEL,
	 "allocate one object and free it at once, repeatedly")
WORKLOAD(batch, KMEMLAB_WORKLOAD_BATCHES | KMEMLAB_WORKLOAD_BASIC | KMEMLAB_WORKLOAD_PARALLEL,
	 "allocate all objects, then free them, first in, first out")
WORKLOAD(batch_lifo, KMEMLAB_WORKLOAD_BATCHES | KMEMLAB_WORKLOAD_PARALLEL,
	 "allocate all objects, then free them, last in, first out")
WORKLOAD(batch_random, KMEMLAB_WORKLOAD_BATCHES | KMEMLAB_WORKLOAD_PARALLEL,
	 "allocate all objects, then free them in random order")
WORKLOAD(batch_rcu, KMEMLAB_WORKLOAD_BATCHES | KMEMLAB_WORKLOAD_RCU,
	 "allocate all objects, then free them by kfree_rcu, kvfree_rcu or call_rcu")
WORKLOAD(bulk_1, KMEMLAB_WORKLOAD_BATCHES,
	 "batch through the facility's bulk calls, one object per call")
WORKLOAD(bulk_16, KMEMLAB_WORKLOAD_BATCHES,
	 "batch through the facility's bulk calls, 16 objects per call")
WORKLOAD(bulk_128, KMEMLAB_WORKLOAD_BATCHES,
	 "batch through the facility's bulk calls, 128 objects per call")
WORKLOAD(churn, KMEMLAB_WORKLOAD_HOLDS,
	 "keep a steady population: free and replace one random object, repeatedly")
WORKLOAD(partial, KMEMLAB_WORKLOAD_HOLDS | KMEMLAB_WORKLOAD_NUMBER,
	 "allocate all objects, free all but every K-th one, then free these: partial:K")
WORKLOAD(remote_free, KMEMLAB_WORKLOAD_BATCHES | KMEMLAB_WORKLOAD_REMOTE,
	 "allocate all objects on one CPU, then free them on another")
WORKLOAD(ramp, KMEMLAB_WORKLOAD_BATCHES | KMEMLAB_WORKLOAD_GROWS,
	 "allocate until the budget or memory is used up, then free all")
WORKLOAD(cold, KMEMLAB_WORKLOAD_PAIRS,
	 "pair, with per-CPU lists and the facility's caches emptied before each operation")
#undef WORKLOAD
#endif
