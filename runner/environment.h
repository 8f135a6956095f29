/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine, its kernel and the module: the fields of "environment" that a guest knows. */
#ifndef KMEMLAB_RUNNER_ENVIRONMENT_H
#define KMEMLAB_RUNNER_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/utsname.h>

#include <linux/kmemlab.h>

#define ENVIRONMENT_ORDERS_MAX 32

/* Worst measurement of the calibration facilities, in ticks net of the clock's overhead. */
struct self_check {
	uint64_t null;			/* the larger of both directions */
	uint64_t delay_expected;	/* instructions */
	uint64_t delay_measured;	/* p50 */
	bool ok;
};

struct memory_node {
	uint64_t number;
	char cpus[256];			/* list, as "0-3,8" */
	uint64_t memory_bytes;
};

struct mitigation {
	char name[256];
	char state[256];
};

struct environment {
	uint32_t valid;			/* all bits set: every field is valid */

	/* Filled by environment_read_initial(): */
	uint64_t free_by_order[ENVIRONMENT_ORDERS_MAX];	/* blocks, all zones together */
	size_t orders;
	uint64_t watermark_min, watermark_low, watermark_high;	/* pages, all zones together */
	unsigned long taint;

	/* Filled by environment_read(): */
	struct utsname uts;
	char cmdline[2048];
	struct kmemlab_info info;
	struct kmemlab_kernel_config *config;	/* info.settings elements */
	struct kmemlab_facility *facilities;	/* info.facilities elements */
	uint64_t memory_bytes;		/* NO_COUNT: unknown */
	char clock_unit[KMEMLAB_NAME_MAX];
	char clock_counts[KMEMLAB_NAME_MAX];	/* "retired", or empty */
	char module_version[64], module_srcversion[64];
	uint64_t taint_delta;
	struct self_check self_check;
	char cpu_model[256];
	char cpu_features[128];		/* separated by blanks */
	struct memory_node *nodes;
	uint64_t node_count;		/* NO_COUNT: unknown */
	struct mitigation *mitigations;
	size_t mitigation_count;
	char thp[32];
	char page_shuffle[64];
	uint64_t kfence_sample_interval;	/* ms; NO_COUNT: no KFENCE */
};

/* Read the state that experiments change. *environment must be zeroed. */
void environment_read_initial(struct environment *environment);

/* Read everything else. plan_clock is the plan's clock. Return: 0 or a negative errno. */
int environment_read(struct environment *environment, int device, const char *plan_clock,
		     const struct self_check *check);
void environment_release(struct environment *environment);

/* Write {"record":"environment"}. */
void environment_write(FILE *out, const struct environment *environment);

/*
 * Replace the value "on" of a setting that was built in by its state in the running kernel,
 * which files and the kernel's command line tell.
 */
void kernel_config_read_state(struct kmemlab_kernel_config *setting, const char *cmdline);

/* Return the unit of one tick, from the plan's clock and the module's clock source. */
const char *get_clock_unit(const char *plan_clock, const char *source);

#endif
