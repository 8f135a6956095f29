// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "runner/kernel_log.h"

#define BUSYBOX	"/bin/busybox"
#define REAP_MS	1000
#define LOG_LINES_AT_ONCE	32	/* input must not wait for a flood of warnings */
#define PROFILE	"/etc/profile"

static void exec_busybox(char *const *arguments)
{
	execv(BUSYBOX, arguments);
	_exit(127);
}

int child_wait(pid_t pid)
{
	int status;
	pid_t ended;

	while ((ended = waitpid(-1, &status, 0)) != pid)
		if (ended < 0 && errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void install_applets(void)
{
	pid_t pid = fork();

	if (pid == 0)
		exec_busybox((char *[]){ "busybox", "--install", "-s", NULL });
	waitpid(pid, NULL, 0);
}

/* Busybox finds modules, for modinfo and modprobe, in the kernel's folder only. */
static void write_module_index(void)
{
	struct utsname kernel;
	char path[128];
	glob_t modules;
	FILE *out;

	uname(&kernel);
	mkdir("/lib", 0755);
	mkdir("/lib/modules", 0755);
	snprintf(path, sizeof(path), "/lib/modules/%s", kernel.release);
	mkdir(path, 0755);
	strcat(path, "/modules.dep");
	out = fopen(path, "we");
	if (!out)
		return;
	if (!glob("/*.ko*", 0, NULL, &modules)) {
		for (size_t i = 0; i < modules.gl_pathc; i++)
			fprintf(out, "%s:\n", modules.gl_pathv[i]);
		globfree(&modules);
	}
	fclose(out);
}

/* A shell prefers its own functions to the programs in busybox. */
static void write_profile(void)
{
	FILE *out = fopen(PROFILE, "we");

	if (!out)
		return;
	fputs(SHELL_INSMOD "() { /init " SHELL_INSMOD " \"$@\"; }\n"
	      "modprobe() {\n"
	      "\tif [ -f \"/$1.ko\" ] && [ ! -d \"/sys/module/$(echo \"$1\" | tr - _)\" ]; then\n"
	      "\t\tlocal file=\"/$1.ko\"\n"
	      "\t\tshift\n"
	      "\t\t/init " SHELL_INSMOD " \"$file\" \"$@\"\n"
	      "\telse\n"
	      "\t\tbusybox modprobe \"$@\"\n"
	      "\tfi\n"
	      "}\n", out);
	fclose(out);
}

void shell_setup(void)
{
	install_applets();
	write_module_index();
	write_profile();
}

void shell_exec(const char *script)
{
	char commands[128];

	snprintf(commands, sizeof(commands), ". " PROFILE "; . %s", script);
	exec_busybox((char *[]){ "sh", "-c", commands, (char *)script, NULL });
	_exit(127);
}

int shell_insmod(char **arguments)
{
	char parameters[4096] = "";
	size_t length = 0;
	int fd;

	if (!arguments[1]) {
		fprintf(stderr, "usage: insmod FILE [PARAMETER=VALUE]...\n");
		return 2;
	}
	for (char **parameter = arguments + 2; *parameter; parameter++) {
		length += strlen(*parameter) + 1;
		if (length >= sizeof(parameters)) {
			fprintf(stderr, "insmod: the parameters must be shorter than %zu bytes\n",
				sizeof(parameters));
			return 2;
		}
		strcat(strcat(parameters, *parameter), " ");
	}
	fd = open(arguments[1], O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !syscall(SYS_finit_module, fd, parameters, 0))
		return 0;
	/* Busybox knows how to unpack a compressed module. */
	if (fd >= 0 && errno == ENOEXEC)
		exec_busybox(arguments);
	fprintf(stderr, "insmod: cannot load '%s': %s\n", arguments[1],
		fd >= 0 && errno == ENOENT ? "unknown symbol (see dmesg)" : strerror(errno));
	return 1;
}

/* Input of the shell that its terminal has not accepted yet, and the state of the relay */
struct relay {
	int port;
	int terminal;		/* the pseudo terminal's controlling side */
	int log;
	char input[4096];
	size_t input_bytes;
	char resize[32];	/* message of the host, from SHELL_RESIZE on */
	size_t resize_bytes;	/* 0: none has begun */
	bool in_line;		/* the last byte for the screen was not a newline */
};

static void port_write(struct relay *relay, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(relay->port, data, size);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			relay->in_line = data[n - 1] != '\n';
			data += n;
			size -= n;
		}
	}
}

