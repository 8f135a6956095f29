// SPDX-License-Identifier: GPL-2.0-or-later
#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jansson.h>

#include "base/process.h"
#include "base/memory.h"

#define POLL_MS	200

/* Receive more data. */
static int receive_data(struct qmp *qmp)
{
	struct pollfd poll_fd = { .fd = qmp->fd, .events = POLLIN };
	char data[4096];
	ssize_t n;

	for (;;) {
		if (interrupted())
			return -EINTR;
		if (seconds_now() > qmp->deadline)
			return -ETIMEDOUT;
		/* The timeout covers a signal that arrives before poll(). */
		if (poll(&poll_fd, 1, POLL_MS) > 0)
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

static int next_object(struct qmp *qmp, json_t **object)
{
	for (;;) {
		char *newline = qmp->bytes ? memchr(qmp->text, '\n', qmp->bytes) : NULL;
		int err;

		if (newline) {
			size_t length = newline + 1 - qmp->text;

			/* Some integers exceed 2^63. */
			*object = json_loadb(qmp->text, length, JSON_DECODE_INT_AS_REAL, NULL);
			qmp->bytes -= length;
			memmove(qmp->text, newline + 1, qmp->bytes);
			return *object ? 0 : -EPROTO;
		}
		err = receive_data(qmp);
		if (err)
			return err;
	}
}

int qmp_begin(struct qmp *qmp, int fd, double deadline)
{
	json_t *greeting = NULL;
	int err;

	*qmp = (struct qmp) { .fd = fd, .deadline = deadline };
	err = next_object(qmp, &greeting);
	json_decref(greeting);
	return err ?: qmp_command(qmp, "{\"execute\":\"qmp_capabilities\"}");
}

void qmp_end(struct qmp *qmp)
{
	if (qmp->fd >= 0)
		close(qmp->fd);
	free(qmp->text);
	*qmp = (struct qmp) { .fd = -1 };
}

int qmp_query(struct qmp *qmp, const char *command, json_t **reply)
{
	size_t length = strlen(command);
	json_t *object = NULL;
	int err = 0;

	*reply = NULL;
	if (send(qmp->fd, command, length, MSG_NOSIGNAL) != (ssize_t)length)
		return -EPIPE;
	while (!err) {
		err = next_object(qmp, &object);
		if (!err && (json_object_get(object, "return") || json_object_get(object, "error")))
			break;
		json_decref(object);
		object = NULL;
	}
	if (!err && json_object_get(object, "error"))
		err = -EPROTO;
	if (!err)
		*reply = json_incref(json_object_get(object, "return"));
	json_decref(object);
	return err;
}

int qmp_status(struct qmp *qmp, const char *command, char **status)
{
	const char *text = NULL;
	json_t *reply;
	int err = qmp_query(qmp, command, &reply);

	*status = NULL;
	if (!err && !json_unpack(reply, "{s:s}", "status", &text))
		*status = xstrdup(text);
	json_decref(reply);
	return err;
}

int qmp_command(struct qmp *qmp, const char *command)
{
	cleanup_free char *status = NULL;

	return qmp_status(qmp, command, &status);
}

int qmp_wait_event(struct qmp *qmp, const char *event)
{
	for (;;) {
		json_t *object = NULL;
		int err = next_object(qmp, &object);
		bool found = !err &&
			     !strcmp(json_string_value(json_object_get(object, "event")) ?: "",
					     event);

		json_decref(object);
		if (err || found)
			return err;
	}
}
