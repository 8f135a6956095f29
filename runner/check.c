// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array_size.h"
#include "runner/check_output.h"
#include "runner/check_pages.h"
#include "runner/check_pairs.h"
#include "runner/check_sections.h"
#include "runner/check_state.h"
#include "runner/check_trace.h"
#include "runner/kernel_log.h"
#include "runner/system.h"

#define LIVE		"live:"
#define POLL_S		1	/* between looks at a task that does not return */
#define HANG_S		30
#define HANG_CPU_NS	UINT64_C(4000000000)	/* a task that runs that long is in a loop */
#define UNTRACED_US	10000	/* between looks at a task without a trace that tells its end */
#define SETTLE_US	200000
#define IDLE_US		300000
#define REMOVED_US	500000
#define REMOVED_STEPS	24	/* RCU and kfree_rcu() free as late as after ten seconds */

struct check {
	struct trace_reader reader;
	struct pairs pairs;
	struct check_output output;
	struct check_log log;
	const char *file, *exercise;
	bool marked;		/* the loading or unloading task has returned */
	int status;		/* its negative errno */
	struct sections sections;
};

/* Report where the module lies, before its init runs. */
static void report_module(struct check *check)
{
	output_begin(&check->output, "module");
	writer_hex(&check->output.w, "text", check->sections.text);
	writer_hex(&check->output.w, "text_end", check->pairs.module.core_end);
	writer_hex(&check->output.w, "init", check->pairs.module.init);
	writer_hex(&check->output.w, "init_end", check->pairs.module.init_end);
	output_end(&check->output);
}

static void handle_event(void *context, const struct kernel_event *event)
{
	struct check *check = context;
	const char *name = check->sections.name;

	if (event->kind == TRACE_LOADED && !strncmp(event->mark, name, strlen(name))) {
		sections_read(&check->sections, &check->pairs.module);
		report_module(check);
	}
	if (event->kind == TRACE_MARK && sscanf(event->mark, "kmemlab %d", &check->status) == 1)
		check->marked = true;
	pairs_event(&check->pairs, event);
}

static void drain(struct check *check)
{
	while (trace_read(&check->reader))
		output_alive(&check->output);
	trace_flush(&check->reader);
}

/* Sleep while the trace is read, so that it does not overflow. */
static void wait_us(struct check *check, unsigned int us)
{
	for (unsigned int i = 0; i < 10; i++) {
		usleep(us / 10);
		drain(check);
		output_alive(&check->output);
	}
}

/* Set the preference of the OOM killer: it never chooses -1000, and 1000 comes first. */
static void set_oom_score(const char *score)
{
	int err = system_write("/proc/self/oom_score_adj", score);

	if (err)
		fprintf(stderr, "oom_score_adj: %s\n", strerror(-err));
}

/* The system call in the child: its argument is the module's parameters, or NULL to unload. */
static void child_call(const struct check *check, const char *parameters)
{
	struct sched_param normal = { 0 };
	char mark[32];
	int fd, err;
	long status;

	sched_setscheduler(0, SCHED_OTHER, &normal);
	set_oom_score("1000");
	if (parameters) {
		fd = open(check->file, O_RDONLY | O_CLOEXEC);
		status = syscall(SYS_finit_module, fd, parameters, 0);
	} else {
		status = syscall(SYS_delete_module, check->sections.name, O_NONBLOCK);
	}
	err = status ? errno : 0;
	snprintf(mark, sizeof(mark), "kmemlab %d", -err);
	trace_mark(mark);
	_exit(err);
}

/* Write the kernel stack of a task, which must not be running. */
static void write_stack(struct check *check, pid_t pid)
{
	char path[64], line[160];
	FILE *stack;

	writer_open(&check->output.w, "stack", '[');
	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	stack = fopen(path, "re");
	while (stack && fgets(line, sizeof(line), stack)) {
		char *text = strchr(line, ' ');

		line[strcspn(line, "\n")] = '\0';
		writer_string(&check->output.w, NULL, text ? text + 1 : line);
	}
	if (stack)
		fclose(stack);
	writer_close(&check->output.w, ']');
}

