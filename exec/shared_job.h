/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's job, in memory that it shares with the host: a machine that was
 * saved before it had one can be given any. Before it looks the guest touches a
 * device at which the emulator stops, always at the same instruction, so that
 * nothing depends on when the host had the job ready.
 */
#ifndef KMEMLAB_EXEC_SHARED_JOB_H
#define KMEMLAB_EXEC_SHARED_JOB_H

#include <stddef.h>
#include <stdint.h>

#define SHARED_JOB_BYTES	(1u << 20)
#define SHARED_JOB_MAGIC	"KMEMJOB1"

struct shared_job {
	char magic[8];		/* once there is a job */
	uint64_t bytes;		/* of its text */
	uint64_t stop_ticks;	/* by the guest: what the stop took of its clock, at least 1 */
	char text[SHARED_JOB_BYTES - 24];
};

/* Stops, and then takes the job. Text, for the caller to free, or NULL with errno set. */
char *shared_job_take(void);

#endif
