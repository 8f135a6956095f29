/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The job of a guest, in memory shared with the host, so that a snapshot taken before the job
 * is known serves all jobs. The guest rings the doorbell when it is ready and waits until its
 * own clock has advanced by IVSHMEM_JOB_WAIT. In the meantime the host stops the guest, saves
 * a snapshot, and writes the job before it resumes. The guest reads nothing but its clock
 * while waiting, so the moment of the stop does not affect the results.
 */
#ifndef KMEMLAB_RUNNER_IVSHMEM_H
#define KMEMLAB_RUNNER_IVSHMEM_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

#define IVSHMEM_JOB_BYTES	(1u << 20)
#define IVSHMEM_JOB_WAIT	60000000	/* ticks of the guest's clock */
#define IVSHMEM_JOB_MAGIC	"KMEMJOB1"

struct ivshmem_job {
	char magic[8];		/* IVSHMEM_JOB_MAGIC once there is a job */
	uint64_t bytes;		/* size of text */
	uint64_t over;		/* set to 1 by the guest after the wait */
	char text[KMEMLAB_COUNTERS_OFFSET - 24];
	char counters[IVSHMEM_JOB_BYTES - KMEMLAB_COUNTERS_OFFSET];	/* of the plugin */
};

/* Wait for the job. Return its text, which the caller frees, or NULL with errno set. */
char *ivshmem_job_wait(void);

/* Map the plugin's counters of repeated string instructions. Return NULL if there are none. */
const volatile struct kmemlab_string_counters *ivshmem_string_counters(void);

#endif
