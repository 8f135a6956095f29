// SPDX-License-Identifier: GPL-2.0-or-later
#include "exec.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/device.h"
#include "measurement.h"
#include "records.h"
#include "self_check.h"

#define HEARTBEAT_S	1

/*
 * A process of its own says that we are alive: an experiment can take longer
 * than anybody's patience, and a signal would interrupt it.
 */
static pid_t start_heartbeat(FILE *records)
{
	pid_t parent = getpid(), child;

	fflush(records);
	child = fork();
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent) {
		sleep(HEARTBEAT_S);
		fputs(". working\n", records);
		fflush(records);
	}
	_exit(0);
}

static void stop_heartbeat(pid_t child)
{
	if (child <= 0)
		return;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

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

static int run_experiment(int device, const struct experiment_spec *spec, FILE *records)
{
	struct kmemlab_info info;
	struct measurement m;
	int error = kmemlab_get_info(device, &info);

	if (error)
		return error;
	error = measure(device, spec, info.clock_overhead, &m, records);
	if (error) {
		fprintf(stderr, "kmemlab: %s, %s: %s\n", spec->facility, spec->workload,
			m.result.reason);
		return error;
	}
	write_result_record(records, spec, &m);
	return 0;
}

static int run_all(int device, const struct plan *plan, FILE *records)
{
	struct self_check check = { .ok = false };
	unsigned long taint = read_taint();
	size_t i;
	int error;

	error = self_check_add(device, plan->clock, &check);
	for (i = 0; i < plan->count && !error; i++)
		error = run_experiment(device, &plan->experiments[i], records);
	if (!error)
		error = self_check_add(device, plan->clock, &check);
	if (!error)
		error = write_environment_record(records, device, plan->clock, &check,
						 read_taint() & ~taint);
	return error;
}

int exec_plan(const struct plan *plan, FILE *records)
{
	int device = open_device();
	pid_t heartbeat;
	int error;

	if (device < 0)
		return device;
	heartbeat = start_heartbeat(records);
	error = run_all(device, plan, records);
	stop_heartbeat(heartbeat);
	kmemlab_close(device);
	return error;
}
