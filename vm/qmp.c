// SPDX-License-Identifier: GPL-2.0-or-later
#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jansson.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "watch.h"

#define LOOK_MS	200

/* More bytes, or why there are none. */
static int receive(struct qmp *qmp)
{
	struct pollfd poll_fd = { .fd = qmp->fd, .events = POLLIN };
	char data[4096];
	ssize_t n;

	for (;;) {
		if (interrupted())
			return -EINTR;
		if (seconds_now() > qmp->deadline)
			return -ETIMEDOUT;
		/* The limit covers a signal between the check and poll(). */
		if (poll(&poll_fd, 1, LOOK_MS) > 0)
			break;
	}
	n = read(qmp->fd, data, sizeof(data));
	if (n <= 0)
		return n < 0 && errno == EINTR ? 0 : -EPIPE;
	qmp->text = xrealloc(qmp->text, qmp->bytes + n);
	memcpy(qmp->text + qmp->bytes, data, n);
	qmp->bytes += n;
	return 0;
}

/* The next object. */
static int next(struct qmp *qmp, json_t **object)
{
	for (;;) {
		char *newline = qmp->bytes ? memchr(qmp->text, '\n', qmp->bytes) : NULL;
		int error;

		if (newline) {
			size_t length = newline + 1 - qmp->text;

			*object = json_loadb(qmp->text, length, 0, NULL);
			qmp->bytes -= length;
			memmove(qmp->text, newline + 1, qmp->bytes);
			return *object ? 0 : -EPROTO;
		}
		error = receive(qmp);
		if (error)
			return error;
	}
}

int qmp_begin(struct qmp *qmp, int fd, double deadline)
{
	json_t *greeting = NULL;
	int error;

	*qmp = (struct qmp) { .fd = fd, .deadline = deadline };
	error = next(qmp, &greeting);
	json_decref(greeting);
	return error ? error : qmp_command(qmp, "{\"execute\":\"qmp_capabilities\"}");
}

void qmp_end(struct qmp *qmp)
{
	if (qmp->fd >= 0)
		close(qmp->fd);
	free(qmp->text);
	*qmp = (struct qmp) { .fd = -1 };
}

int qmp_status(struct qmp *qmp, const char *command, char **status)
{
	size_t length = strlen(command);
	const char *text = NULL;
	json_t *answer = NULL;
	int error = 0;

	*status = NULL;
	/* Without SIGPIPE: that QEMU has ended is no wish of the user's to stop. */
	if (send(qmp->fd, command, length, MSG_NOSIGNAL) != (ssize_t)length)
		return -EPIPE;
	while (!error) {
		error = next(qmp, &answer);
		if (!error && (json_object_get(answer, "return") || json_object_get(answer, "error")))
			break;
		json_decref(answer);
		answer = NULL;
	}
	if (!error && json_object_get(answer, "error"))
		error = -EPROTO;
	if (!error && !json_unpack(answer, "{s:{s:s}}", "return", "status", &text))
		*status = xstrdup(text);
	json_decref(answer);
	return error;
}

int qmp_command(struct qmp *qmp, const char *command)
{
	char *status;
	int error = qmp_status(qmp, command, &status);

	free(status);
	return error;
}

int qmp_wait_event(struct qmp *qmp, const char *event)
{
	for (;;) {
		json_t *object = NULL;
		int error = next(qmp, &object);
		bool found = !error && !strcmp(json_string_value(json_object_get(object, "event")) ?: "",
					       event);

		json_decref(object);
		if (error || found)
			return error;
	}
}
