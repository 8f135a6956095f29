/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says once a second that the guest is alive, whatever else it is busy with. */
#ifndef KMEMLAB_HEARTBEAT_H
#define KMEMLAB_HEARTBEAT_H

#include <stdio.h>
#include <sys/types.h>

struct heartbeat {
	pid_t child;
	int pipe;	/* its end is the child's */
};

/* Writes ". working" lines to out from a process of its own, until heartbeat_stop(). */
void heartbeat_start(struct heartbeat *heartbeat, FILE *out);

/* Returns once the last line is whole. */
void heartbeat_stop(struct heartbeat *heartbeat);

#endif
