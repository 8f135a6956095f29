/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system says of its memory, by /proc. */
#ifndef KMEMLAB_SYSTEM_MEMORY_H
#define KMEMLAB_SYSTEM_MEMORY_H

#include <stdint.h>

struct system_memory {
	int64_t free_pages;	/* of all zones, what per-CPU lists hold included */
	int64_t slab_pages;
	int64_t table_pages;
};

/* Counters that lag behind per CPU are brought up to date first. 0 or -errno. */
int system_memory_read(struct system_memory *memory);

#endif
