/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Separates an operation's own steps from those of the clock and of other tasks. */
#ifndef KMEMLAB_EXPLAIN_STEP_FILTER_H
#define KMEMLAB_EXPLAIN_STEP_FILTER_H

#include "symbols.h"
#include "trace.h"

#define CLOCK_STEPS_MAX		8
#define SAVED_REGISTERS_MAX	32

/* The steps that the clock counted. */
struct timed_region {
	size_t first, end;	/* between the two clock reads: first <= i < end */
	size_t clock_steps[CLOCK_STEPS_MAX];	/* steps of the region that read the clock */
	size_t clock_step_count;
};

/*
 * Find the steps from after the first clock read up to and including the second,
 * and the clock's own instructions, which are adjacent to the reads. Return false
 * if there are no two clock reads.
 */
bool timed_region_find(const struct trace *trace, const struct operation *operation,
		       struct timed_region *region);

/* Return true if step belongs to the clock, not to the operation. */
bool timed_region_is_clock(const struct timed_region *region, size_t step);

/*
 * Detects steps that were executed while the operation's task was switched out.
 * All switches happen in one function, the machine's switcher: the operation's
 * task is back when the switcher loads registers from where it saved the task's.
 * Starts as zeros.
 */
struct switch_tracker {
	uint64_t saved[SAVED_REGISTERS_MAX];	/* addresses of the task's saved registers */
	size_t saved_count;
	size_t access;			/* index of the operation's next access */
	bool in_switcher;		/* the previous step was in the switcher */
	bool loading;			/* the switcher has begun to load registers */
	bool loads_ours;		/* the loaded registers are the task's */
	bool switched_out;
};

/* Process the next step, in order. Return true if another task executed it. */
bool switch_tracker_step(struct switch_tracker *tracker, const struct trace *trace,
			 const struct operation *operation, size_t step,
			 const struct symbols *symbols, size_t symbol);

#endif
