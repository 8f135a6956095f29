/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine is and how its memory stood before the first experiment. */
#ifndef KMEMLAB_SYSTEM_STATE_H
#define KMEMLAB_SYSTEM_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "record_writer.h"

#define STATE_ORDERS_MAX 32

struct system_state {
	uint64_t free_by_order[STATE_ORDERS_MAX];	/* blocks, all zones together */
	size_t orders;
	uint64_t min_pages, low_pages, high_pages;	/* the zones' watermarks */
};

/* Reads what experiments change. */
void system_state_read(struct system_state *state);

/* Writes it as the group "system", with what stays as it is. */
void system_state_write(const struct system_state *state, struct record_writer *w);

#endif
