/* SPDX-License-Identifier: GPL-2.0 */
/* What an experiment asks for: from names and numbers to tables, or refused with the reason. */
#ifndef KMEMLAB_REQUEST_H
#define KMEMLAB_REQUEST_H

#include <linux/cpumask.h>
#include <linux/kmemlab.h>

#include "object_set.h"

struct kmemlab_gfp_profile;
struct kmemlab_workload_ops;

/**
 * struct kmemlab_request - an experiment as it is asked for
 * @asked: by the caller
 * @set: told what it is to be: facility, size, way of freeing
 * @result: where a refusal is said
 * @workload: the order of operations
 * @gfp: the GFP profile
 * @repeats: how often the workload is run
 * @cpus: that run it
 */
struct kmemlab_request {
	const struct kmemlab_experiment *asked;
	struct kmemlab_object_set *set;
	struct kmemlab_result *result;
	const struct kmemlab_workload_ops *workload;
	const struct kmemlab_gfp_profile *gfp;
	unsigned int repeats;
	struct cpumask cpus;
};

/*
 * @asked, @set and @result must be set. Allocates nothing.
 * Return: 0, an errno with the refusal in @result, or -ENOENT (an unknown
 * name), -EINVAL, -EOVERFLOW, -EOPNOTSUPP, -EFAULT with nothing in it.
 */
int kmemlab_request_resolve(struct kmemlab_request *request);

/* Says in @request's result why not. Return: @error. */
__printf(3, 4) int kmemlab_refuse(struct kmemlab_request *request, int error,
				  const char *format, ...);

#endif
