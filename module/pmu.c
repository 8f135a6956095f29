// SPDX-License-Identifier: GPL-2.0-only
#include "pmu.h"

#include <linux/err.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/string.h>

#ifdef CONFIG_PERF_EVENTS

#define PMU_READ_MISSES(cache)							\
	(PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 |	\
	 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

/* The cache level of PERF_COUNT_HW_CACHE_MISSES depends on the CPU. */
static const struct {
	const char *name;
	u32 type;
	u64 config;
} pmu_events[] = {
	{ "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "cache_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "llc_misses", PERF_TYPE_HW_CACHE, PMU_READ_MISSES(LL) },
	{ "dtlb_misses", PERF_TYPE_HW_CACHE, PMU_READ_MISSES(DTLB) },
};

static_assert(ARRAY_SIZE(pmu_events) <= KMEMLAB_PMU_MAX);

/* Pinned: a multiplexed event would count only a part of the time. */
static struct perf_event *pmu_open_event(unsigned int event)
{
	struct perf_event_attr attr = {
		.type = pmu_events[event].type,
		.size = sizeof(attr),
		.config = pmu_events[event].config,
		.pinned = 1,
	};

	return perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
}

/**
 * kmemlab_pmu_open() - open the available counters for the calling task
 * @pmu: initialized
 *
 * Return: NULL, or the reason why no counter is available; then @pmu must not be closed.
 */
const char *kmemlab_pmu_open(struct kmemlab_pmu *pmu)
{
	bool any = false;
	unsigned int i;

	memset(pmu, 0, sizeof(*pmu));
	for (i = 0; i < ARRAY_SIZE(pmu_events); i++) {
		struct perf_event *event = pmu_open_event(i);

		if (IS_ERR(event))
			continue;
		pmu->events[i] = event;
		any = true;
	}
	return any ? NULL : "the CPU's performance counters are not visible to this kernel";
}

/**
 * kmemlab_pmu_close() - close the counters
 * @pmu: opened counters
 */
void kmemlab_pmu_close(struct kmemlab_pmu *pmu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pmu_events); i++) {
		if (pmu->events[i])
			perf_event_release_kernel(pmu->events[i]);
	}
}

/**
 * kmemlab_pmu_read() - read all counters
 * @pmu: counters that the calling task opened
 * @counts: values since they were opened; 0 for an unavailable counter
 */
void kmemlab_pmu_read(const struct kmemlab_pmu *pmu, struct kmemlab_pmu_counts *counts)
{
	u64 enabled, running;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pmu_events); i++)
		counts->of[i] = !pmu->events[i] ? 0 :
				perf_event_read_value(pmu->events[i], &enabled, &running);
}

/**
 * kmemlab_pmu_copy() - name a counter
 * @pmu: opened counters
 * @event: index of the counter
 * @name: filled in, KMEMLAB_NAME_MAX bytes
 * @counted: set to true if the counter ran all the time since it was opened
 *
 * Return: false past the last counter.
 */
bool kmemlab_pmu_copy(const struct kmemlab_pmu *pmu, unsigned int event, char *name,
		      bool *counted)
{
	u64 enabled = 0, running = 0;

	if (event >= ARRAY_SIZE(pmu_events))
		return false;
	strscpy(name, pmu_events[event].name, KMEMLAB_NAME_MAX);
	if (pmu->events[event])
		perf_event_read_value(pmu->events[event], &enabled, &running);
	*counted = running && running == enabled;
	return true;
}

#else

const char *kmemlab_pmu_open(struct kmemlab_pmu *pmu)
{
	return "this kernel has no perf events (CONFIG_PERF_EVENTS)";
}

void kmemlab_pmu_close(struct kmemlab_pmu *pmu)
{
}

void kmemlab_pmu_read(const struct kmemlab_pmu *pmu, struct kmemlab_pmu_counts *counts)
{
}

bool kmemlab_pmu_copy(const struct kmemlab_pmu *pmu, unsigned int event, char *name,
		      bool *counted)
{
	return false;
}

#endif
