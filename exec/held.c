// SPDX-License-Identifier: GPL-2.0-or-later
#include "held.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/device.h"

static int map(const char *facility, uint64_t bytes, struct held *held, struct refusal *reason)
{
	void *memory = kmemlab_map_set(held->file, 0, bytes);

	if (!memory)
		return refuse(reason, -errno, "objects of %s cannot be mapped: %s", facility,
			      strerror(errno));
	held->memory = memory;
	held->bytes = bytes;
	return 0;
}

int held_create(int device, const char *facility, const char *gfp, uint64_t object_size,
		uint64_t objects, bool mapped, struct held *held, struct refusal *reason)
{
	struct kmemlab_hold hold = { .object_size = object_size, .objects = objects };
	int error;

	*held = (struct held) { .file = -1 };
	strncpy(hold.facility, facility, sizeof(hold.facility) - 1);
	strncpy(hold.gfp, gfp, sizeof(hold.gfp) - 1);
	hold.flags = mapped ? KMEMLAB_HOLD_MAPPABLE : 0;
	error = kmemlab_hold(device, &hold);
	if (error)
		return refuse(reason, error, "objects of %s: %s", facility, error == -ENOENT ?
			      "the module does not know this facility or gfp profile" :
			      strerror(-error));
	if (hold.status != KMEMLAB_STATUS_OK)
		return refuse(reason, -ECANCELED, "%s", hold.reason);
	held->file = hold.fd;
	error = mapped ? map(facility, hold.set_bytes, held, reason) : 0;
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