/* Report that the loading or unloading task does not return. */
static void report_hang(struct check *check, const char *phase, pid_t child, uint64_t cpu_ns)
{
	output_begin(&check->output, "hang");
	writer_string(&check->output.w, "phase", phase);
	writer_unsigned(&check->output.w, "cpu_ns", cpu_ns);
	write_stack(check, child);
	output_end(&check->output);
}

static void ignore_signal(int number)
{
	(void)number;
}

/* Report that the task was killed. The module may still have been loaded or unloaded. */
static void report_killed(struct check *check, const char *phase, int signal)
{
	bool load = !strcmp(phase, "load");
	char path[128];

	output_begin(&check->output, "killed");
	writer_string(&check->output.w, "phase", phase);
	writer_signed(&check->output.w, "signal", signal);
	output_end(&check->output);
	snprintf(path, sizeof(path), "/sys/module/%s", check->sections.name);
	check->status = !access(path, F_OK) == load ? 0 : -EINTR;
}

/* Return whether the child has ended. Without a trace, or if it was killed, there is no mark. */
static bool has_ended(struct check *check, const char *phase, pid_t child)
{
	int status;

	if (waitpid(child, &status, WNOHANG) != child)
		return false;
	trace_set_blocking(&check->reader, false);
	drain(check);
	if (!check->marked && WIFSIGNALED(status))
		report_killed(check, phase, WTERMSIG(status));
	else if (!check->marked)
		check->status = -WEXITSTATUS(status);
	return true;
}

/* Start the child. Return: its PID, or -1 with the reason reported. */
static pid_t start_child(struct check *check, const char *parameters)
{
	pid_t child = fork();

	if (!child)
		child_call(check, parameters);
	if (child < 0) {
		output_begin(&check->output, "failed");
		writer_string(&check->output.w, "text", "cannot start a task");
		writer_string(&check->output.w, "error", strerror(errno));
		output_end(&check->output);
	}
	return child;
}

/*
 * Load or unload in a child while the trace is read. This task has a higher priority, so that it runs
 * between the end of loading and the start of the module's init. Return: false if the child hangs, or
 * cannot be started.
 */
static bool call(struct check *check, const char *phase, const char *parameters)
{
	struct itimerval timer = { { POLL_S, 0 }, { POLL_S, 0 } }, off = { { 0, 0 }, { 0, 0 } };
	double start = now_s();
	bool hangs = false;
	pid_t child;

	check->marked = false;
	check->status = -ECHILD;
	output_begin(&check->output, "begin");
	writer_string(&check->output.w, "phase", phase);
	output_end(&check->output);
	child = start_child(check, parameters);
	if (child < 0)
		return false;
	trace_set_blocking(&check->reader, true);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (!hangs && !check->marked && !has_ended(check, phase, child)) {
		uint64_t cpu_ns = task_cpu_ns(child);

		output_alive(&check->output);
		hangs = now_s() >= start + HANG_S || cpu_ns >= HANG_CPU_NS;
		if (hangs) {
			check_log_report(&check->log, &check->output, phase);
			report_hang(check, phase, child, cpu_ns);
		} else if (check->reader.fd >= 0) {
			trace_read(&check->reader);
		} else {
			usleep(UNTRACED_US);
		}
	}
	setitimer(ITIMER_REAL, &off, NULL);
	trace_set_blocking(&check->reader, false);
	if (!hangs)
		waitpid(child, NULL, 0);
	return !hangs;
}

static const char *fault_name(enum pairs_fault fault)
{
	static const char *const names[] = { "leak", "order", "twice", "atomic" };

	return names[fault];
}

static const char *memory_name(enum trace_kind kind)
{
	return kind == TRACE_PAGE_ALLOC ? "pages" :
	       kind == TRACE_PERCPU_ALLOC ? "percpu" : "object";
}

/* Report that not all is known of the module's memory, or of the names that it leaves. */
static void report_lost(struct check *check, const char *what, bool no_memory)
{
	output_begin(&check->output, "lost");
	writer_string(&check->output.w, "what", what);
	writer_bool(&check->output.w, "no_memory", no_memory);
	output_end(&check->output);
}

