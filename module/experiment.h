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

/* Bytes of objects that experiments hold now, all files together. */
u64 kmemlab_experiment_live_bytes(void);

#endif
