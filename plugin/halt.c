// SPDX-License-Identifier: GPL-2.0-or-later
#include "halt.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_NS	10000
#define PAUSES_MAX	20000	/* a main loop that never sleeps must not stop the guest */

/* Return whether the process's main thread, which executes the main loop, sleeps. */
static bool main_loop_sleeps(void)
{
	static int stat = -1;
	char path[64], text[128], *name_end;
	ssize_t size;

	if (stat < 0) {
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
		stat = open(path, O_RDONLY | O_CLOEXEC);
	}
	size = pread(stat, text, sizeof(text) - 1, 0);
	if (size < 0)
		return true;
	text[size] = '\0';
	name_end = strrchr(text, ')');
	return !name_end || !strncmp(name_end, ") S", 3);
}

static void on_halt(unsigned int vcpu, void *unused)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	(void)vcpu, (void)unused;
	for (int i = 0; i < PAUSES_MAX && !main_loop_sleeps(); i++)
		nanosleep(&pause, NULL);
}

void halt_instrument(struct qemu_plugin_insn *halt)
{
	qemu_plugin_register_vcpu_insn_exec_cb(halt, on_halt, CB_NO_REGS, NULL);
}
