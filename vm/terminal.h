/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This terminal, handed to the guest: raw, and restored whatever happens. */
#ifndef KMEMLAB_VM_TERMINAL_H
#define KMEMLAB_VM_TERMINAL_H

#include <stdbool.h>

#define TERMINAL_LEAVE	0x1d	/* Ctrl-]: switches the guest off */

struct terminal {
	int guest;		/* socket to the guest's serial port */
	bool raw;
	bool left;		/* the user typed TERMINAL_LEAVE */
};

/* "ROWS COLUMNS TERM" of this terminal, for the guest's shell; to be freed. */
char *terminal_size(void);

void terminal_start(struct terminal *terminal, int guest);
void terminal_stop(struct terminal *terminal);

/* Waits up to timeout_ms and passes on what there is, both ways. */
void terminal_relay(struct terminal *terminal, int timeout_ms);

#endif
