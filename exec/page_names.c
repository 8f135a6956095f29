// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_names.h"

#include <errno.h>
#include <string.h>

#include "lib/device.h"

static int read_all(int device, int (*get)(int, __u32, struct kmemlab_name *), size_t count,
		    char (*to)[KMEMLAB_NAME_MAX])
{
	struct kmemlab_name name;

	for (size_t i = 0; i < count; i++) {
		int error = get(device, i, &name);

		if (error)
			return error == -ENOENT ? 0 : error;
		memcpy(to[i], name.name, sizeof(name.name));
	}
	return 0;
}

int page_names_read(int device, struct page_names *names)
{
	int error;

	memset(names, 0, sizeof(*names));
	error = read_all(device, kmemlab_get_page_flag, PAGE_FLAGS_MAX, names->flags);
	if (!error)
		error = read_all(device, kmemlab_get_zone, ZONES_MAX, names->zones);
	return error ? error : read_all(device, kmemlab_get_migrate_type, MIGRATE_TYPES_MAX,
					names->migrate_types);
}

const char *page_kind_name(unsigned int kind)
{
	static const char *const names[KMEMLAB_PAGE_KINDS] = {
		[KMEMLAB_PAGE_NONE] = "none",
		[KMEMLAB_PAGE_FREE] = "free",
		[KMEMLAB_PAGE_FREE_CPU] = "free_cpu",
		[KMEMLAB_PAGE_RESERVED] = "reserved",
		[KMEMLAB_PAGE_SLAB] = "slab",
		[KMEMLAB_PAGE_TABLE] = "table",
		[KMEMLAB_PAGE_ANON] = "anon",
		[KMEMLAB_PAGE_FILE] = "file",
		[KMEMLAB_PAGE_KERNEL] = "kernel",
		[KMEMLAB_PAGE_OFFLINE] = "offline",
		[KMEMLAB_PAGE_POISONED] = "poisoned",
	};

	return kind < KMEMLAB_PAGE_KINDS ? names[kind] : "unknown";
}
