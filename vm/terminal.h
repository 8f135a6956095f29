/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This terminal, handed to the guest: raw, and restored whatever happens. */
#ifndef KMEMLAB_VM_TERMINAL_H
#define KMEMLAB_VM_TERMINAL_H

#include <stdbool.h>

#define TERMINAL_LEAVE	0x1d	/* Ctrl-]: switches the guest off */

struct terminal {
	int guest;		/* socket to the guest's serial port */
	bool guest_spoke;	/* until then the terminal is as it was, and Ctrl-C ends us */
	bool raw;
	bool left;		/* the user typed TERMINAL_LEAVE */
};

/* "ROWS COLUMNS TERM" of this terminal, for the guest's shell; to be freed. */
char *terminal_size(void);

/*
 * Waits up to timeout_ms and passes on what there is, both ways. What is typed
 * before the guest's shell has said its first word waits for it.
 */
void terminal_relay(struct terminal *terminal, int timeout_ms);

/* Puts this terminal back as it was. */
void terminal_stop(struct terminal *terminal);

#endif
