/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of the program, and errors with a one-line message. */
#ifndef KMEMLAB_BASE_ERROR_H
#define KMEMLAB_BASE_ERROR_H

/* Exit codes of kmemlab, as documented in the man page and docs/results.md. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_CHECK_FAILED = 1,	/* an experiment or check failed, or a gate tripped */
	EXIT_USAGE = 2,		/* invalid usage, or every experiment was skipped */
	EXIT_BUILD_FAILED = 3,	/* a user's source does not build */
	EXIT_SKIP = 4,		/* nothing can run on this host */
	EXIT_WATCHDOG = 124,	/* a watchdog or --timeout expired */
	EXIT_HOST_ERROR = 125,	/* error on the host: QEMU, download, build, disk */
	EXIT_GUEST_LOST = 126,	/* the guest ended without a result */
	EXIT_GUEST_PANIC = 127,
	EXIT_INTERRUPTED = 130,	/* Ctrl-C or a signal */
};

/* An error; starts as zeros. */
struct error {
	enum exit_code code;
	char *message;		/* NULL: no error */
};

/* Set the error unless it is already set, so that the first cause is kept. Return: -1 */
int error_set(struct error *error, enum exit_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Set the error for a run that was ended by Ctrl-C or a signal. Return: -1 */
int error_interrupted(struct error *error);

void error_release(struct error *error);

#endif
