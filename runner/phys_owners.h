/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owners of page frames, from the kernel's mappings and its files in /proc. */
#ifndef KMEMLAB_RUNNER_PHYS_OWNERS_H
#define KMEMLAB_RUNNER_PHYS_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

#include "runner/record_writer.h"

/* Kernel mappings outside the direct map. */
struct kernel_mappings {
	struct kmemlab_mapping *mappings;
	size_t count, capacity;
	uint64_t ticks;		/* duration of the scan */
};

/* Replace *mappings with the current mappings. Return: 0 or a negative errno. */
int kernel_mappings_read(int device, struct kernel_mappings *mappings);
void kernel_mappings_release(struct kernel_mappings *mappings);

struct owned_pfns {
	uint64_t pfn, pages;
	unsigned int owner;	/* KMEMLAB_REGION_*, except FIXED */
};

struct phys_owners {
	struct kernel_mappings mappings;
	struct owned_pfns *runs;	/* ascending, not overlapping */
	size_t count, capacity;
	uint64_t percpu_start;		/* address of the symbol __per_cpu_start */
	bool percpu_known;
	uint64_t first_chunk_pages;	/* of each CPU in the first chunk; 0: unknown */
	struct skip_reason unattributed;	/* owner that could not be determined, and why */
};

/* Read what does not change. *owners must be zeroed. */
void phys_owners_init(struct phys_owners *owners);

/* Read the current owners. Return: 0 or a negative errno. */
int phys_owners_read(int device, uint32_t page_size, struct phys_owners *owners);

/*
 * Write the addresses of all per-CPU memory, [["ADDRESS", bytes], ...], or null if they are not
 * known. They are those at the last phys_owners_read().
 */
void phys_owners_write_per_cpu(int device, uint32_t page_size, const struct phys_owners *owners,
			       struct record_writer *w, const char *name);
void phys_owners_release(struct phys_owners *owners);

#endif
