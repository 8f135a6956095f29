/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Object sets that the module keeps allocated. */
#ifndef KMEMLAB_RUNNER_OBJECT_HOLD_H
#define KMEMLAB_RUNNER_OBJECT_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/plan.h"
#include "runner/record_writer.h"

struct object_hold {
	int file;		/* keeps the set; -1: none */
	void *memory;		/* mapping of the set in this process, or NULL */
	uint64_t bytes;		/* size of the mapping */
};

/*
 * Allocate a set, and map it to this process if mapped. Return: 0, or a negative errno with
 * *reason set.
 */
int object_hold_create(int device, const char *facility, const char *gfp, uint64_t object_size,
		       uint64_t objects, bool mapped, struct object_hold *set,
		       struct skip_reason *reason);
void object_hold_release(struct object_hold *set);

/*
 * Put memory into spec->condition. Return: a file descriptor that keeps the condition until
 * it is closed, or a negative errno with *reason set.
 */
int object_hold_condition(int device, const struct map_spec *spec, struct skip_reason *reason);

/*
 * Verify that the kernel and this process see the same frames and contents of a mapped set,
 * and write {"record":"mmap_check"}. Return: 0, or a negative errno with *reason set.
 */
int mmap_check(const struct object_hold *set, int device, uint64_t objects, uint64_t object_size,
	       uint32_t page_size, FILE *records, struct skip_reason *reason);

#endif
