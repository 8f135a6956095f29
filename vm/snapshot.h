/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots of booted machines that wait for their job, so that a run need not boot. A
 * snapshot is valid for exactly the inputs it was made from. A restored machine executes
 * the same instructions as a booted one: the guest cannot observe that it was stopped,
 * and the job is in its memory before it looks for it.
 */
#ifndef KMEMLAB_VM_SNAPSHOT_H
#define KMEMLAB_VM_SNAPSHOT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "qemu.h"

struct vm_snapshot {
	const char *directory;			/* with QEMU's input files */
	const struct qemu_command *command;	/* to boot the machine */
	const char *digest;			/* of all inputs of the machine */
	const char *job;			/* plan text */
	const struct vm_trace *trace;		/* or NULL */
	unsigned int timeout_s;			/* for the whole run, or 0 */
	double started_s;			/* start of the run, as seconds_now() */
};

/* Write the shared memory's file, with a job or without (NULL). Return: 0 or a negative errno. */
int snapshot_write_job(const char *directory, const char *job);

/*
 * Start QEMU from a snapshot, which is created if it does not exist or is damaged.
 * Return: a process id; -1 after a signal or --timeout; 0 if the machine must be booted.
 */
pid_t snapshot_start(const struct vm_snapshot *snapshot, struct error *error);

#endif
