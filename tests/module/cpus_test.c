// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Experiments on several CPUs and their interruptions: a signal, a CPU that goes
 * offline, a CPU that misses the barrier. Runs as root in a guest with two CPUs,
 * with the module loaded; prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/device.h"
#include "tests/tap.h"

#define CPU1_ONLINE	"/sys/devices/system/cpu/cpu1/online"
#define RT_RUNTIME	"/proc/sys/kernel/sched_rt_runtime_us"
#define LONG		1000	/* repeats: longer than any test in this file */

static int device;
static const uint32_t both_cpus[] = { 0, 1 };

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

static struct kmemlab_experiment request(const char *facility, const char *workload,
					 uint64_t objects, uint32_t repeats)
{
	struct kmemlab_experiment experiment = {
		.object_size = 4096,
		.objects = objects,
		.repeats = repeats,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
	};

	strcpy(experiment.facility, facility);
	strcpy(experiment.workload, workload);
	return experiment;
}

static struct kmemlab_experiment request_two_cpus(uint64_t objects, uint32_t repeats)
{
	struct kmemlab_experiment experiment = request("page", "batch", objects, repeats);

	experiment.cpus = (uintptr_t)both_cpus;
	experiment.cpu_count = 2;
	return experiment;
}

static int run_experiment(struct kmemlab_experiment experiment, struct kmemlab_result *result)
{
	memset(result, 0, sizeof(*result));
	experiment.result = (uintptr_t)result;
	return kmemlab_run_experiment(device, &experiment);
}

static bool is_skipped(int err, const struct kmemlab_result *result, const char *reason)
{
	return !err && result->status == KMEMLAB_STATUS_SKIPPED && strstr(result->reason, reason);
}

static void check_nothing_held(void)
{
	struct kmemlab_info info;

	ok_reason(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
		  "no memory is held or reserved after the experiment", "");
}

static void ignore_signal(int number)
{
	(void)number;
}

/* Run the experiment in a child, which exits with the errno of the ioctl or skip reason. */
static pid_t start_experiment(struct kmemlab_experiment experiment)
{
	struct kmemlab_result result;
	pid_t child = fork();
	int err;

	if (child)
		return child;
	run_on(0);
	err = run_experiment(experiment, &result);
	_exit(is_skipped(err, &result, "a CPU went offline") ? ENODEV : -err);
}

/* Send signals until one interrupts the child. Return its exit status. */
static int interrupt_child(pid_t child)
{
	int status = 0;

	do {
		kill(child, SIGINT);
		usleep(200000);
	} while (!waitpid(child, &status, WNOHANG));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Wait until the experiment has reserved memory. */
static bool wait_until_started(void)
{
	struct kmemlab_info info = { 0 };

	for (int i = 0; i < 1000 && !info.reserved_pages; i++) {
		usleep(10000);
		kmemlab_get_info(device, &info);
	}
	usleep(100000);
	return info.reserved_pages;
}

static void test_signal(void)
{
	pid_t child = start_experiment(request_two_cpus(2000, LONG));

	ok_reason(wait_until_started(), "experiment on two CPUs: starts", "");
	ok(interrupt_child(child) == EINTR,
	   "experiment on two CPUs: a signal interrupts it with EINTR");
	check_nothing_held();
}

/*
 * A CPU that allocates or frees must not go offline. The scheduler moves threads away
 * before it asks if the CPU may go: the experiment then ends with that reason, and if
 * it ends early enough, the CPU goes offline after all.
 */
static void test_offline(const char *role, struct kmemlab_experiment experiment)
{
	pid_t child = start_experiment(experiment);
	bool started = wait_until_started();
	int err = write_text(CPU1_ONLINE, "0"), status = interrupt_child(child);

	ok(started && (err == -EBUSY || (!err && status == ENODEV)),
	   "CPU that %s: cannot go offline during the experiment (%s)", role, strerror(-err));
	ok(status == EINTR || status == ENODEV,
	   "CPU that %s: the experiment is interrupted or reports that it was moved (%s)", role,
	   strerror(status));
	if (!err)
		write_text(CPU1_ONLINE, "1");
	check_nothing_held();
}

static void test_offline_before(void)
{
	struct kmemlab_experiment remote = request("kmalloc", "remote_free", 100, 1);
	struct kmemlab_result result;
	int err;

	run_on(0);
	ok_reason(!write_text(CPU1_ONLINE, "0"), "CPU without an experiment: can go offline", "");
	err = run_experiment(request_two_cpus(2000, 1), &result);
	ok_reason(is_skipped(err, &result, "CPU 1 is not online"),
		  "offline CPU: an experiment on it is skipped", result.reason);
	remote.free_cpu = 1;
	err = run_experiment(remote, &result);
	ok_reason(is_skipped(err, &result, "not online"),
		  "offline CPU: freeing on it is skipped", result.reason);
	ok_reason(!write_text(CPU1_ONLINE, "1"), "CPU that was offline: can come back online", "");
	err = run_experiment(request_two_cpus(2000, 1), &result);
	ok_reason(!err && !result.status, "CPU that was offline: an experiment runs on it", result.reason);
	check_nothing_held();
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void spin(double seconds)
{
	const double end = seconds_now() + seconds;

	while (seconds_now() < end)
		;
}

/* Compete for CPU 0 until killed. */
static pid_t share_cpu0(void)
{
	pid_t child = fork();

	if (child)
		return child;
	run_on(0);
	for (;;)
		spin(1);
}

/* Block CPU 1 repeatedly for longer than the barrier timeout, until killed. */
static pid_t take_cpu1(void)
{
	const struct sched_param priority = { .sched_priority = 50 };
	pid_t child = fork();

	if (child)
		return child;
	run_on(1);
	if (sched_setscheduler(0, SCHED_FIFO, &priority))
		_exit(1);
	for (;;) {
		usleep(300000);
		spin(1.5);
	}
}

/*
 * CPU 0 is slow, so the worker on CPU 1 sleeps at the barrier half of the time. If
 * CPU 1 is blocked at that moment, the worker misses the timeout.
 */
static void test_barrier(void)
{
	struct kmemlab_result result;
	pid_t others[2];
	int err;

	write_text(RT_RUNTIME, "-1");
	others[0] = share_cpu0();
	others[1] = take_cpu1();
	err = run_experiment(request_two_cpus(2000, LONG), &result);
	for (int i = 0; i < 2; i++) {
		kill(others[i], SIGKILL);
		waitpid(others[i], NULL, 0);
	}
	ok_reason(is_skipped(err, &result, "too busy to start at the same time"),
		  "busy CPU: an experiment is skipped if the CPU misses the barrier", result.reason);
	ok_reason(result.error == -ETIMEDOUT, "busy CPU: the err is ETIMEDOUT", "");
	check_nothing_held();
}

int main(void)
{
	struct sigaction action = { .sa_handler = ignore_signal };
	struct kmemlab_experiment remote = request("page", "remote_free", 2000, LONG);

	sigaction(SIGINT, &action, NULL);
	device = kmemlab_open();
	if (device < 0) {
		printf("Bail out! cannot open the device\n");
		return 1;
	}
	test_signal();
	test_offline("allocates", request_two_cpus(2000, LONG));
	remote.free_cpu = 1;
	test_offline("frees", remote);
	test_offline_before();
	test_barrier();
	return done_testing();
}