static void report_pairs(struct check *check)
{
	for (size_t i = 0; i < check->pairs.finding_count; i++) {
		const struct pairs_finding *finding = &check->pairs.findings[i];

		output_begin(&check->output, "memory");
		writer_string(&check->output.w, "fault", fault_name(finding->fault));
		writer_string(&check->output.w, "kind", memory_name(finding->kind));
		writer_bool(&check->output.w, "own", finding->own);
		writer_string(&check->output.w, "api", finding->api);
		sections_write(&check->sections, &check->output.w, "site", finding->site);
		sections_write(&check->sections, &check->output.w, "free_site", finding->free_site);
		writer_unsigned(&check->output.w, "size", finding->size);
		writer_unsigned(&check->output.w, "free_order", finding->free_order);
		writer_unsigned(&check->output.w, "count", finding->count);
		writer_unsigned(&check->output.w, "lost_pages", finding->lost_pages);
		output_end(&check->output);
	}
	if (check->pairs.lost || check->pairs.objects_lost)
		report_lost(check, check->pairs.lost ? "all" : "objects", check->pairs.no_memory);
	pairs_release(&check->pairs);
}

/* Report the threads that started, and the CPU time that they use while nothing happens. */
static void report_idle(struct check *check, const struct state *before)
{
	struct state threads = { 0 };

	state_read_threads(&threads);
	wait_us(check, IDLE_US);
	for (size_t i = 0; i < threads.count; i++) {
		const struct state_entry *entry = &threads.entries[i];
		uint64_t used = task_cpu_ns(entry->pid);

		if (before->incomplete || state_has(before, entry))
			continue;
		output_begin(&check->output, "thread");
		writer_string(&check->output.w, "name", entry->name);
		writer_unsigned(&check->output.w, "cpu_ns", used > entry->cpu_ns ? used - entry->cpu_ns : 0);
		writer_unsigned(&check->output.w, "window_ns", IDLE_US * UINT64_C(1000));
		write_stack(check, entry->pid);
		output_end(&check->output);
	}
	state_release(&threads);
}

/*
 * Wait until the module's memory is freed and the names that it has left are gone: RCU delays that, and
 * a stopped thread may not have ended. Report the names that stay.
 */
static void report_left(struct check *check, const struct state *before)
{
	struct state left = { 0 };

	state_read(&left);
	state_filter(&left, before, false);
	for (int i = 0; i < REMOVED_STEPS && (!i || left.count || pairs_live(&check->pairs)); i++) {
		struct state now = { 0 };

		wait_us(check, REMOVED_US);
		state_read(&now);
		state_filter(&left, &now, true);
		state_release(&now);
	}
	if (before->incomplete || left.incomplete)
		report_lost(check, "names", true);
	for (size_t i = 0; i < left.count && !before->incomplete; i++) {
		output_begin(&check->output, "left");
		writer_string(&check->output.w, "kind", state_kind_name(left.entries[i].kind));
		writer_string(&check->output.w, "name", left.entries[i].name);
		output_end(&check->output);
	}
	state_release(&left);
}

static void report_status(struct check *check, const char *phase)
{
	output_begin(&check->output, "end");
	writer_string(&check->output.w, "phase", phase);
	writer_signed(&check->output.w, "status", check->status);
	writer_string(&check->output.w, "error", check->status ? strerror(-check->status) : NULL);
	output_end(&check->output);
}

/* Write a parameter of the loaded module, "NAME=VALUE". */
static void write_live(struct check *check, const char *value)
{
	const char *equals = strchr(value, '=');
	char path[256];
	int fd;

	if (!equals)
		return;
	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%.*s", check->sections.name,
		 (int)(equals - value), value);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	check->status = fd < 0 || write(fd, equals + 1, strlen(equals + 1)) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	wait_us(check, SETTLE_US);
	output_begin(&check->output, "live");
	writer_string(&check->output.w, "value", value);
	writer_bool(&check->output.w, "writable", fd >= 0);
	writer_signed(&check->output.w, "status", check->status);
	output_end(&check->output);
	check_log_report(&check->log, &check->output, "live");
}

