// SPDX-License-Identifier: GPL-2.0
/*
 * pair: each operation's objects are freed at once. They are proved in a pass
 * of its own before, so that nothing stands between two operations that are
 * timed; that pass also takes the first touches of code and caches.
 */
#include "workloads/workload.h"

static int pair_run(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context)
{
	int error = 0;

	if (!set->run.alloc.count)
		error = kmemlab_object_set_one_by_one(set, held, context);
	return error ?: kmemlab_object_set_pair(set);
}

const struct kmemlab_workload_ops kmemlab_workload_pair = {
	.name = "pair",
	.several_cpus = true,
	.run = pair_run,
};