static void resize_terminal(int terminal, const char *text)
{
	struct winsize size = { 0 };

	if (sscanf(text, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(terminal, TIOCSWINSZ, &size);
}

/* Take one byte from the host: a part of a resize message, or input. */
static void take_byte(struct relay *relay, char byte)
{
	if (byte != SHELL_RESIZE && !relay->resize_bytes) {
		relay->input[relay->input_bytes++] = byte;
		return;
	}
	if (relay->resize_bytes < sizeof(relay->resize) - 1)
		relay->resize[relay->resize_bytes++] = byte;
	if (byte != '\n')
		return;
	relay->resize[relay->resize_bytes] = '\0';
	resize_terminal(relay->terminal, relay->resize + 1);
	relay->resize_bytes = 0;
}

static void read_port(struct relay *relay)
{
	char data[sizeof(relay->input)];
	ssize_t n = read(relay->port, data, sizeof(data) - relay->input_bytes);

	for (ssize_t i = 0; i < n; i++)
		take_byte(relay, data[i]);
}

static void write_terminal(struct relay *relay)
{
	ssize_t n = write(relay->terminal, relay->input, relay->input_bytes);

	if (n <= 0)
		return;
	relay->input_bytes -= n;
	memmove(relay->input, relay->input + n, relay->input_bytes);
}

/* Copy output to the screen. Return: false at its end, or if there is none now. */
static bool read_terminal(struct relay *relay)
{
	char data[2048];
	ssize_t n = read(relay->terminal, data, sizeof(data));

	if (n > 0)
		port_write(relay, data, n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Reap the processes that have lost their parent, but not the shell. */
static void reap_orphans(pid_t shell)
{
	siginfo_t info = { 0 };

	while (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid &&
	       info.si_pid != shell)
		waitpid(info.si_pid, NULL, 0);
}

/* Show some new kernel warnings, each on a line of its own. */
static void show_kernel_log(struct relay *relay)
{
	char line[KERNEL_LOG_LINE_MAX];

	for (int i = 0; i < LOG_LINES_AT_ONCE; i++) {
		if (!kernel_log_next(relay->log, line, sizeof(line)))
			return;
		if (relay->in_line)
			port_write(relay, "\r\n", 2);
		port_write(relay, line, strlen(line));
		port_write(relay, "\r\n", 2);
	}
}

/* Relay until the shell exits. Do not wait for its background processes. */
static void relay_run(struct relay *relay, int shell, pid_t pid)
{
	bool ended = false;

	while (!ended) {
		const size_t waiting = relay->input_bytes;
		struct pollfd polls[] = {
			{ waiting ? -1 : relay->port, POLLIN, 0 },
			{ relay->terminal, POLLIN | (waiting ? POLLOUT : 0), 0 },
			{ relay->log, POLLIN, 0 },
			{ shell, POLLIN, 0 },
		};

		poll(polls, 4, REAP_MS);
		ended = polls[3].revents;
		reap_orphans(pid);
		if (polls[0].revents)
			read_port(relay);
		if (polls[1].revents & POLLOUT || relay->input_bytes > waiting)
			write_terminal(relay);
		if (polls[1].revents & POLLIN)
			read_terminal(relay);
		if (polls[2].revents)
			show_kernel_log(relay);
	}
	/* As much as a terminal holds: background processes may write forever. */
	for (int i = 0; i < 32 && read_terminal(relay); i++)
		;
	show_kernel_log(relay);
	tcdrain(relay->port);
}

static void exec_on_terminal(const char *name, const char *module_path)
{
	int fd;

	setsid();
	fd = open(name, O_RDWR);	/* becomes the controlling terminal */
	if (fd < 0)
		_exit(127);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	printf("The module is not loaded: try \"insmod %s nr_structs=2000\" and \"dmesg\".\n"
	       "\"kmemlab shell --add FILE\" copies a file of yours, such as a module, to /.\n"
	       "Leave with \"exit\" (or power off the machine with Ctrl-]).\n", module_path);
	fflush(stdout);
	setenv("ENV", PROFILE, 1);
	exec_busybox((char *[]){ "sh", NULL });
}

/* Open a pseudo terminal of the size in /job/shell, whose type becomes $TERM. */
static int open_terminal(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char type[33] = "vt100";
	FILE *in = fopen("/job/shell", "re");
	int terminal;

	if (in && fscanf(in, "%hu %hu %32s", &size.ws_row, &size.ws_col, type) == 3)
		setenv("TERM", type, 1);
	if (in)
		fclose(in);
	mkdir("/dev/pts", 0755);
	mount("pts", "/dev/pts", "devpts", 0, "ptmxmode=0666");
	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
		return -1;
	ioctl(terminal, TIOCSWINSZ, &size);
	return terminal;
}

int shell_run(int port, const char *module_path)
{
	struct relay relay = { .port = port, .terminal = open_terminal() };
	const char *name = relay.terminal < 0 ? NULL : ptsname(relay.terminal);
	int keep, shell;
	pid_t pid;

	if (port < 0 || !name) {
		if (port >= 0)
			dprintf(port, "kmemlab: the kernel has no pseudo terminals\r\n");
		return -ENOTTY;
	}
	relay.log = kernel_log_open();
	/* Without an open terminal, reading fails until the shell has opened it. */
	keep = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	pid = fork();
	if (pid == 0)
		exec_on_terminal(name, module_path);
	if (pid < 0)
		return -errno;
	shell = syscall(SYS_pidfd_open, pid, 0);
	relay_run(&relay, shell, pid);
	close(shell);
	close(keep);
	return child_wait(pid);
}
