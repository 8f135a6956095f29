// SPDX-License-Identifier: GPL-2.0
/* batch: all objects are allocated, proved, and freed, first in, first out. */
#include "workloads/workload.h"

static int batch_run(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context)
{
	int error = kmemlab_object_set_alloc(set);

	if (!error)
		error = held(set, context);
	kmemlab_object_set_free(set);
	return error;
}

const struct kmemlab_workload_ops kmemlab_workload_batch = {
	.name = "batch",
	.holds = true,
	.run = batch_run,
};
