// SPDX-License-Identifier: GPL-2.0-or-later
#include "exec.h"

#include <errno.h>
#include <string.h>

#include "lib/device.h"
#include "measurement.h"
#include "memory_map.h"
#include "memory_cgroup.h"
#include "records.h"
#include "self_check.h"
#include "translation.h"

static int open_device(void)
{
	int device = kmemlab_open();

	if (device == -ENOENT)
		fprintf(stderr, "kmemlab: %s is not there: is kernel_memory.ko loaded?\n",
			KMEMLAB_DEVICE_PATH);
	else if (device < 0)
		fprintf(stderr, "kmemlab: %s cannot be opened: %s\n", KMEMLAB_DEVICE_PATH,
			strerror(-device));
	return device;
}

/* What this machine or this module cannot do: the other experiments go on. */
static bool is_refusal(int error)
{
	return error == -ENOMEM || error == -EOVERFLOW || error == -EOPNOTSUPP || error == -ENOENT;
}

static int run_experiment(int device, const struct plan *plan,
			  const struct experiment_spec *spec, FILE *records)
{
	struct kmemlab_info info;
	struct measurement m;
	int error = kmemlab_get_info(device, &info);

	if (error)
		return error;
	error = measure(device, spec, info.clock_overhead, &m, records);
	if (is_refusal(error)) {
		m.result.status = KMEMLAB_STATUS_REFUSED;
		error = 0;
	}
	if (error) {
		fprintf(stderr, "kmemlab: %s, %s: %s\n", spec->facility, spec->workload,
			m.result.reason);
	} else {
		/* Instructions that several CPUs execute are no time that they share. */
		if (!strcmp(plan->clock, "instructions"))
			measurement_release(&m);
		write_result_record(records, spec, &m);
	}
	measurement_release(&m);
	return error;
}

/* Where it cannot be had, the module refuses what is to be accounted, and says why. */
static void make_memory_cgroup(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		if (strcmp(plan->experiments[i].gfp, "accounted"))
			continue;
		memory_cgroup_make();
		return;
	}
}

static int run_all(int device, const struct plan *plan, FILE *records)
{
	struct self_check check = { .ok = false };
	unsigned long taint = read_taint();
	struct system_state state;
	size_t i;
	int error;

	system_state_read(&state);
	make_memory_cgroup(plan);
	error = self_check_add(device, plan->clock, &check);
	for (i = 0; i < plan->count && !error; i++)
		error = run_experiment(device, plan, &plan->experiments[i], records);
	for (i = 0; i < plan->translation_count && !error; i++)
		error = translate(device, &plan->translations[i], records);
	for (i = 0; i < plan->map_count && !error; i++)
		error = map_memory(device, &plan->maps[i], records);
	if (!error)
		error = self_check_add(device, plan->clock, &check);
	if (!error)
		error = write_environment_record(records, device, plan->clock, &state,
						 &check, read_taint() & ~taint);
	return error;
}

int exec_plan(const struct plan *plan, FILE *records)
{
	int device = open_device();
	int error;

	if (device < 0)
		return device;
	error = run_all(device, plan, records);
	kmemlab_close(device);
	return error;
}
