// SPDX-License-Identifier: GPL-2.0-or-later
#include "held.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/device.h"

static int say(const char *facility, const char *reason, int error)
{
	fprintf(stderr, "objects of %s: %s\n", facility, reason);
	return error ? error : -EINVAL;
}

static int map(const char *facility, uint64_t bytes, struct held *held)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, held->file, 0);

	if (memory == MAP_FAILED)
		return say(facility, strerror(errno), -errno);
	held->memory = memory;
	held->bytes = bytes;
	return 0;
}

int held_create(int device, const char *facility, const char *gfp, uint64_t object_size,
		uint64_t objects, bool mapped, struct held *held)
{
	struct kmemlab_hold hold = { .object_size = object_size, .objects = objects };
	int error;

	*held = (struct held) { .file = -1 };
	strncpy(hold.facility, facility, sizeof(hold.facility) - 1);
	strncpy(hold.gfp, gfp, sizeof(hold.gfp) - 1);
	hold.flags = mapped ? KMEMLAB_HOLD_MAPPABLE : 0;
	error = kmemlab_hold(device, &hold);
	if (error)
		return say(facility, error == -ENOENT ?
			   "the module does not know this facility or gfp profile" :
			   strerror(-error), error);
	if (hold.status != KMEMLAB_STATUS_OK)
		return say(facility, hold.reason, hold.error);
	held->file = hold.fd;
	error = mapped ? map(facility, hold.set_bytes, held) : 0;
	if (error)
		held_release(held);
	return error;
}

void held_release(struct held *held)
{
	if (held->memory)
		munmap(held->memory, held->bytes);
	if (held->file >= 0)
		close(held->file);
	*held = (struct held) { .file = -1 };
}
