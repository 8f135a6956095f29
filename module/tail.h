/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What slow paths operations take. A pass of its own after the timed ones: probes
 * on the kernel's tracepoints would change what is timed.
 */
#ifndef KMEMLAB_TAIL_H
#define KMEMLAB_TAIL_H

#include "object_set.h"
#include "workloads/workload.h"

/*
 * Runs @workload over @set once more, one operation a call, and notes which
 * tracepoints fired during each, in the task that carried it out. Leaves no
 * samples. Fills the tail fields of @result; where that cannot be done,
 * tail_reason says why.
 * Return: 0, also where it could not be done; or the workload's error.
 */
int kmemlab_tail_pass(struct kmemlab_object_set *set,
		      const struct kmemlab_workload_ops *workload, kmemlab_held_fn held,
		      void *context, struct kmemlab_result *result);

#endif
