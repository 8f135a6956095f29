/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records: what exec says, one JSON object a line; docs/results.md has the fields. */
#ifndef KMEMLAB_RECORDS_H
#define KMEMLAB_RECORDS_H

#include <stdbool.h>
#include <stdio.h>


#include "measurement.h"
#include "system_state.h"

/* What null and delay read, in ticks net of the clock's overhead. */
struct self_check {
	uint64_t null;		/* the larger of both directions, at p99 */
	uint64_t delay_asked;	/* instructions */
	uint64_t delay_read;	/* ticks, at p50 */
	bool ok;
};

void write_result_record(FILE *out, const struct experiment_spec *spec,
			 const struct measurement *m);

/*
 * Each sample of one direction, in the order of operations, as [ticks, tags, how
 * many alike]: overhead included. And where the module's code lies.
 */
void write_samples_record(FILE *out, const char *direction, uint32_t overhead,
			  const struct kmemlab_samples *samples);

/* What one tick is, by the plan's clock and the source that the module names. */
const char *clock_unit(const char *plan_clock, const char *source);

/*
 * plan_clock as in the plan; state as read before; taint_delta: bits that came
 * up while it ran. 0 or -errno.
 */
int write_environment_record(FILE *out, int device, const char *plan_clock,
			     const struct system_state *state, const struct self_check *check,
			     unsigned long taint_delta);

/* /proc/sys/kernel/tainted, or 0 where it cannot be read. */
unsigned long read_taint(void);

#endif
