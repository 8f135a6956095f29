/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Booted machines, saved when all is ready but for the job, so that a run need
 * not boot. A state is good for exactly what it was made from. It is made by
 * booting once, and a machine that starts from it executes the same
 * instructions as one that booted: being stopped leaves no trace in it, and the
 * job is in its memory before it looks.
 */
#ifndef KMEMLAB_VM_SAVED_STATE_H
#define KMEMLAB_VM_SAVED_STATE_H

#include <stdbool.h>

#include "base/failure.h"
#include "qemu.h"

struct saved_machine {
	const char *directory;			/* with QEMU's input files */
	const struct qemu_command *command;	/* of a real boot */
	const char *digest;			/* of all that the machine is made from */
	const char *job;			/* the plan's text */
	const struct vm_trace *trace;		/* or NULL */
	unsigned int timeout_s;			/* of the whole run, or 0 */
	double started_s;			/* when that began, in seconds_now() */
	bool verbose;
};

/* Whether the job's machine can be one that was saved: else it must really boot. */
bool saved_state_serves(const struct vm_job *job);

/* The file that the machine shares, with the job in it or without one. 0 or a negative errno. */
int saved_state_write_job(const char *directory, const char *job);

/*
 * Starts QEMU from the saved state, which is made first where there is none (or
 * a damaged one). A process id; -1 after Ctrl-C or --timeout; 0 where a real boot must do.
 */
pid_t saved_state_start(const struct saved_machine *machine, struct failure *failure);

#endif
