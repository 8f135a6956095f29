/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's machine protocol: commands and events, one JSON object a line. */
#ifndef KMEMLAB_VM_QMP_H
#define KMEMLAB_VM_QMP_H

#include <stdbool.h>
#include <stddef.h>

struct qmp {
	int fd;			/* our end of a socket pair, or -1 */
	double deadline;	/* of all waits, in seconds_now() */
	/* private */
	char *text;
	size_t bytes;
};

/*
 * Waits for the greeting and starts. All calls return 0 or a negative errno:
 * -ETIMEDOUT past the deadline, -EINTR after Ctrl-C, -EPIPE where QEMU has ended,
 * -EPROTO where QEMU refused.
 */
int qmp_begin(struct qmp *qmp, int fd, double deadline);
void qmp_end(struct qmp *qmp);

/* Sends a command (a JSON object) and waits for its answer; events in between are skipped. */
int qmp_command(struct qmp *qmp, const char *command);

/* Like qmp_command(); *status becomes the answer's "status", for the caller to free. */
int qmp_status(struct qmp *qmp, const char *command, char **status);

int qmp_wait_event(struct qmp *qmp, const char *event);

#endif
