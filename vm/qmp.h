/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's machine protocol: commands and events, one JSON object per line. */
#ifndef KMEMLAB_VM_QMP_H
#define KMEMLAB_VM_QMP_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct qmp {
	int fd;			/* socket, or -1 */
	double deadline;	/* of all waits, as seconds_now() */
	/* private */
	char *text;
	size_t bytes;
};

/*
 * Wait for the greeting and enable commands. All functions return 0 or a negative errno:
 * -ETIMEDOUT after the deadline, -EINTR after a signal, -EPIPE if QEMU has exited,
 * -EPROTO if QEMU rejected the command.
 */
int qmp_begin(struct qmp *qmp, int fd, double deadline);
void qmp_end(struct qmp *qmp);

/* Send a command (a JSON object) and wait for its reply, ignoring events. */
int qmp_command(struct qmp *qmp, const char *command);

/* Like qmp_command(), and set *reply to what it returned, which the caller releases. */
int qmp_query(struct qmp *qmp, const char *command, json_t **reply);

/* Like qmp_command(), and set *status to the reply's "status", which the caller frees. */
int qmp_status(struct qmp *qmp, const char *command, char **status);

int qmp_wait_event(struct qmp *qmp, const char *event);

#endif
