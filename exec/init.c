// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's init: does the one job that lies in /job and tells the host over
 * the second serial port (vm/channel.h has the protocol).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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

#include "base/crc32.h"
#include "exec.h"
#include "heartbeat.h"
#include "plan.h"
#include "shared_job.h"

/* The kernel's command line names others, where the board has others. */
#define CHANNEL_VARIABLE	"KMEMLAB_CHANNEL"
#define CHANNEL_DEVICE		"ttyS1"
#define TERMINAL_VARIABLE	"KMEMLAB_TERMINAL"
#define TERMINAL_DEVICE		"ttyS2"
#define MODULE_NAME	"kernel_memory"
#define MODULE_FILE	"/" MODULE_NAME ".ko"
#define SHARED_JOB	"/job/shared"
/* On a line of its own, after what drivers may have written there. */
#define READY		"\nKMEMLAB READY 1\n"
#define HEARTBEAT_MS	1000

static struct {
	int fd;
	uint64_t bytes;		/* of the payload, which is all lines but heartbeats */
	uint32_t crc;
	bool in_line;		/* the last byte written was no newline */
	bool in_heartbeat;
	int line_lock;		/* held from a line's first byte to its last: heartbeats wait */
} channel = { .fd = -1, .line_lock = -1 };

static void channel_write(const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(channel.fd, data, size);

		if (n < 0 && errno != EINTR)
			return;	/* the host sees that the trailer is missing */
		if (n > 0) {
			data += n;
			size -= n;
		}
	}
}

static void channel_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line that is no payload. */
static void channel_print(const char *format, ...)
{
	char line[128];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	channel_write(line, strlen(line));
}

/* Records and output, in any portions. */
static ssize_t channel_payload(void *unused, const char *data, size_t size)
{
	const char *rest = data, *end = data + size;

	(void)unused;
	if (!channel.in_line)
		lockf(channel.line_lock, F_LOCK, 0);
	while (rest < end) {
		const char *newline = memchr(rest, '\n', end - rest);
		size_t bytes = (newline ? newline + 1 : end) - rest;

		if (!channel.in_line)
			channel.in_heartbeat = *rest == '.';
		channel.in_line = !newline;
		if (!channel.in_heartbeat) {
			channel.bytes += bytes;
			channel.crc = crc32_update(channel.crc, rest, bytes);
		}
		rest += bytes;
	}
	channel_write(data, size);
	if (!channel.in_line)
		lockf(channel.line_lock, F_ULOCK, 0);
	return size;
}

/* "STREAM BASE64\n" */
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

static int open_port(const char *variable, const char *usual, int flags)
{
	const char *name = getenv(variable) ?: usual;
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", name);
	return open(path, O_RDWR | flags);
}

/* A serial port as a plain stream of bytes. */
static int open_raw(const char *variable, const char *usual)
{
	int fd = open_port(variable, usual, O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (fd < 0 || tcgetattr(fd, &raw))
		return fd;
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	raw.c_cflag |= CLOCAL;
	tcsetattr(fd, TCSANOW, &raw);
	return fd;
}

static void set_up(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	setenv("PATH", "/sbin:/usr/sbin:/bin:/usr/bin", 1);
	setenv("HOME", "/root", 1);
	channel.fd = open_raw(CHANNEL_VARIABLE, CHANNEL_DEVICE);
	/* One whose job is still to come is not ready. */
	if (access(SHARED_JOB, F_OK))
		channel_print(READY);
}

/*
 * Without objects of its own, which would be in everyone's figures; and what
 * the kernel's command line says of it, as modprobe would have it.
 */
static void module_parameters(char *parameters, size_t size)
{
	char cmdline[2048] = "", *rest = cmdline, *word;
	size_t length = strlen(MODULE_NAME ".");
	FILE *in = fopen("/proc/cmdline", "re");

	snprintf(parameters, size, "nr_structs=0 throwaway=1");
	if (!in)
		return;
	if (!fgets(cmdline, sizeof(cmdline), in))
		cmdline[0] = '\0';
	fclose(in);
	while ((word = strsep(&rest, " \n"))) {
		size_t used = strlen(parameters);

		if (!strncmp(word, MODULE_NAME ".", length))
			snprintf(parameters + used, size - used, " %s", word + length);
	}
}

static int load_module(void)
{
	int fd = open(MODULE_FILE, O_RDONLY | O_CLOEXEC);
	char parameters[1024];
	int error = 0;

	module_parameters(parameters, sizeof(parameters));
	if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0))
		error = -errno;
	if (fd >= 0)
		close(fd);
	if (error)
		fprintf(stderr, MODULE_FILE " cannot be loaded: %s\n", error == -EPERM ?
			"the kernel is locked down, or wants a signature" : strerror(-error));
	return error;
}

/* Where a shared job comes late: all that does not depend on it is done before. */
static FILE *open_plan(void)
{
	char *text;

	if (access(SHARED_JOB, F_OK))
		return fopen("/job/plan", "re");
	text = shared_job_take();
	channel_print(READY);
	return text ? fmemopen(text, strlen(text), "r") : NULL;
}

