// SPDX-License-Identifier: GPL-2.0
#include "pmu.h"

#include <linux/err.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/string.h>

#ifdef CONFIG_PERF_EVENTS

#define READ_MISSES(cache)							\
	(PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 |	\
	 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

/* What perf takes for cache misses is the CPU's own affair: of the last level, or of the first. */
static const struct {
	const char *name;
	u32 type;
	u64 config;
} events[] = {
	{ "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "cache_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "llc_misses", PERF_TYPE_HW_CACHE, READ_MISSES(LL) },
	{ "dtlb_misses", PERF_TYPE_HW_CACHE, READ_MISSES(DTLB) },
};

static_assert(ARRAY_SIZE(events) <= KMEMLAB_PMU_MAX);

/* Pinned: one that shares its counter with others would count a part of the time only. */
static struct perf_event *open_event(unsigned int event)
{
	struct perf_event_attr attr = {
		.type = events[event].type,
		.size = sizeof(attr),
		.config = events[event].config,
		.pinned = 1,
	};

	return perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
}

const char *kmemlab_pmu_open(struct kmemlab_pmu *pmu)
{
	bool any = false;
	unsigned int i;

	memset(pmu, 0, sizeof(*pmu));
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		struct perf_event *event = open_event(i);

		if (IS_ERR(event))
			continue;
		pmu->events[i] = event;
		any = true;
	}
	return any ? NULL : "the CPU's performance counters are not visible to this kernel";
}

void kmemlab_pmu_close(struct kmemlab_pmu *pmu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (pmu->events[i])
			perf_event_release_kernel(pmu->events[i]);
	}
}

void kmemlab_pmu_read(const struct kmemlab_pmu *pmu, struct kmemlab_pmu_counts *counts)
{
	u64 enabled, running;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		counts->of[i] = !pmu->events[i] ? 0 :
				perf_event_read_value(pmu->events[i], &enabled, &running);
}

bool kmemlab_pmu_tell(const struct kmemlab_pmu *pmu, unsigned int event, char *name,
		      bool *counted)
{
	u64 enabled = 0, running = 0;

	if (event >= ARRAY_SIZE(events))
		return false;
	strscpy(name, events[event].name, KMEMLAB_NAME_MAX);
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

bool kmemlab_pmu_tell(const struct kmemlab_pmu *pmu, unsigned int event, char *name,
		      bool *counted)
{
	return false;
}

#endif
