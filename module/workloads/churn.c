// SPDX-License-Identifier: GPL-2.0
/*
 * churn: a population is built up untimed; then one operation after the other,
 * drawn by lot, is freed and replaced. What is proved has been through that.
 */
#include "workloads/workload.h"

static int churn_run(struct kmemlab_object_set *set, kmemlab_held_fn held, void *context)
{
	int error = kmemlab_object_set_alloc_quietly(set);

	if (!error)
		error = kmemlab_object_set_churn(set);
	if (!error)
		error = held(set, context);
	kmemlab_object_set_free_quietly(set);
	return error;
}

const struct kmemlab_workload_ops kmemlab_workload_churn = {
	.name = "churn",
	.holds = true,
	.run = churn_run,
};
