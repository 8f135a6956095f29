/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel maps beside its direct map. */
#ifndef KMEMLAB_KERNEL_MAPPINGS_H
#define KMEMLAB_KERNEL_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

struct kernel_mappings {
	struct kmemlab_mapping *mappings;
	size_t count, room;
	uint64_t ticks;		/* of the clock, that looking took */
};

/* All there are now, in the place of those before. 0 or a negative errno. */
int kernel_mappings_read(int device, struct kernel_mappings *all);
void kernel_mappings_release(struct kernel_mappings *all);

/* "vmalloc", by KMEMLAB_REGION_*. */
const char *region_name(unsigned int region);

#endif
