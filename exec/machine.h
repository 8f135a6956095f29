/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine is and how its memory stood before the first experiment. */
#ifndef KMEMLAB_MACHINE_H
#define KMEMLAB_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "record_writer.h"

#define MACHINE_ORDERS_MAX 32

struct machine {
	uint64_t free_by_order[MACHINE_ORDERS_MAX];	/* blocks, all zones together */
	size_t orders;
	uint64_t min_pages, low_pages, high_pages;	/* the zones' watermarks */
};

/* Reads what experiments change. */
void machine_read(struct machine *machine);

/* Writes it as the group "machine", with what stays as it is. */
void machine_write(const struct machine *machine, struct record_writer *w);

#endif
