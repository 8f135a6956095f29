/* SPDX-License-Identifier: GPL-2.0 */
/* What a workload is: the order of allocations and frees. */
#ifndef KMEMLAB_WORKLOAD_H
#define KMEMLAB_WORKLOAD_H

#include "object_set.h"

/**
 * struct kmemlab_workload_ops - one workload
 * @name: as in list.h; required
 * @holds: the whole set is alive at some point: memory and contiguity exist
 * @frees_all: the set is freed by kmemlab_object_set_free(), so that a request may
 *	say in which order, how many at a time, and where
 * @free_order: in which order, unless a request says so
 * @bulk: objects a call, unless a request says so; 0: single calls
 * @rcu: freed after a grace period
 * @remote: freed on another CPU, unless a request says where
 * @unbounded: as many objects as the budget and the allocator give
 * @several_cpus: its timed parts are those of an object set's alloc, free and pair,
 *	so that several CPUs can do it together
 * @unavailable: not required. Why this kernel cannot do it, or NULL.
 * @own_pages: not required. How many pages it takes itself at the most.
 * @run: required. Called in process context, may sleep, once for each repeat.
 *	Calls @held, untimed, with objects alive that are to be proved: once with
 *	the whole set where @holds, else with each operation's. Nothing is alive
 *	when it returns: 0, -ENOMEM (the allocator refused), -EINTR, or what @held
 *	returned.
 */
struct kmemlab_workload_ops {
	const char *name;
	bool holds;
	bool frees_all;
	enum kmemlab_free_order free_order;
	size_t bulk;
	bool rcu;
	bool remote;
	bool unbounded;
	bool several_cpus;
	const char *(*unavailable)(void);
	unsigned long (*own_pages)(void);
	int (*run)(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context);
};

/* Every workload's table, by the list. */
#define WORKLOAD(name, description)						\
	extern const struct kmemlab_workload_ops kmemlab_workload_##name;
#include "workloads/list.h"
#undef WORKLOAD

unsigned int kmemlab_workload_count(void);
const struct kmemlab_workload_ops *kmemlab_workload_at(unsigned int index);
const struct kmemlab_workload_ops *kmemlab_workload_find(const char *name);

#endif
