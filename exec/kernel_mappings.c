// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_mappings.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/device.h"

#define ROOM_FIRST 4096		/* most kernels have fewer */

static int grow(struct kernel_mappings *all)
{
	const size_t room = all->room ? 2 * all->room : ROOM_FIRST;
	void *grown = reallocarray(all->mappings, room, sizeof(*all->mappings));

	if (!grown)
		return -ENOMEM;
	all->mappings = grown;
	all->room = room;
	return 0;
}

int kernel_mappings_read(int device, struct kernel_mappings *all)
{
	struct kmemlab_mappings ask = { .start = 0 };
	int error = 0;

	all->count = 0;
	all->ticks = 0;
	do {
		if (all->count == all->room)
			error = grow(all);
		if (error)
			return error;
		ask.start = ask.next;
		ask.mappings = (uintptr_t)(all->mappings + all->count);
		ask.capacity = all->room - all->count;
		error = kmemlab_mappings(device, &ask);
		all->count += ask.count;
		all->ticks += ask.ticks;
	} while (!error && ask.next);
	return error;
}

void kernel_mappings_release(struct kernel_mappings *all)
{
	free(all->mappings);
	*all = (struct kernel_mappings) { 0 };
}

const char *region_name(unsigned int region)
{
	static const char *const names[KMEMLAB_REGIONS] = {
		[KMEMLAB_REGION_IMAGE] = "image",
		[KMEMLAB_REGION_MODULES] = "modules",
		[KMEMLAB_REGION_VMALLOC] = "vmalloc",
		[KMEMLAB_REGION_PERCPU] = "percpu",
		[KMEMLAB_REGION_MEMMAP] = "memmap",
		[KMEMLAB_REGION_FIXED] = "fixed",
	};

	return region < KMEMLAB_REGIONS ? names[region] : "unknown";
}
