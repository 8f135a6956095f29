// SPDX-License-Identifier: GPL-2.0-or-later
#include "heartbeat.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#define PERIOD_MS	1000

/*
 * A process, since a signal would interrupt an experiment. It ends when the
 * pipe does, between two lines: killing it could cut one short.
 */
static void beat(int pipe, FILE *out)
{
	struct pollfd ended = { .fd = pipe, .events = POLLIN };

	while (poll(&ended, 1, PERIOD_MS) == 0) {
		fputs(". working\n", out);
		fflush(out);
	}
	_exit(0);
}

void heartbeat_start(struct heartbeat *heartbeat, FILE *out)
{
	int ends[2];

	heartbeat->child = -1;
	if (pipe(ends))
		return;
	fflush(out);
	heartbeat->pipe = ends[1];
	heartbeat->child = fork();
	if (!heartbeat->child) {
		close(ends[1]);
		beat(ends[0], out);
	}
	close(ends[0]);
	if (heartbeat->child < 0)
		close(ends[1]);
}

void heartbeat_stop(struct heartbeat *heartbeat)
{
	if (heartbeat->child < 0)
		return;
	close(heartbeat->pipe);
	waitpid(heartbeat->child, NULL, 0);
}
