/* SPDX-License-Identifier: GPL-2.0 */
/* An object set: the live objects of one facility, allocated in series. */
#ifndef KMEMLAB_OBJECT_SET_H
#define KMEMLAB_OBJECT_SET_H

#include "facilities/facility.h"

/**
 * struct kmemlab_object_set - N objects of one facility
 * @facility: where they come from
 * @run: what the facility knows of them
 * @operations: operations that are alive
 * @objects: objects that are alive
 * @per_operation: the most objects that one operation served
 */
struct kmemlab_object_set {
	const struct kmemlab_facility_ops *facility;
	struct kmemlab_run run;
	size_t operations;
	size_t objects;
	size_t per_operation;
};

/* Bytes of bookkeeping for this many operations, of which @alive at the same time. */
u64 kmemlab_object_set_bookkeeping(u64 operations, u64 alive);

/* The most operations that the set's objects can take. */
size_t kmemlab_object_set_operations_max(const struct kmemlab_facility_ops *facility,
					 const struct kmemlab_run *run);

/* Makes room for the bookkeeping. @set->facility and what is asked for must be set. */
int kmemlab_object_set_create(struct kmemlab_object_set *set, size_t operations, size_t alive);
void kmemlab_object_set_destroy(struct kmemlab_object_set *set);

/*
 * Allocates all objects. Return: 0, -ENOMEM where the allocator refused, or
 * -EINTR; what was allocated before stays alive, for kmemlab_object_set_free().
 */
int kmemlab_object_set_alloc(struct kmemlab_object_set *set);

/* Frees all that is alive, first in, first out; never fails, sleeps in between. */
void kmemlab_object_set_free(struct kmemlab_object_set *set);

typedef int (*kmemlab_held_fn)(struct kmemlab_object_set *set, void *context);

/*
 * Allocates one operation's objects, calls @held, frees them; again and again.
 * Return: as for alloc, or what @held returned; nothing stays alive.
 */
int kmemlab_object_set_one_by_one(struct kmemlab_object_set *set, kmemlab_held_fn held,
				  void *context);

/* Allocates and frees each operation at once. Return: as for alloc; nothing stays alive. */
int kmemlab_object_set_pair(struct kmemlab_object_set *set);

/* Objects in one handle of the set, which has @missing objects from there on. */
static inline size_t kmemlab_object_set_in(const struct kmemlab_object_set *set,
					   unsigned long handle, size_t missing)
{
	if (!set->facility->capacity)
		return 1;
	return min(set->facility->capacity(&set->run, handle), missing);
}

#endif
