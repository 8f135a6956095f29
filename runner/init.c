// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Init of the guest: runs the job in /job and reports to the host over the second serial
 * port (vm/guest_channel.h describes the protocol).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/random.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/device.h"
#include "lib/hash.h"
#include "runner/bench.h"
#include "runner/check.h"
#include "runner/ivshmem.h"
#include "runner/kernel_log.h"
#include "runner/plan.h"
#include "runner/runner.h"
#include "runner/shell.h"
#include "runner/system.h"

/* Defaults of the serial ports; a board's own names are on the kernel's command line. */
#define CHANNEL_VARIABLE	"KMEMLAB_CHANNEL"
#define CHANNEL_DEVICE		"ttyS1"
#define TERMINAL_VARIABLE	"KMEMLAB_TERMINAL"
#define TERMINAL_DEVICE		"ttyS2"
#define MODULE_PREFIX	KMEMLAB_MODULE "."
#define SHARED_JOB	"/job/shared"
/* Drivers may have written to the port before, so start a new line. */
#define READY		"\nKMEMLAB READY 1\n"
#define HEARTBEAT_MS	1000
#define LOG_LINES_MAX	100
#define LOG_RECORDS_MAX	10000	/* a driver may print faster than init reads */

static struct {
	int fd;
	uint64_t bytes;		/* size of the payload: all lines except heartbeats */
	uint32_t crc;		/* of the payload */
	bool in_line;		/* the last byte written was not a newline */
	bool in_heartbeat;	/* the current line is a heartbeat */
	int line_lock;		/* locked while a line is written, so that heartbeats wait */
} channel = { .fd = -1, .line_lock = -1 };

static int random_error;	/* from seeding the random number generator, a negative errno */

static void channel_write(const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(channel.fd, data, size);

		if (n < 0 && errno != EINTR)
			return;	/* the host notices the missing trailer */
		if (n > 0) {
			data += n;
			size -= n;
		}
	}
}

static void channel_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print a line that is not part of the payload. */
static void channel_print(const char *format, ...)
{
	char line[128];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	channel_write(line, strlen(line));
}

/* Write a part of the payload: records and output, not necessarily entire lines. */
static ssize_t channel_payload(void *unused, const char *data, size_t size)
{
	const char *pos = data, *end = data + size;

	(void)unused;
	if (!channel.in_line)
		lockf(channel.line_lock, F_LOCK, 0);
	while (pos < end) {
		const char *newline = memchr(pos, '\n', end - pos);
		size_t bytes = (newline ? newline + 1 : end) - pos;

		if (!channel.in_line)
			channel.in_heartbeat = *pos == '.';
		channel.in_line = !newline;
		if (!channel.in_heartbeat) {
			channel.bytes += bytes;
			channel.crc = crc32_update(channel.crc, pos, bytes);
		}
		pos += bytes;
	}
	channel_write(data, size);
	if (!channel.in_line)
		lockf(channel.line_lock, F_ULOCK, 0);
	return size;
}

/* Write output of a program as a line of "STREAM BASE64". */
static void channel_output(int stream, const unsigned char *data, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char line[4 * 1024 + 8], *out = line;

	out += sprintf(out, "%d ", stream);
	for (size_t i = 0; i < size; i += 3) {
		uint32_t bits = data[i] << 16 | (i + 1 < size ? data[i + 1] << 8 : 0) |
				(i + 2 < size ? data[i + 2] : 0);

		*out++ = digits[bits >> 18];
		*out++ = digits[bits >> 12 & 63];
		*out++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
		*out++ = i + 2 < size ? digits[bits & 63] : '=';
	}
	*out++ = '\n';
	channel_payload(NULL, line, out - line);
}

/* Open a serial port in raw mode. */
static int open_raw(const char *variable, const char *default_name)
{
	struct termios raw;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", getenv(variable) ?: default_name);
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &raw))
		return fd;
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	raw.c_cflag |= CLOCAL;
	tcsetattr(fd, TCSANOW, &raw);
	return fd;
}

/*
 * Initialize the kernel's random number generator, as it is on a machine that has been up for a
 * while. Before, the kernel (since 5.19, and stable releases since May 2022) extracts each random
 * number from the entropy pool: 7,500 instructions for a new slab, whose free list is shuffled.
 * The seed is constant, since results must repeat. Return: 0 or a negative errno.
 */
static int seed_random(void)
{
	struct {
		struct rand_pool_info info;
		uint32_t words[64];
	} seed = { .info = { .entropy_count = 256, .buf_size = sizeof(seed.words) } };
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC), err;

	for (size_t i = 0; i < sizeof(seed.words) / sizeof(seed.words[0]); i++)
		seed.words[i] = i;
	err = fd < 0 || ioctl(fd, RNDADDENTROPY, &seed) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