/* Examine the module while it is loaded, then unload it. Return: false if that hangs. */
static bool use_and_unload(struct check *check, const char *parameters, char *const *lives,
			   const struct state *before)
{
	bool studio = !strcmp(check->exercise, "studio");

	/* Without the address of the module, its memory was not followed. */
	if (!check->sections.known) {
		sections_read(&check->sections, &check->pairs.module);
		report_module(check);
		check->pairs.lost = true;
	}
	if (studio && !check->pairs.lost)
		studio_report_pages(&check->output, &check->sections, &check->pairs, parameters);
	wait_us(check, SETTLE_US);
	check_log_report(&check->log, &check->output, "load");
	report_idle(check, before);
	if (studio && !check->pairs.lost)
		studio_report(&check->output, &check->sections, &check->pairs, parameters);
	for (; *lives && !strncmp(*lives, LIVE, strlen(LIVE)); lives++)
		write_live(check, *lives + strlen(LIVE));
	if (!call(check, "unload", NULL))
		return false;
	report_status(check, "unload");
	return true;
}

/* Load and unload once. Return: false if the kernel is of no further use. */
static bool run_cycle(struct check *check, const char *parameters, char *const *lives)
{
	unsigned long taints = kernel_taints();
	struct state before = { 0 };
	bool usable;

	check->sections.known = false;
	check->pairs.objects_lost = check->reader.no_bulk;
	check_log_restart(&check->log);
	output_begin(&check->output, "cycle");
	writer_string(&check->output.w, "values", parameters);
	output_end(&check->output);
	state_read(&before);
	usable = call(check, "load", parameters);
	if (usable) {
		report_status(check, "load");
		check_log_report(&check->log, &check->output, "load");
		if (!check->status)
			usable = use_and_unload(check, parameters, lives, &before) &&
				 !check->status;
	}
	if (usable) {
		report_left(check, &before);
		pairs_end(&check->pairs);
	}
	check_log_report(&check->log, &check->output, "unload");
	report_pairs(check);
	taints = kernel_taints() & ~taints;
	if (taints) {
		char text[256];

		if (kernel_taints_text(taints, text, sizeof(text))) {
			output_begin(&check->output, "taint");
			writer_string(&check->output.w, "text", text);
			output_end(&check->output);
		}
	}
	state_release(&before);
	return usable;
}

int check_main(char **arguments)
{
	static struct check check;
	struct sched_param first = { .sched_priority = 50 };
	struct sigaction on_alarm = { .sa_handler = ignore_signal };
	struct utsname kernel;
	unsigned int cycles;
	int err;

	check.file = arguments[1];
	check.sections.name = arguments[2];
	cycles = atoi(arguments[3]);
	check.exercise = arguments[4];
	check.output.w.out = stdout;
	check.reader.handle = handle_event;
	check.reader.context = &check;
	sigaction(SIGALRM, &on_alarm, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	check.log.fd = kernel_log_open();
	err = trace_start(&check.reader);
	output_begin(&check.output, "trace");
	writer_signed(&check.output.w, "status", err);
	writer_open(&check.output.w, "missing", '[');
	for (size_t i = 0; i < check.reader.missing_count; i++)
		writer_string(&check.output.w, NULL, check.reader.missing[i]);
	writer_close(&check.output.w, ']');
	/* Others do not count how often preemption is disabled. */
	uname(&kernel);
	writer_bool(&check.output.w, "preempt_count", strstr(kernel.version, "PREEMPT") &&
		    !strstr(kernel.version, "PREEMPT_RT"));
	output_end(&check.output);
	set_oom_score("-1000");
	/* Throttled, this task would miss the moment before the module's init. */
	system_write("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	sched_setscheduler(0, SCHED_FIFO, &first);
	for (char **value = arguments + 5; *value; value++) {
		if (!strncmp(*value, LIVE, strlen(LIVE)))
			continue;
		for (unsigned int i = 0; i < cycles; i++) {
			check.output.cycle++;
			if (!run_cycle(&check, *value, value + 1))
				return 0;
		}
	}
	output_begin(&check.output, "done");
	output_end(&check.output);
	return 0;
}