static int carry_out_plan(FILE *records)
{
	int error = load_module();
	FILE *in = open_plan();
	struct heartbeat heartbeat;
	struct plan plan;
	char reason[256];

	if (!in)
		error = -errno;
	plan_init(&plan);
	if (!error) {
		error = plan_read(&plan, in, reason, sizeof(reason));
		if (error)
			fprintf(stderr, "%s\n", reason);
	}
	if (in)
		fclose(in);
	if (!error) {
		heartbeat_start(&heartbeat, records);
		error = exec_plan(&plan, records);
		heartbeat_stop(&heartbeat);
	}
	plan_release(&plan);
	return error;
}

/* Standard error goes to a file meanwhile and is sent after the records. */
static int run_plan(void)
{
	static const cookie_io_functions_t to_channel = { .write = channel_payload };
	FILE *records = fopencookie(NULL, "w", to_channel);
	int errors = open("/tmp/errors", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	unsigned char data[1024];
	ssize_t n;
	int error;

	channel.line_lock = memfd_create("line", MFD_CLOEXEC);
	dup2(errors, STDERR_FILENO);
	setvbuf(records, NULL, _IOLBF, 65536);
	error = carry_out_plan(records);
	fclose(records);
	lseek(errors, 0, SEEK_SET);
	while ((n = read(errors, data, sizeof(data))) > 0)
		channel_output(2, data, n);
	return -error;
}

static void exec_busybox(const char *name, const char *argument)
{
	execl("/bin/busybox", name, argument, (char *)NULL);
	_exit(127);
}

static void install_applets(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/busybox", "busybox", "--install", "-s", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/* The status of one child; orphans, which fall to init, are put away meanwhile. */
static int wait_for(pid_t pid)
{
	int status;
	pid_t ended;

	while ((ended = waitpid(-1, &status, 0)) != pid)
		if (ended < 0 && errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Sends what one pipe has; false at its end, or when it has nothing (and doesn't block). */
static bool pass_one(int fd, int stream)
{
	unsigned char data[2048];
	ssize_t n = read(fd, data, sizeof(data));

	if (n > 0)
		channel_output(stream, data, n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/*
 * Passes both pipes on, and heartbeats in between, until the shell has ended;
 * what it left running in the background doesn't count.
 */
static void pass_output(int out, int err, int shell)
{
	struct pollfd polls[] = { { out, POLLIN, 0 }, { err, POLLIN, 0 }, { shell, POLLIN, 0 } };

	while (!polls[2].revents) {
		if (poll(polls, 3, HEARTBEAT_MS) == 0)
			channel_print(".\n");
		for (int i = 0; i < 2; i++)
			if (polls[i].fd >= 0 && polls[i].revents && !pass_one(polls[i].fd, i + 1))
				polls[i].fd = -1;
	}
	fcntl(out, F_SETFL, O_NONBLOCK);
	fcntl(err, F_SETFL, O_NONBLOCK);
	while (pass_one(out, 1))
		;
	while (pass_one(err, 2))
		;
}

static int run_script(void)
{
	int out[2], err[2];
	pid_t pid;

	install_applets();
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return 127;
	pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		exec_busybox("sh", "/job/script");
	}
	close(out[1]);
	close(err[1]);
	pass_output(out[0], err[0], syscall(SYS_pidfd_open, pid, 0));
	return wait_for(pid);
}

static void become_terminal_shell(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char type[33] = "vt100";
	FILE *in = fopen("/job/shell", "re");
	int fd;

	if (in && fscanf(in, "%hu %hu %32s", &size.ws_row, &size.ws_col, type) == 3)
		setenv("TERM", type, 1);
	setsid();
	fd = open_port(TERMINAL_VARIABLE, TERMINAL_DEVICE, 0);
	if (fd < 0)
		_exit(127);
	ioctl(fd, TIOCSCTTY, 0);
	ioctl(fd, TIOCSWINSZ, &size);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	dprintf(1,
		"The module is /kernel_memory.ko, not loaded yet: try \"insmod /kernel_memory.ko\" "
		"and \"dmesg\".\nLeave with \"exit\" (or switch the machine off with Ctrl-]).\n");
	exec_busybox("sh", NULL);
}

static int run_shell(void)
{
	pid_t pid;

	install_applets();
	pid = fork();
	if (pid == 0)
		become_terminal_shell();
	return wait_for(pid);
}

static int run_job(void)
{
	if (access("/job/plan", F_OK) == 0 || access(SHARED_JOB, F_OK) == 0)
		return run_plan();
	if (access("/job/script", F_OK) == 0)
		return run_script();
	return run_shell();
}

int main(void)
{
	int status;

	set_up();
	status = run_job();
	channel_print("KMEMLAB END %" PRIu64 " %08" PRIx32 " %d\n", channel.bytes, channel.crc,
		      status);
	tcdrain(channel.fd);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
