// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several CPUs, and what can come between: a signal, a CPU that is taken offline,
 * one that does not come to the barrier. Runs in a guest with two CPUs as root,
 * with the module loaded, and speaks TAP.
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

#define CPU1_ONLINE	"/sys/devices/system/cpu/cpu1/online"
#define RT_RUNTIME	"/proc/sys/kernel/sched_rt_runtime_us"
#define LONG		1000	/* repeats that take longer than any test here */

static int device;
static unsigned int tests, failures;
static const uint32_t both_cpus[] = { 0, 1 };

static void ok(bool passed, const char *what, const char *remark)
{
	printf("%sok %u - %s%s%s\n", passed ? "" : "not ", ++tests, what, *remark ? ": " : "",
	       remark);
	fflush(stdout);
	failures += !passed;
}

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
	int error = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
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

static struct kmemlab_experiment on_both(uint64_t objects, uint32_t repeats)
{
	struct kmemlab_experiment experiment = request("page", "batch", objects, repeats);

	experiment.cpus = (uintptr_t)both_cpus;
	experiment.cpu_count = 2;
	return experiment;
}

static int carry_out(struct kmemlab_experiment experiment, struct kmemlab_result *result)
{
	memset(result, 0, sizeof(*result));
	experiment.result = (uintptr_t)result;
	return kmemlab_run_experiment(device, &experiment);
}

static bool is_refused(int error, const struct kmemlab_result *result, const char *why)
{
	return !error && result->status == KMEMLAB_STATUS_REFUSED && strstr(result->reason, why);
}

static void nothing_is_held(void)
{
	struct kmemlab_info info;

	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "everything is given back", "");
}

static void do_nothing(int number)
{
	(void)number;
}

/* In a child, until it is interrupted; exits with the error it then gets, or is told. */
static pid_t begin(struct kmemlab_experiment experiment)
{
	struct kmemlab_result result;
	pid_t child = fork();
	int error;

	if (child)
		return child;
	run_on(0);
	error = carry_out(experiment, &result);
	_exit(is_refused(error, &result, "was asked to go offline") ? ENODEV : -error);
}

/* How a child ends that is sent a signal, as often as it takes until one finds it at work. */
static int interrupt(pid_t child)
{
	int status = 0;

	do {
		kill(child, SIGINT);
		usleep(200000);
	} while (!waitpid(child, &status, WNOHANG));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Until the experiment has taken its part of the budget. */
static bool has_begun(void)
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
	pid_t child = begin(on_both(2000, LONG));

	ok(has_begun(), "two CPUs work", "");
	ok(interrupt(child) == EINTR, "a signal ends what goes on on two CPUs: EINTR", "");
	nothing_is_held();
}

/*
 * Neither a CPU that allocates may go, nor the one that frees. The scheduler takes
 * threads off a CPU before it asks whether that may go: the experiment says so and
 * ends, and where that is soon enough, the CPU may go after all.
 */
static void test_offline(const char *what, struct kmemlab_experiment experiment)
{
	pid_t child = begin(experiment);
	bool begun = has_begun();
	int error = write_text(CPU1_ONLINE, "0"), end = interrupt(child);

	ok(begun && (error == -EBUSY || (!error && end == ENODEV)), what, strerror(-error));
	ok(end == EINTR || end == ENODEV, "it is interrupted, or says that it was moved",
	   strerror(end));
	if (!error)
		write_text(CPU1_ONLINE, "1");
	nothing_is_held();
}

static void test_offline_before(void)
{
	struct kmemlab_experiment remote = request("kmalloc", "remote_free", 100, 1);
	struct kmemlab_result result;
	int error;

	run_on(0);
	ok(!write_text(CPU1_ONLINE, "0"), "with no experiment on it a CPU can go", "");
	error = carry_out(on_both(2000, 1), &result);
	ok(is_refused(error, &result, "CPU 1 is not online"), "then it cannot be asked for",
	   result.reason);
	remote.free_cpu = 1;
	error = carry_out(remote, &result);
	ok(is_refused(error, &result, "not online"), "nor to free", result.reason);
	ok(!write_text(CPU1_ONLINE, "1"), "it comes back", "");
	error = carry_out(on_both(2000, 1), &result);
	ok(!error && !result.status, "and can be asked for again", result.reason);
	nothing_is_held();
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void spin(double duration)
{
	const double end = seconds() + duration;

	while (seconds() < end)
		;
}

/* Shares CPU 0 with whoever else is there, until it is killed. */
static pid_t share_cpu0(void)
{
	pid_t child = fork();

	if (child)
		return child;
	run_on(0);
	for (;;)
		spin(1);
}

/* Takes CPU 1 for longer than a team waits, again and again, until it is killed. */
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
 * CPU 0 is slow, so CPU 1 sleeps half of the time, before a part that both are to begin.
 * Where it is taken just then, it does not wake in time; when that is, nobody knows.
 */
static void test_barrier(void)
{
	struct kmemlab_result result;
	pid_t others[2];
	int error;

	write_text(RT_RUNTIME, "-1");
	others[0] = share_cpu0();
	others[1] = take_cpu1();
	error = carry_out(on_both(2000, LONG), &result);
	for (int i = 0; i < 2; i++) {
		kill(others[i], SIGKILL);
		waitpid(others[i], NULL, 0);
	}
	ok(is_refused(error, &result, "too busy with others to begin at the same time"),
	   "a CPU that does not come to the barrier", result.reason);
	ok(result.error == -ETIMEDOUT, "ETIMEDOUT", "");
	nothing_is_held();
}

int main(void)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct kmemlab_experiment remote = request("page", "remote_free", 2000, LONG);

	sigaction(SIGINT, &action, NULL);
	device = kmemlab_open();
	if (device < 0) {
		printf("Bail out! the device cannot be opened\n");
		return 1;
	}
	test_signal();
	test_offline("a CPU that allocates does not go", on_both(2000, LONG));
	remote.free_cpu = 1;
	test_offline("nor one that frees", remote);
	test_offline_before();
	test_barrier();
	printf("1..%u\n", tests);
	return failures > 0;
}
