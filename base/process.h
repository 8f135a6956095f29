/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running other programs, Ctrl-C, and timeouts. */
#ifndef KMEMLAB_PROCESS_H
#define KMEMLAB_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
	const char *const *argv;	/* ends with NULL; argv[0] is searched for in PATH */
	const char *directory;		/* working directory, or NULL */
	char **output;			/* gets standard output; NULL: printed to stderr */
	char **errors;			/* gets standard error, as output; may equal it */
	const char *watched;		/* directory that the program writes to, or NULL */
	double stall_s;			/* the program is killed if the directory keeps its size
					   for this time; it is multiplied by timeout_scale() */
};

/*
 * Run a program until it exits, with standard input from /dev/null. On Ctrl-C it is
 * killed with its children. The caller frees *output and *errors in any case.
 * Return: its exit status, 128 + number of the signal that killed it, -EINTR after
 * Ctrl-C, -ETIMEDOUT if it stalled, or another negative errno
 */
int process_run(const struct process *process);

/*
 * Start a program with standard files in, out and err; it inherits the file keep too,
 * unless that is -1. It is killed when the calling thread exits.
 * Return: its process ID or a negative errno
 */
pid_t process_start(const char *const *argv, const char *directory, int in, int out, int err,
		    int keep);

/* Kill a process of process_start() and all its children, and wait for them. */
void process_kill(pid_t pid);

/*
 * Catch SIGINT, SIGTERM and similar signals, without SA_RESTART: every wait ends with EINTR
 * and checks interrupted(), so that the program cleans up before it exits.
 */
void interrupt_catch(void);

/* Return true once a signal was caught. */
bool interrupted(void);

/* Return the monotonic clock in seconds. */
double seconds_now(void);

/* Return the factor for all timeouts (KMEMLAB_TIMEOUT_SCALE), 1 by default. */
double timeout_scale(void);

#endif
