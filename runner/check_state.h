/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of what a module can leave behind in the kernel. */
#ifndef KMEMLAB_RUNNER_CHECK_STATE_H
#define KMEMLAB_RUNNER_CHECK_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum state_kind {
	STATE_THREAD, STATE_PROC, STATE_DEV, STATE_DEBUGFS, STATE_CLASS, STATE_CACHE,
};

struct state_entry {
	enum state_kind kind;
	char name[64];
	pid_t pid;		/* of a thread, or 0 */
	uint64_t cpu_ns;	/* of a thread */
};

struct state {
	struct state_entry *entries;
	size_t count;
	bool incomplete;	/* for lack of memory */
};

void state_read(struct state *state);
void state_read_threads(struct state *state);
bool state_has(const struct state *state, const struct state_entry *entry);

/* Remove all entries but those that are present in the other list, or that are not. */
void state_filter(struct state *state, const struct state *other, bool present);

void state_release(struct state *state);

/* Return "thread", "file in /proc", ... */
const char *state_kind_name(enum state_kind kind);

/* Return the CPU time of a task, or 0 if it has ended. */
uint64_t task_cpu_ns(pid_t pid);

#endif
