/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facility user: what a process costs when it grows. An object is anonymous
 * memory at pages of its own; allocating is touching each of its pages for the
 * first time, freeing is MADV_DONTNEED. Carried out here, not in the module,
 * with the same figures as result.
 */
#ifndef KMEMLAB_USER_H
#define KMEMLAB_USER_H

#include "measurement.h"

#define USER_FACILITY "user"

/* As measure(), on the CPU that the caller is pinned to. */
int user_measure(int device, const struct experiment_spec *spec, struct measurement *m);

#endif
