// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "runner/bench_job.h"
#include "runner/clock_user.h"
#include "runner/ivshmem.h"
#include "runner/kernel_log.h"
#include "runner/record_writer.h"
#include "runner/system.h"

#ifdef __arm__
#define ARM_CODE	__attribute__((noinline, target("arm")))
#else
#define ARM_CODE
#endif

/* Instructions of the loops that calibrate the clocks, and attempts: an interrupt may hit one */
#define SHORT_LOOP	2000
#define LONG_LOOP	402000
#define ATTEMPTS	50

/* The guest is idle if it executes less than this share of a second, and prints nothing. */
#define IDLE_SHARE	0.2
#define IDLE_SECONDS_MAX	100000

static const struct kmemlab_string_counters no_counters;
static const volatile struct kmemlab_string_counters *counters = &no_counters;
static FILE *report;	/* receives the records */

/* Execute this even number of instructions, and the same number of others in each call. */
static __attribute__((noinline)) void spin_instructions(unsigned long instructions)
{
	unsigned long rounds = instructions / 2;

#if defined(__x86_64__)
	asm volatile("1: dec %0\n\tjnz 1b" : "+r" (rounds) : : "cc");
#elif defined(__aarch64__) || defined(__arm__)
	asm volatile("1: subs %0, %0, #1\n\tbne 1b" : "+r" (rounds) : : "cc");
#else
#error "no loop of two instructions for this architecture"
#endif
}

/* Return the ticks of get_cycles() for a loop, with a constant overhead. */
static uint64_t loop_cycles(unsigned long instructions)
{
	uint32_t start[2];

	clock_user_begin(start);
	spin_instructions(instructions);
	return clock_user_since(start, clock_user_end());
}

/* Return the nanoseconds of ktime_get() for a loop, with a constant overhead. */
static uint64_t loop_ns(unsigned long instructions)
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	spin_instructions(instructions);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec;
}

static uint64_t min_ticks(uint64_t (*loop)(unsigned long instructions), unsigned long instructions)
{
	uint64_t min = UINT64_MAX;

	for (int i = 0; i < ATTEMPTS; i++) {
		uint64_t ticks = loop(instructions);

		min = ticks < min ? ticks : min;
	}
	return min;
}

/* Return the ticks per instruction of a clock. The difference of two loops has no overhead. */
static double ticks_per_instruction(uint64_t (*loop)(unsigned long instructions))
{
	return (double)(min_ticks(loop, LONG_LOOP) - min_ticks(loop, SHORT_LOOP)) /
	       (LONG_LOOP - SHORT_LOOP);
}

static void report_guest(void)
{
	struct record_writer w = { .out = report };
	struct utsname kernel;
	char source[64];

	uname(&kernel);
	sysfs_read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", source,
			sizeof(source));
	writer_begin(&w, "guest");
	writer_string(&w, "kernel", kernel.release);
	writer_open(&w, "clock", '{');
	writer_real(&w, "cycles_per_instruction", ticks_per_instruction(loop_cycles));
	writer_real(&w, "ns_per_instruction", ticks_per_instruction(loop_ns));
	writer_string(&w, "source", source);
	writer_close(&w, '}');
	writer_end(&w);
}

/* Report the kernel's new messages. Return: how many. */
static unsigned long report_log(int log)
{
	struct record_writer w = { .out = report };
	char line[KERNEL_LOG_LINE_MAX];
	unsigned long lines = 0;
	bool lost = false;

	while (kernel_log_next_any(log, line, sizeof(line), &lost)) {
		writer_begin(&w, "log");
		writer_string(&w, "text", line);
		writer_end(&w);
		lines++;
	}
	if (lost) {
		writer_begin(&w, "lost");
		writer_end(&w);
	}
	return lines;
}

static int load_module(const struct bench_module *module)
{
	int fd = open(module->path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 || syscall(SYS_finit_module, fd, module->parameters, 0) ? errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

/* The plugin counts calls of functions between these marks. */
static ARM_CODE void mark_begin(void)
{
	clock_user_mark(KMEMLAB_MARK_ARMED);
}

static ARM_CODE void mark_end(void)
{
	clock_user_mark(KMEMLAB_MARK_DISARMED);
}

/* Return whether the next module is to be loaded. */
static bool load_and_report(struct bench_module *module, int log)
{
	struct record_writer w = { .out = report };
	uint64_t strings = clock_user_strings(counters), ticks;
	uint32_t start[2];
	int err;

	clock_user_begin(start);
	err = load_module(module);
	ticks = clock_user_since(start, clock_user_end());
	strings = clock_user_strings(counters) - strings;
	module->loaded = !err;
	report_log(log);
	writer_begin(&w, "module");
	writer_string(&w, "name", module->name);
	writer_signed(&w, "errno", err);
	writer_unsigned(&w, "clock_ticks", ticks);
	writer_unsigned(&w, "string_repetitions", strings / 2);
	writer_end(&w);
	return bench_job_continues(err);
}

/* Load the modules. Calls are not counted in those that the operand needs. */
static void load_modules(struct bench_module *modules, size_t count, int log)
{
	size_t first = bench_job_first_operand(modules, count), i = 0, size = 0;
	char *text = NULL;

	/* A record that is written to the pipe wakes its reader, which must not run meanwhile. */
	report = open_memstream(&text, &size) ?: stdout;
	while (i < first && load_and_report(&modules[i], log))
		i++;
	mark_begin();
	while (i >= first && i < count && load_and_report(&modules[i], log))
		i++;
	mark_end();
	if (report != stdout) {
		fclose(report);
		fwrite(text, 1, size, stdout);
		report = stdout;
	}
	free(text);
}

/* Return the seconds that this CPU has not been idle. */
static double busy_seconds(void)
{
	unsigned long long user = 0, nice = 0, system = 0, idle, wait, irq = 0, softirq = 0;
	char line[256];

	sysfs_read_line("/proc/stat", line, sizeof(line));
	sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &wait,
	       &irq, &softirq);
	return (double)(user + nice + system + irq + softirq) / sysconf(_SC_CLK_TCK);
}

/*
 * Wait for threads that the module has started: until the guest is idle and prints nothing for a
 * second. The clock of an idle guest jumps, so that this takes no time of the host.
 */
static void wait_until_idle(int log)
{
	unsigned int seconds = 0;
	unsigned long lines;
	double busy;

	do {
		busy = busy_seconds();
		sleep(1);
		lines = report_log(log);
		seconds++;
	} while ((lines || busy_seconds() - busy > IDLE_SHARE) && seconds < IDLE_SECONDS_MAX);
}

int bench_run(const char *job)
{
	FILE *in = fopen(job, "re");
	size_t count = 0;
	struct bench_module *modules = in ? bench_job_read(in, &count) : NULL;
	int log = kernel_log_open();

	if (in)
		fclose(in);
	counters = ivshmem_string_counters() ?: counters;
	report = stdout;
	report_guest();
	load_modules(modules, count, log);
	wait_until_idle(log);
	for (size_t i = count; i-- > 0;) {
		if (modules[i].loaded)
			syscall(SYS_delete_module, modules[i].name, O_NONBLOCK);
		report_log(log);
	}
	bench_job_free(modules, count);
	return ferror(stdout) ? 1 : 0;
}
