/* SPDX-License-Identifier: GPL-2.0 */
/* An object set: the live objects of one facility, allocated in series. */
#ifndef KMEMLAB_OBJECT_SET_H
#define KMEMLAB_OBJECT_SET_H

#include "facilities/facility.h"
#include "pmu.h"
#include "settle.h"

struct kmemlab_cpu_call;
struct kmemlab_member;

/* In which order the objects of a set are freed. */
enum kmemlab_free_order {
	KMEMLAB_FREE_FIFO,	/* first in, first out */
	KMEMLAB_FREE_LIFO,
	KMEMLAB_FREE_RANDOM,
};

/* As users call them, by enum kmemlab_free_order; NULL behind the last. */
extern const char *const kmemlab_free_order_names[];

/* The most objects that one bulk call may take: it can run with interrupts off. */
#define KMEMLAB_BULK_MAX	1024

/**
 * struct kmemlab_object_set - N objects of one facility
 * @facility: where they come from
 * @run: what the facility knows of them
 * @operations: handles that are alive
 * @objects: objects that are alive
 * @order_max: the largest order of blocks that was allocated
 * @per_operation: the most objects that one allocation served
 * @per_free: the most objects that one call freed
 * @free_order: in which order kmemlab_object_set_free() goes
 * @bulk: objects a call, where the facility has bulk calls; 0: single ones
 * @rcu: freed after a grace period
 * @free_cpu: where they are freed; -1: here
 * @free_call: the thread there
 * @lottery: state of what is drawn by lot
 * @deferred: what frees after a grace period cost once that was over
 * @quiet: what goes on is no part of the workload's own operations
 * @first: number of its first object, where other CPUs have such sets
 * @member: of a team, which does its timed parts together; or NULL
 */
struct kmemlab_object_set {
	const struct kmemlab_facility_ops *facility;
	struct kmemlab_run run;
	size_t operations;
	size_t objects;
	size_t per_operation;
	unsigned int order_max;
	size_t per_free;
	enum kmemlab_free_order free_order;
	size_t bulk;
	bool rcu;
	int free_cpu;
	struct kmemlab_cpu_call *free_call;
	u64 lottery;
	struct kmemlab_deferred deferred;
	bool quiet;
	u64 first;
	struct kmemlab_member *member;
};

/* Bytes of bookkeeping for this many samples a direction, and handles alive at a time. */
u64 kmemlab_object_set_bookkeeping(u64 samples, u64 alive);

/* The most operations that the set's objects can take. */
size_t kmemlab_object_set_operations_max(const struct kmemlab_facility_ops *facility,
					 const struct kmemlab_run *run);

/* Makes room for the bookkeeping. @set->facility and what is asked for must be set. */
int kmemlab_object_set_create(struct kmemlab_object_set *set, size_t samples, size_t alive);
void kmemlab_object_set_destroy(struct kmemlab_object_set *set);

/*
 * Allocates all objects. Return: 0, -ENOMEM where the allocator refused, or
 * -EINTR; what was allocated before stays alive, for kmemlab_object_set_free().
 */
int kmemlab_object_set_alloc(struct kmemlab_object_set *set);

/*
 * Frees all that is alive, in the set's order, by the set's calls and on its
 * CPU; sleeps in between. Return: 0, or a negative errno where that CPU or the
 * set's team could not do it; all is freed nevertheless.
 */
int kmemlab_object_set_free(struct kmemlab_object_set *set);

/* The same two, leaving no samples behind: in plain order, by plain calls, here. */
int kmemlab_object_set_alloc_quietly(struct kmemlab_object_set *set);
void kmemlab_object_set_free_quietly(struct kmemlab_object_set *set);

/**
 * struct kmemlab_laps - what came of a loop's operations in one direction
 * @pmu: counters to be read around each lap, too; or NULL
 * @loop: ticks and operations; with @pmu its reading disturbs them
 * @events: by the counters of @pmu
 */
struct kmemlab_laps {
	struct kmemlab_pmu *pmu;
	struct kmemlab_loop loop;
	s64 events[KMEMLAB_PMU_MAX];
};

/*
 * All objects are allocated and freed once more, many operations between two
 * reads of the clock; what the facility null takes for as many is taken off.
 * Laps that were hit count for nothing. Return: as for alloc; nothing stays alive.
 */
int kmemlab_object_set_loop(struct kmemlab_object_set *set, struct kmemlab_laps *alloc,
			    struct kmemlab_laps *free);

/*
 * Frees one operation drawn by lot and allocates its like in its place, as
 * often as there are operations. Return: as for alloc.
 */
int kmemlab_object_set_churn(struct kmemlab_object_set *set);

typedef int (*kmemlab_held_fn)(struct kmemlab_object_set *set, void *context);

/*
 * Allocates one operation's objects, calls @held, frees them; again and again,
 * leaving no samples behind.
 * Return: as for alloc, or what @held returned; nothing stays alive.
 */
int kmemlab_object_set_one_by_one(struct kmemlab_object_set *set, kmemlab_held_fn held,
				  void *context);

/* Allocates and frees each operation at once. Return: as for alloc; nothing stays alive. */
int kmemlab_object_set_pair(struct kmemlab_object_set *set);

/* As pair, with a call of @before ahead of each allocation and each free. */
int kmemlab_object_set_pair_after(struct kmemlab_object_set *set,
				  int (*before)(struct kmemlab_object_set *set, void *context),
				  void *context);

/* Kernel address of a handle's first byte; of several copies the first one's. */
static inline void *kmemlab_object_set_base(const struct kmemlab_object_set *set,
					    unsigned long handle)
{
	const struct kmemlab_facility_ops *facility = set->facility;

	if (facility->copy)
		return facility->copy(&set->run, handle, 0);
	return facility->address ? facility->address(&set->run, handle) : (void *)handle;
}

/* Objects in one handle of the set, which has @missing objects from there on. */
static inline size_t kmemlab_object_set_in(const struct kmemlab_object_set *set,
					   unsigned long handle, size_t missing)
{
	if (!set->facility->capacity)
		return 1;
	return min(set->facility->capacity(&set->run, handle), missing);
}

#endif
