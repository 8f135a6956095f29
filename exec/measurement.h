/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One experiment, carried out: the module's answer and the figures from its samples. */
#ifndef KMEMLAB_MEASUREMENT_H
#define KMEMLAB_MEASUREMENT_H

#include <stdio.h>

#include "plan.h"
#include "statistics.h"

/* What one CPU has done of an experiment. */
struct cpu_measurement {
	struct kmemlab_cpu_share share;
	struct cost alloc;
	struct cost free;
};

struct measurement {
	struct kmemlab_result result;
	struct cost alloc;		/* of all CPUs */
	struct cost free;
	struct cpu_measurement *cpus;
	size_t cpu_count;
};

/*
 * Runs spec on its CPU, against an open device. 0 when it was carried out: the
 * result's status says with what outcome. A negative errno where it could not
 * be asked for at all, with one line for people in result.reason. The samples of
 * a marked experiment are written to records, which may be NULL.
 */
int measure(int device, const struct experiment_spec *spec, uint32_t overhead,
	    struct measurement *m, FILE *records);
void measurement_release(struct measurement *m);

#endif