static void setup_guest(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	setenv("PATH", "/sbin:/usr/sbin:/bin:/usr/bin", 1);
	setenv("HOME", "/root", 1);
	random_error = seed_random();
	channel.fd = open_raw(CHANNEL_VARIABLE, CHANNEL_DEVICE);
	/* A guest that waits for a job in shared memory is not ready yet. */
	if (access(SHARED_JOB, F_OK))
		channel_print(READY);
}

/*
 * Build the module's parameters: those of the kernel's command line, as modprobe does, and
 * no demo objects, which would use memory during experiments.
 */
static void get_module_parameters(char *parameters, size_t size)
{
	char cmdline[2048], *rest = cmdline, *word;
	size_t length = strlen(MODULE_PREFIX);

	snprintf(parameters, size, "nr_structs=0 throwaway=1");
	sysfs_read_line("/proc/cmdline", cmdline, sizeof(cmdline));
	while ((word = strsep(&rest, " "))) {
		size_t used = strlen(parameters);

		if (!strncmp(word, MODULE_PREFIX, length))
			snprintf(parameters + used, size - used, " %s", word + length);
	}
}

/* Set path to our module, which is renamed if a user's module has its name. */
static void get_module_path(char *path, size_t size)
{
	char name[64];

	sysfs_read_line("/job/module", name, sizeof(name));
	snprintf(path, size, "/%s.ko", *name ? name : KMEMLAB_MODULE);
}

/* Print why the kernel does not load our module, with its own last message if there is one. */
static void report_load_error(const char *path, int err, int log)
{
	char line[KERNEL_LOG_LINE_MAX], last[KERNEL_LOG_LINE_MAX] = "";

	while (kernel_log_next(log, line, sizeof(line)))
		strcpy(last, line);
	fprintf(stderr, "cannot load %s: %s%s%s\n", path, err == -EKEYREJECTED ?
		"the kernel is locked down or requires a signature" : strerror(-err),
		*last ? ": " : "", last);
}

static int load_module(void)
{
	char parameters[1024], path[80];
	int log = kernel_log_open(), fd, err = 0;

	get_module_path(path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	get_module_parameters(parameters, sizeof(parameters));
	if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0))
		err = -errno;
	if (fd >= 0)
		close(fd);
	/* The host recognizes a kernel that loads no such module by this errno. */
	if (err == -EPERM || err == -ENOKEY)
		err = -EKEYREJECTED;
	if (err)
		report_load_error(path, err, log);
	if (log >= 0)
		close(log);
	return err;
}

/* Wait for a job in shared memory, if any, as late as possible: a snapshot precedes it. */
static FILE *open_plan(void)
{
	char *text;

	if (access(SHARED_JOB, F_OK))
		return fopen("/job/plan", "re");
	text = ivshmem_job_wait();
	channel_print(READY);
	return text ? fmemopen(text, strlen(text), "r") : NULL;
}

/*
 * Write heartbeats until the pipe is closed: killing the process could cut a line short. It
 * is a process because a signal would interrupt experiments.
 */
static void write_heartbeats(int pipe, FILE *out)
{
	struct pollfd closed = { .fd = pipe, .events = POLLIN };

	while (poll(&closed, 1, HEARTBEAT_MS) == 0) {
		fputs(". working\n", out);
		fflush(out);
	}
	_exit(0);
}

