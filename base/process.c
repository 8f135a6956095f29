// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "lib/array_size.h"
#include "strbuf.h"

static volatile sig_atomic_t caught;

static void record_signal(int signal)
{
	caught = signal;
}

void interrupt_catch(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = record_signal };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	/* A closed pipe ("| head") is a write error, which callers handle. */
	signal(SIGPIPE, SIG_IGN);
}

bool interrupted(void)
{
	return caught != 0;
}

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

double timeout_scale(void)
{
	const char *text = getenv("KMEMLAB_TIMEOUT_SCALE");
	double factor = text ? strtod(text, NULL) : 1;

	return factor > 0 ? factor : 1;
}

/* Run the program in the child. Uses only async-signal-safe calls; errors go to report. */
static void exec_child(const char *const *argv, const char *directory, const int fds[3], int keep,
		       pid_t parent, int report)
{
	sigset_t none;
	int error;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			goto out;
	if (keep >= 0)
		fcntl(keep, F_SETFD, 0);
	if (directory && chdir(directory))
		goto out;
	execvp(argv[0], (char *const *)argv);
out:
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

pid_t process_start(const char *const *argv, const char *directory, int in, int out, int err,
		    int keep)
{
	const int fds[3] = { in, out, err };
	pid_t parent = getpid(), pid;
	int report[2], error = 0;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	prctl(PR_SET_CHILD_SUBREAPER, 1);	/* process_kill() waits for grandchildren */
	pid = fork();
	if (pid == 0)
		exec_child(argv, directory, fds, keep, parent, report[1]);
	error = pid < 0 ? errno : 0;
	close(report[1]);
	if (pid > 0) {
		setpgid(pid, pid);	/* also here: the child may not have run yet */
		while (read(report[0], &error, sizeof(error)) < 0 && errno == EINTR)
			;
		if (error)
			waitpid(pid, NULL, 0);
	}
	close(report[0]);
	return error ? -error : pid;
}

static int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void process_kill(pid_t pid)
{
	kill(-pid, SIGKILL);
	/* As the subreaper we have inherited its children. */
	while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR)
		;
}

/* When the directory that a program writes to last changed its size */
struct stall_check {
	double checked_s, changed_s;
	unsigned long long bytes;
};

static bool has_stalled(const struct process *process, struct stall_check *check)
{
	double now = seconds_now();
	unsigned long long bytes;

	if (!process->watched || now < check->checked_s + 1)
		return false;
	bytes = directory_bytes(process->watched);
	if (!check->checked_s || bytes != check->bytes)
		check->changed_s = now;
	check->checked_s = now;
	check->bytes = bytes;
	return now > check->changed_s + process->stall_s * timeout_scale();
}

/* Read both pipes until they are closed. Return: 0, -EINTR after Ctrl-C, or -ETIMEDOUT */
static int read_pipes(const struct process *process, struct pollfd polls[2],
		      struct strbuf texts[2])
{
	struct stall_check check = { 0 };
	char data[65536];

	while (polls[0].fd >= 0 || polls[1].fd >= 0) {
		if (interrupted())
			return -EINTR;
		if (has_stalled(process, &check))
			return -ETIMEDOUT;
		/* The timeout covers a signal between the check and poll(). */
		if (poll(polls, 2, 200) <= 0)
			continue;
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (polls[i].fd < 0 || !polls[i].revents)
				continue;
			n = read(polls[i].fd, data, sizeof(data));
			if (n > 0)
				strbuf_add(&texts[i], data, n);
			else if (n == 0 || errno != EINTR)
				polls[i].fd = -1;
		}
	}
	return 0;
}

int process_run(const struct process *process)
{
	const bool joined = process->output && process->output == process->errors;
	const bool has_errors = process->errors && !joined;
	const bool captures = process->output || has_errors;
	/* With nothing to capture, the first pipe only shows when the program has exited. */
	const bool is_used[2] = { process->output || !captures, has_errors };
	struct strbuf texts[2] = { STRBUF_INIT, STRBUF_INIT };
	struct pollfd polls[2] = { { -1, POLLIN, 0 }, { -1, POLLIN, 0 } };
	int pipes[2][2] = { { -1, -1 }, { -1, -1 } };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), status = 0, out;
	pid_t pid;

	for (int i = 0; i < 2 && !status; i++) {
		if (is_used[i] && pipe2(pipes[i], O_CLOEXEC))
			status = -errno;
		polls[i].fd = pipes[i][0];
	}
	if (status)
		goto out;
	out = process->output ? pipes[0][1] : STDERR_FILENO;
	pid = process_start(process->argv, process->directory, null, out,
			    joined ? out : has_errors ? pipes[1][1] : STDERR_FILENO,
			    captures ? -1 : pipes[0][1]);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][1]);
		pipes[i][1] = -1;
	}
	status = pid;
	if (pid > 0) {
		status = read_pipes(process, polls, texts);
		if (status)
			process_kill(pid);
		else
			status = wait_status(pid);
	}
out:
	close(null);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	if (process->output)
		*process->output = strbuf_detach(&texts[0]);
	if (has_errors)
		*process->errors = strbuf_detach(&texts[1]);
	strbuf_release(&texts[0]);
	strbuf_release(&texts[1]);
	return status;
}
