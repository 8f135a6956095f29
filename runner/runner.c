// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/device.h"
#include "runner/environment.h"
#include "runner/experiment_run.h"
#include "runner/phys_map.h"
#include "runner/record_fields.h"
#include "runner/record_writer.h"
#include "runner/system.h"
#include "runner/translate.h"

#define SELF_CHECK_OPERATIONS	1000

static int open_device(void)
{
	int device = kmemlab_open();

	if (device == -ENOENT)
		fprintf(stderr, "kmemlab: no device %s (is kernel_memory.ko loaded?)\n",
			KMEMLAB_DEVICE_PATH);
	else if (device < 0)
		fprintf(stderr, "kmemlab: cannot open '%s': %s\n", KMEMLAB_DEVICE_PATH,
			strerror(-device));
	return device;
}

/* Return the larger percentile. NO_COUNT (no samples) counts as 0. */
static uint64_t max_ticks(uint64_t a, uint64_t b)
{
	a = a == NO_COUNT ? 0 : a;
	b = b == NO_COUNT ? 0 : b;
	return a > b ? a : b;
}

static int run_calibration(int device, const char *facility, uint32_t overhead,
			   struct experiment_run *run)
{
	struct experiment_spec spec;
	int err;

	experiment_spec_init(&spec);
	strcpy(spec.facility, facility);
	strcpy(spec.workload, "pair");
	spec.objects = SELF_CHECK_OPERATIONS;
	err = experiment_run(device, &spec, overhead, run, NULL);
	experiment_run_release(run);
	return err;
}

/* Keep the measurement with the larger error. */
static void add_delay(struct self_check *check, uint64_t measured)
{
	int64_t old_error = check->delay_measured - check->delay_expected;
	int64_t new_error = measured - check->delay_expected;

	if (!check->delay_measured || llabs(new_error) > llabs(old_error))
		check->delay_measured = measured;
}

/*
 * Measure the facilities null and delay, and keep the worst measurement of all calls. Counted
 * instructions must be exact. If the clock is time, a busy machine makes operations longer, and
 * reading the clock with them: the shortest null may cost a tenth of delay.
 */
static int self_check_add(int device, const char *clock_unit, struct self_check *check)
{
	bool counted = !strcmp(clock_unit, "instructions");
	struct experiment_run null, delay;
	struct kmemlab_info info;
	int err = kmemlab_get_info(device, &info);

	if (!err)
		err = run_calibration(device, "null", info.clock_overhead, &null);
	if (!err)
		err = run_calibration(device, "delay", info.clock_overhead, &delay);
	if (err)
		return err;
	check->null = max_ticks(check->null, counted ?
			      max_ticks(null.alloc.uninterrupted.p99, null.free.uninterrupted.p99) :
			      max_ticks(null.alloc.uninterrupted.min, null.free.uninterrupted.min));
	check->delay_expected = info.delay_instructions;
	add_delay(check, max_ticks(delay.alloc.uninterrupted.p50, 0));
	add_delay(check, max_ticks(delay.free.uninterrupted.p50, 0));
	check->ok = counted ? !check->null && check->delay_measured == check->delay_expected :
			      check->null * 10 < check->delay_measured;
	return 0;
}

/* Return true for limits of this machine or module: other experiments can continue. */
static bool is_skip_error(int err)
{
	return err == -ENOMEM || err == -EOVERFLOW || err == -EOPNOTSUPP || err == -ENOENT;
}

static enum kmemlab_reason skip_code(int err)
{
	return err == -ENOMEM ? KMEMLAB_REASON_NO_MEMORY : err == -EOVERFLOW ?
	       KMEMLAB_REASON_TOO_LARGE : KMEMLAB_REASON_UNAVAILABLE;
}

static int run_experiment(int device, const struct plan *plan,
			  const struct experiment_spec *spec, FILE *records)
{
	const bool counted = !strcmp(plan->clock, "instructions");
	struct experiment_spec timed = *spec;
	struct kmemlab_info info;
	struct experiment_run run;
	int err = kmemlab_get_info(device, &info);

	if (err)
		return err;
	timed.avoid_ticks = counted;
	err = experiment_run(device, &timed, info.clock_overhead, &run, records);
	if (is_skip_error(err)) {
		run.result.status = KMEMLAB_STATUS_SKIPPED;
		run.result.reason_code = skip_code(err);
		err = 0;
	}
	if (err) {
		fprintf(stderr, "kmemlab: %s %s: %s\n", spec->facility, spec->workload,
			run.result.reason);
	} else {
		/* Throughput requires a clock that measures time. */
		if (counted)
			experiment_run_release(&run);
		experiment_run_write(records, &run);
	}
	experiment_run_release(&run);
	return err;
}

/* On failure, the module skips accounted experiments with a reason. */
static void create_memory_cgroup(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (strcmp(plan->experiments[i].gfp, "accounted"))
			continue;
		memory_cgroup_create();
		return;
	}
}

static int run_directives(int device, const struct plan *plan, FILE *records)
{
	int err = 0;

	for (size_t i = 0; i < plan->count && !err; i++)
		err = run_experiment(device, plan, &plan->experiments[i], records);
	for (size_t i = 0; i < plan->translation_count && !err; i++)
		err = translate(device, &plan->translations[i], records);
	for (size_t i = 0; i < plan->map_count && !err; i++)
		err = phys_map(device, &plan->maps[i], records);
	return err;
}

static int run_plan(int device, const struct plan *plan, FILE *records)
{
	struct environment environment = { 0 };
	struct self_check check = { 0 };
	int err;

	environment_read_initial(&environment);
	create_memory_cgroup(plan);
	err = self_check_add(device, plan->clock, &check);
	if (!err)
		err = run_directives(device, plan, records);
	if (!err)
		err = self_check_add(device, plan->clock, &check);
	if (!err)
		err = environment_read(&environment, device, plan->clock, &check);
	if (!err)
		environment_write(records, &environment);
	environment_release(&environment);
	return err;
}

int runner_run(const struct plan *plan, FILE *records)
{
	int device = open_device();
	int err;

	if (device < 0)
		return device;
	err = run_plan(device, plan, records);
	kmemlab_close(device);
	return err;
}
