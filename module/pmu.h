/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU performance counters, read through perf. Reading them costs more than most
 * operations, so they are read once per batch, in a separate pass after the timed ones.
 */
#ifndef KMEMLAB_PMU_H
#define KMEMLAB_PMU_H

#include <linux/types.h>

#include <linux/kmemlab.h>

struct perf_event;

/**
 * struct kmemlab_pmu - counters of the calling task
 * @events: perf events; NULL if unavailable
 */
struct kmemlab_pmu {
	struct perf_event *events[KMEMLAB_PMU_MAX];
};

/**
 * struct kmemlab_pmu_counts - values of the counters
 * @of: value by event
 */
struct kmemlab_pmu_counts {
	u64 of[KMEMLAB_PMU_MAX];
};

const char *kmemlab_pmu_open(struct kmemlab_pmu *pmu);
void kmemlab_pmu_close(struct kmemlab_pmu *pmu);
void kmemlab_pmu_read(const struct kmemlab_pmu *pmu, struct kmemlab_pmu_counts *counts);
bool kmemlab_pmu_copy(const struct kmemlab_pmu *pmu, unsigned int event, char *name,
		      bool *counted);

#endif
