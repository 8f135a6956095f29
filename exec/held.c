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

/* As a name that the module knows, or as none. */
static void set_name(char *name, const char *text)
{
	memcpy(name, text, strnlen(text, KMEMLAB_NAME_MAX - 1));
}

static int judge(const struct kmemlab_hold *hold, int error, struct refusal *reason)
{
	if (error)
		return refuse(reason, error, "objects of %s: %s", hold->facility, error == -ENOENT ?
			      "the module does not know this facility, gfp profile or condition" :
			      strerror(-error));
	if (hold->status != KMEMLAB_STATUS_OK)
		return refuse(reason, -ECANCELED, "%s", hold->reason);
	return 0;
}

int held_create(int device, const char *facility, const char *gfp, uint64_t object_size,
		uint64_t objects, bool mapped, struct held *held, struct refusal *reason)
{
	struct kmemlab_hold hold = { .object_size = object_size, .objects = objects };
	int error;

	*held = (struct held) { .file = -1 };
	set_name(hold.facility, facility);
	set_name(hold.gfp, gfp);
	hold.flags = mapped ? KMEMLAB_HOLD_MAPPABLE : 0;
	error = judge(&hold, kmemlab_hold(device, &hold), reason);
	if (error)
		return error;
	held->file = hold.fd;
	error = mapped ? map(facility, hold.set_bytes, held, reason) : 0;
	if (error)
		held_release(held);
	return error;
}

int held_condition(int device, const struct map_spec *spec, struct refusal *reason)
{
	struct kmemlab_hold hold = { .object_size = 1, .objects = 1 };
	int error;

	/* Without a set: as for the least there is. */
	set_name(hold.facility, *spec->facility ? spec->facility : "page");
	set_name(hold.gfp, spec->gfp);
	set_name(hold.condition, spec->condition);
	if (*spec->facility) {
		hold.object_size = spec->object_size;
		hold.objects = spec->objects;
	}
	error = judge(&hold, kmemlab_condition(device, &hold), reason);
	return error ? error : hold.fd;
}

void held_release(struct held *held)
{
	if (held->memory)
		munmap(held->memory, held->bytes);
	if (held->file >= 0)
		close(held->file);
	*held = (struct held) { .file = -1 };
}
