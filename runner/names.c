// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/names.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/array_size.h"
#include "lib/device.h"

static int read_names(int device, int (*get)(int, __u32, struct kmemlab_name *), size_t count,
		      char (*to)[KMEMLAB_NAME_MAX])
{
	struct kmemlab_name name;

	for (size_t i = 0; i < count; i++) {
		int err = get(device, i, &name);

		if (err)
			return err == -ENOENT ? 0 : err;
		memcpy(to[i], name.name, sizeof(name.name));
	}
	return 0;
}

int page_names_read(int device, struct page_names *names)
{
	int err;

	memset(names, 0, sizeof(*names));
	err = read_names(device, kmemlab_get_page_flag, PAGE_FLAGS_MAX, names->flags);
	if (!err)
		err = read_names(device, kmemlab_get_zone, ZONES_MAX, names->zones);
	if (!err)
		err = read_names(device, kmemlab_get_migrate_type, MIGRATE_TYPES_MAX,
				 names->migrate_types);
	return err;
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
		[KMEMLAB_PAGE_HUGETLB] = "hugetlb",
	};

	return kind < ARRAY_SIZE(names) ? names[kind] : "unknown";
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

	return region < ARRAY_SIZE(names) ? names[region] : "unknown";
}

const char *const route_names[] = { "walk", "direct_map", "vmalloc_to_page", "lookup_address",
				     "facility", "pagemap", NULL };
