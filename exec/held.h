/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A held object set, and where it can be seen in this process. */
#ifndef KMEMLAB_HELD_H
#define KMEMLAB_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "refusal.h"

struct held {
	int file;		/* -1: none */
	void *memory;		/* of a mapped set, else NULL */
	uint64_t bytes;		/* that are mapped */
};

/* 0, or a negative errno with one line in reason. */
int held_create(int device, const char *facility, const char *gfp, uint64_t object_size,
		uint64_t objects, bool mapped, struct held *held, struct refusal *reason);
void held_release(struct held *held);

/*
 * Memory in the condition that a map's set is to meet. A file to be closed when
 * that may end, or a negative errno with one line in reason.
 */
int held_condition(int device, const struct map_spec *spec, struct refusal *reason);

#endif
