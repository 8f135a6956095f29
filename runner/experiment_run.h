/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KMEMLAB_RUNNER_EXPERIMENT_RUN_H
#define KMEMLAB_RUNNER_EXPERIMENT_RUN_H

#include <stdio.h>

#include "runner/plan.h"
#include "runner/statistics.h"

#define PMU_EVENTS 5

/* Groups of a result, in addition to KMEMLAB_VALID_*. */
#define RUN_VALID_REFUSAL	(1U << 27)
#define RUN_VALID_COSTS		(1U << 28)
#define RUN_VALID_TAIL_GROUP	(1U << 29)
#define RUN_VALID_PMU_GROUP	(1U << 30)
#define RUN_VALID_CPUS		(1U << 31)

/* One CPU's part of an experiment. */
struct cpu_run {
	struct kmemlab_cpu_share share;
	struct cost alloc;
	struct cost free;
};

/* Slow paths in one direction. */
struct tail_direction {
	uint64_t operations;		/* traced */
	uint64_t slow;			/* at or above slow_from */
	uint64_t slow_from;		/* ticks, net of the clock's overhead; NO_COUNT: none */
	uint64_t slow_unexplained;	/* slow operations without any cause */
	size_t cause_count;
	struct cause_count {
		char name[KMEMLAB_NAME_MAX];
		uint64_t operations;
		uint64_t slow;
		double mean;		/* NAN: unknown */
	} causes[KMEMLAB_CAUSES_MAX];
};

/* Events of the CPU's performance counters in one direction. */
struct pmu_direction {
	uint64_t operations;		/* counted */
	double events[PMU_EVENTS];	/* per operation, in the order of the fields; NAN: none */
};

/* The results of one experiment, as result_fields describes them. */
struct experiment_run {
	uint32_t valid;			/* KMEMLAB_VALID_* and RUN_VALID_* */
	struct experiment_spec spec;
	struct kmemlab_result result;
	struct kmemlab_refusal refusal;
	struct cost alloc, free;	/* of all CPUs */
	struct tail_direction tail_alloc, tail_free;
	struct pmu_direction pmu_alloc, pmu_free;
	int64_t unexplained_bytes;
	double utilization;		/* NAN: no backing memory */
	uint64_t kept_every;		/* the number of the workload */
	double kept_ratio, kept_share;	/* NAN: no object was kept */
	struct cpu_run *cpus;
	size_t cpu_count;
};

/*
 * Run spec on its first CPU. The samples of a marked experiment are written to records,
 * which may be NULL. Release *run in any case.
 *
 * Return: 0 with the outcome in run->result.status, or a negative errno with a message in
 * run->result.reason if the experiment could not be started.
 */
int experiment_run(int device, const struct experiment_spec *spec, uint32_t overhead,
		   struct experiment_run *run, FILE *records);
void experiment_run_release(struct experiment_run *run);

/* Write {"record":"result"}. */
void experiment_run_write(FILE *out, struct experiment_run *run);

#endif
