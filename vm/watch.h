/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches a running guest: its console, its results, its watchdogs, Ctrl-C. */
#ifndef KMEMLAB_VM_WATCH_H
#define KMEMLAB_VM_WATCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/failure.h"
#include "channel.h"
#include "terminal.h"

struct watch {
	pid_t qemu;
	const char *directory;		/* with the files of qemu.h */
	struct channel *channel;
	struct terminal *terminal;	/* or NULL */
	unsigned int timeout_s;		/* of the whole run; 0: the watchdog's own */
	bool verbose;			/* console lines to standard error as they come */
	double first_record_s;		/* out: from start to the first record or output */
};

/* 0 once a complete trailer has come. The guest is ended in any case. */
int watch_guest(struct watch *watch, struct failure *failure);

/* Pure: the first line of a console's text that tells of a panic or oops, or NULL. */
const char *console_trouble(const char *console);

/* By what KMEMLAB_TIMEOUT_SCALE stretches all patience. */
double watch_scale(void);

/* Seconds of a clock that nobody sets. */
double seconds_now(void);

#endif
