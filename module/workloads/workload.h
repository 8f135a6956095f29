/* SPDX-License-Identifier: GPL-2.0-only */
/* Workloads: the order of allocations and frees. */
#ifndef KMEMLAB_WORKLOAD_H
#define KMEMLAB_WORKLOAD_H

#include "object_set.h"
#include "workloads/list.h"

/**
 * struct kmemlab_workload_ops - one workload
 * @name: name in list.h; required
 * @flags: KMEMLAB_WORKLOAD_* flags in list.h; required
 * @free_order: default free order
 * @bulk: default objects per bulk call; 0: single calls
 * @unavailable: optional. Return the reason why this kernel cannot run the workload, or NULL.
 * @own_pages: optional. Return the maximum number of pages that the workload itself allocates.
 * @run: required. Called in process context, may sleep, once per repeat. Calls @on_held,
 *	untimed, with live objects to verify: once with the whole set if
 *	KMEMLAB_WORKLOAD_HOLDS, and again with the objects that are left if it frees the set
 *	partly; else with the objects of each operation. No object is live when it returns.
 *	Return: 0, -ENOMEM if an allocation failed, -EINTR, or the return value of @on_held.
 */
struct kmemlab_workload_ops {
	const char *name;
	unsigned int flags;
	enum kmemlab_free_order free_order;
	size_t bulk;
	const char *(*unavailable)(void);
	unsigned long (*own_pages)(void);
	int (*run)(struct kmemlab_object_set *set, kmemlab_on_held_fn held, void *context);
};

/* Flags of each workload as constants, for KMEMLAB_WORKLOAD(). */
enum {
#define WORKLOAD(NAME, FLAGS, DESCRIPTION)	KMEMLAB_WORKLOAD_FLAGS_##NAME = (FLAGS),
#include "workloads/list.h"
};

#define WORKLOAD(NAME, FLAGS, DESCRIPTION)						\
	extern const struct kmemlab_workload_ops kmemlab_workload_##NAME;
#include "workloads/list.h"

/* Initialize the members that list.h defines. */
#define KMEMLAB_WORKLOAD(NAME)								\
	.name = KMEMLAB_WORKLOAD_NAME(NAME, KMEMLAB_WORKLOAD_FLAGS_##NAME),		\
	.flags = KMEMLAB_WORKLOAD_FLAGS_##NAME

unsigned int kmemlab_workload_count(void);
const struct kmemlab_workload_ops *kmemlab_workload_at(unsigned int index);
const struct kmemlab_workload_ops *kmemlab_workload_find(const char *name, unsigned int *number);

#endif
