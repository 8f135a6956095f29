/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other programs: the one place that starts them. */
#ifndef KMEMLAB_PROCESS_H
#define KMEMLAB_PROCESS_H

#include <sys/types.h>

struct process {
	const char *const *argv;	/* ends with NULL; argv[0] is looked up in PATH */
	const char *directory;		/* to run in, or NULL */
	char **output;			/* standard output; NULL: goes to our standard error */
	char **errors;			/* standard error; NULL: ours; may equal output */
};

/*
 * Runs it to its end, standard input from /dev/null. Returns its exit status
 * (128 + signal where one killed it) or a negative errno; on Ctrl-C it is ended
 * with all it started, and -EINTR comes back. *output and *errors are for the
 * caller to free, whatever is returned.
 */
int process_run(const struct process *process);

/*
 * Starts it and returns its process id or a negative errno. It is killed when
 * this thread ends. in, out, err become its standard files; keep is one more
 * file that it inherits, or -1.
 */
pid_t process_start(const char *const *argv, const char *directory, int in, int out, int err,
		    int keep);

/* Ends it with all it started, at once, and waits. */
void process_kill(pid_t pid);

#endif
