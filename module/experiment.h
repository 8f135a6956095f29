/* SPDX-License-Identifier: GPL-2.0 */
/* One experiment: prepare, measure, prove untimed, unwind. */
#ifndef KMEMLAB_EXPERIMENT_H
#define KMEMLAB_EXPERIMENT_H

#include <linux/kmemlab.h>

/*
 * Runs @experiment in the caller, on the CPU it is on; may sleep. Copies
 * samples to the user pointers of @experiment and fills @result.
 * Return: 0 (@result->status says what came of it), -ENOENT for an unknown
 * name, -EINVAL for a request that makes no sense, -EINTR, -EFAULT.
 */
int kmemlab_experiment_run(struct kmemlab_experiment *experiment, struct kmemlab_result *result);

struct kmemlab_object_set;

/*
 * Allocates the objects of @experiment, which names no workload, and keeps
 * them; @mappable: as zeroed whole pages that may be shown to a process.
 * Return: the set, for kmemlab_experiment_let_go(), or an error as above;
 * where @result->status is REFUSED, its reason says why.
 */
struct kmemlab_object_set *kmemlab_experiment_hold(struct kmemlab_experiment *experiment,
						   bool mappable, struct kmemlab_result *result);
void kmemlab_experiment_let_go(struct kmemlab_object_set *set);

struct kmemlab_condition;

/*
 * Makes the condition of memory that the objects of @experiment, held, would meet; for
 * kmemlab_condition_undo(). Return: 0, or an error as above with nothing kept.
 */
int kmemlab_experiment_condition(struct kmemlab_experiment *experiment,
				 struct kmemlab_condition *condition,
				 struct kmemlab_result *result);

/* Bytes of objects that may be alive in experiments now, all files together. */
u64 kmemlab_experiment_live_bytes(void);

#endif
