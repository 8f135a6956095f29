/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the CPU's own performance counters say of operations, through the kernel's
 * perf interface. Reading them costs more than most operations do: they are read
 * around laps of many, in a pass of its own after all that is timed.
 */
#ifndef KMEMLAB_PMU_H
#define KMEMLAB_PMU_H

#include <linux/types.h>

#include <linux/kmemlab.h>

struct perf_event;

/**
 * struct kmemlab_pmu - counters of the calling task
 * @events: one for each that there is a name for; NULL: not to be had
 */
struct kmemlab_pmu {
	struct perf_event *events[KMEMLAB_PMU_MAX];
};

/* What each of them has counted. */
struct kmemlab_pmu_counts {
	u64 of[KMEMLAB_PMU_MAX];
};

/* Return: NULL, or why there is not a single one; then nothing is to be closed. */
const char *kmemlab_pmu_open(struct kmemlab_pmu *pmu);
void kmemlab_pmu_close(struct kmemlab_pmu *pmu);

/* Up to now. By the task that opened them. */
void kmemlab_pmu_read(const struct kmemlab_pmu *pmu, struct kmemlab_pmu_counts *counts);

/*
 * Names the @event-th; false past the last one. @counted: whether it counted all the
 * time since it was opened.
 */
bool kmemlab_pmu_tell(const struct kmemlab_pmu *pmu, unsigned int event, char *name,
		      bool *counted);

#endif
