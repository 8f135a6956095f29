// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interrupt.h"
#include "memory.h"

/* In the child: only async-signal-safe calls; an errno through report when it can't start. */
static void become(const char *const *argv, const char *directory, const int fds[3], int keep,
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
	prctl(PR_SET_CHILD_SUBREAPER, 1);	/* for process_kill() */
	pid = fork();
	if (pid == 0)
		become(argv, directory, fds, keep, parent, report[1]);
	error = pid < 0 ? errno : 0;
	close(report[1]);
	if (pid > 0) {
		setpgid(pid, pid);	/* here too, so that process_kill() never comes too early */
		while (read(report[0], &error, sizeof(error)) < 0 && errno == EINTR)
			;
		if (error)
			waitpid(pid, NULL, 0);
	}
	close(report[0]);
	return error ? -error : pid;
}

static int wait_for(pid_t pid)
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
	/* Its own children, if any, are ours by now. */
	while (waitpid(-pid, NULL, 0) > 0 || errno == EINTR)
		;
}

struct stream {
	char **text;
	size_t used;
};

static void stream_append(struct stream *stream, const char *data, size_t size)
{
	*stream->text = xrealloc(*stream->text, stream->used + size + 1);
	memcpy(*stream->text + stream->used, data, size);
	stream->used += size;
	(*stream->text)[stream->used] = '\0';
}

/* Reads both pipes to their ends; -EINTR after Ctrl-C. */
static int collect(struct pollfd polls[2], struct stream streams[2])
{
	char data[65536];

	while (polls[0].fd >= 0 || polls[1].fd >= 0) {
		if (interrupted())
			return -EINTR;
		/* The time limit only covers a signal that comes between the check and poll(). */
		if (poll(polls, 2, 200) <= 0)
			continue;
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (polls[i].fd < 0 || !polls[i].revents)
				continue;
			n = read(polls[i].fd, data, sizeof(data));
			if (n > 0)
				stream_append(&streams[i], data, n);
			else if (n == 0 || errno != EINTR)
				polls[i].fd = -1;
		}
	}
	return 0;
}

int process_run(const struct process *process)
{
	bool joined = process->output && process->output == process->errors;
	struct stream streams[2] = { { process->output, 0 }, { process->errors, 0 } };
	struct pollfd polls[2] = { { -1, POLLIN, 0 }, { -1, POLLIN, 0 } };
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, alive[2] = { -1, -1 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char *ignored = NULL;
	pid_t pid;
	int status;

	for (int i = 0; i < 2; i++)
		if (streams[i].text)
			*streams[i].text = xstrdup("");
	/* With nothing to capture, this pipe's end still tells when the program has ended. */
	if (!process->output && !process->errors)
		streams[0].text = &ignored;
	if (process->output && pipe2(out, O_CLOEXEC))
		return -errno;
	if (process->errors && !joined && pipe2(err, O_CLOEXEC))
		return -errno;
	if (streams[0].text == &ignored && pipe2(alive, O_CLOEXEC))
		return -errno;
	polls[0].fd = out[0] >= 0 ? out[0] : alive[0];
	polls[1].fd = err[0];

	pid = process_start(process->argv, process->directory, null,
			    out[1] >= 0 ? out[1] : STDERR_FILENO,
			    joined ? out[1] : err[1] >= 0 ? err[1] : STDERR_FILENO, alive[1]);
	close(null);
	close(out[1]);
	close(err[1]);
	close(alive[1]);
	status = pid;
	if (pid > 0) {
		status = collect(polls, streams);
		if (status)
			process_kill(pid);
		else
			status = wait_for(pid);
	}
	close(out[0]);
	close(err[0]);
	close(alive[0]);
	free(ignored);
	return status;
}
