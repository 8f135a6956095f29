/* SPDX-License-Identifier: GPL-2.0 */
/* The CPUs of an experiment: which, and that they stay while it runs. */
#ifndef KMEMLAB_CPUS_H
#define KMEMLAB_CPUS_H

#include <linux/cpumask.h>

struct kmemlab_request;

/* Told of CPUs that come and go, from the module's load to its unload. */
int kmemlab_cpus_watch(void);
void kmemlab_cpus_unwatch(void);

/*
 * Fills @request->cpus: those asked for, or the one the caller is on.
 * Return: 0, -EFAULT, or an errno with the refusal in @request's result.
 */
int kmemlab_cpus_choose(struct kmemlab_request *request);

/*
 * For an experiment of its own on several CPUs: none of them goes offline until
 * they are released. Return: 0, -EBUSY where another experiment has one of them, or
 * -ENODEV where one is not there.
 */
int kmemlab_cpus_hold(const struct cpumask *cpus);
void kmemlab_cpus_release(const struct cpumask *cpus);

#endif
