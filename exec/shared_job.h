/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's job, in memory that it shares with the host: a machine that was
 * saved before it had one can be given any. The guest tells that it is ready by
 * touching a device, and then waits until its own clock has gone on by so much:
 * meanwhile the host stops it, saves it, and has the job there when it goes on.
 * When that was leaves no trace, because the guest looks at nothing but its clock.
 */
#ifndef KMEMLAB_EXEC_SHARED_JOB_H
#define KMEMLAB_EXEC_SHARED_JOB_H

#include <stddef.h>
#include <stdint.h>

#define SHARED_JOB_BYTES	(1u << 20)
#define SHARED_JOB_WAIT	60000000	/* ticks of the guest's clock */
#define SHARED_JOB_MAGIC	"KMEMJOB1"

struct shared_job {
	char magic[8];		/* once there is a job */
	uint64_t bytes;		/* of its text */
	uint64_t over;		/* by the guest: 1 once it has looked for the job */
	char text[SHARED_JOB_BYTES - 24];
};

/* Waits, and then takes the job. Text, for the caller to free, or NULL with errno set. */
char *shared_job_take(void);

#endif