/* Run the plan while a child writes heartbeats. */
static int run_with_heartbeats(const struct plan *plan, FILE *records)
{
	int ends[2], err;
	pid_t child;

	if (pipe(ends))
		return runner_run(plan, records);
	fflush(records);
	child = fork();
	if (!child) {
		close(ends[1]);
		write_heartbeats(ends[0], records);
	}
	close(ends[0]);
	err = runner_run(plan, records);
	close(ends[1]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return err;
}

static int read_and_run_plan(FILE *records)
{
	int err = random_error ?: load_module();
	FILE *in = open_plan();
	struct plan plan;
	char reason[256];

	if (random_error)
		fprintf(stderr, "cannot seed the random number generator: %s\n",
			strerror(-random_error));
	/* A locked kernel does not map the shared job either: keep the first error. */
	if (!in && !err)
		err = -errno;
	plan_init(&plan);
	if (!err) {
		err = plan_read(&plan, in, reason, sizeof(reason));
		if (err)
			fprintf(stderr, "%s\n", reason);
	}
	if (in)
		fclose(in);
	if (!err)
		err = run_with_heartbeats(&plan, records);
	plan_release(&plan);
	return err;
}

/* Redirect standard error to a file and send it after the records. */
static int run_plan(void)
{
	static const cookie_io_functions_t to_channel = { .write = channel_payload };
	FILE *records = fopencookie(NULL, "w", to_channel);
	int errors = open("/tmp/errors", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	unsigned char data[1024];
	ssize_t n;
	int err;

	channel.line_lock = memfd_create("line", MFD_CLOEXEC);
	dup2(errors, STDERR_FILENO);
	setvbuf(records, NULL, _IOLBF, 65536);
	err = read_and_run_plan(records);
	fclose(records);
	lseek(errors, 0, SEEK_SET);
	while ((n = read(errors, data, sizeof(data))) > 0)
		channel_output(2, data, n);
	return -err;
}

/* Forward data of one pipe. Return: false at its end, or if it is empty and nonblocking. */
static bool forward_data(int fd, int stream)
{
	unsigned char data[2048];
	ssize_t n = read(fd, data, sizeof(data));

	if (n > 0)
		channel_output(stream, data, n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/*
 * Forward both pipes, with heartbeats in between, until the shell exits. Do not wait for
 * its background processes.
 */
static void forward_output(int out, int err, int shell)
{
	struct pollfd polls[] = { { out, POLLIN, 0 }, { err, POLLIN, 0 }, { shell, POLLIN, 0 } };

	while (!polls[2].revents) {
		if (poll(polls, 3, HEARTBEAT_MS) == 0)
			channel_print(".\n");
		for (int i = 0; i < 2; i++)
			if (polls[i].fd >= 0 && polls[i].revents &&
			    !forward_data(polls[i].fd, i + 1))
				polls[i].fd = -1;
	}
	fcntl(out, F_SETFL, O_NONBLOCK);
	fcntl(err, F_SETFL, O_NONBLOCK);
	while (forward_data(out, 1))
		;
	while (forward_data(err, 2))
		;
}

static void write_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Write a line of the script's standard error. */
static void write_error(const char *format, ...)
{
	char line[KERNEL_LOG_LINE_MAX + 64];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	channel_output(2, (unsigned char *)line, length);
}

/* Report what the kernel warned of while the script ran. */
static void report_kernel_log(int log)
{
	char line[KERNEL_LOG_LINE_MAX];
	unsigned int lines = 0;

	while (lines < LOG_RECORDS_MAX && kernel_log_next(log, line, sizeof(line))) {
		if (!lines++)
			write_error("kmemlab: warnings of the guest's kernel:\n");
		if (lines <= LOG_LINES_MAX)
			write_error("  %s\n", line);
	}
	if (lines > LOG_LINES_MAX)
		write_error("  (%u more lines, see dmesg)\n", lines - LOG_LINES_MAX);
}

static void report_taints(unsigned long taints)
{
	char text[512];

	if (kernel_taints_text(taints, text, sizeof(text)))
		write_error("kmemlab: the guest's kernel is tainted: %s\n", text);
}

static void exec_script(void)
{
	shell_exec("/job/script");
}

static void exec_bench(void)
{
	exit(bench_run("/" BENCH_JOB));
}

/*
 * Run a child and forward its output. Report taints, and the new messages of the kernel log unless
 * it is -1. Return: the child's exit status or a negative errno.
 */
static int run_child(void (*child)(void), int kernel_log)
{
	const unsigned long taints = kernel_taints();
	int out[2], err[2], status;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		child();
	}
	close(out[1]);
	close(err[1]);
	forward_output(out[0], err[0], syscall(SYS_pidfd_open, pid, 0));
	status = child_wait(pid);
	if (kernel_log >= 0)
		report_kernel_log(kernel_log);
	report_taints(kernel_taints() & ~taints);
	return status;
}

static int run_script(void)
{
	shell_setup();
	return run_child(exec_script, kernel_log_open());
}

static int run_shell(void)
{
	char path[80];

	shell_setup();
	get_module_path(path, sizeof(path));
	return shell_run(open_raw(TERMINAL_VARIABLE, TERMINAL_DEVICE), path);
}

static int run_job(void)
{
	if (access("/job/plan", F_OK) == 0 || access(SHARED_JOB, F_OK) == 0)
		return run_plan();
	if (access("/job/script", F_OK) == 0)
		return run_script();
	if (access("/" BENCH_JOB, F_OK) == 0)
		return run_child(exec_bench, -1);
	return run_shell();
}

int main(int argc, char **argv)
{
	int status;

	if (getpid() != 1 && argc > 1 && !strcmp(argv[1], SHELL_INSMOD))
		return shell_insmod(argv + 1);
	if (getpid() != 1 && argc > 1 && !strcmp(argv[1], CHECK_APPLET))
		return check_main(argv + 1);
	setup_guest();
	status = run_job();
	channel_print("KMEMLAB END %" PRIu64 " %08" PRIx32 " %d\n", channel.bytes, channel.crc,
		      status);
	tcdrain(channel.fd);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
