// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/catalog.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array_size.h"

struct catalog_entry {
	const char *name;
	unsigned int flags;
};

static const struct catalog_entry facilities[] = {
#define FACILITY(name, flags, description) { #name, flags },
#include "module/facilities/list.h"
};

static const struct catalog_entry workloads[] = {
#define WORKLOAD(name, flags, description) { KMEMLAB_WORKLOAD_NAME(name, flags), flags },
#include "module/workloads/list.h"
};

bool name_takes_number(const char *name)
{
	return name[strlen(name) - 1] == ':';
}

static bool is_number_from_2(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return length && length < 10 && !text[length] && atoi(text) >= 2;
}

bool name_matches(const char *listed, const char *name)
{
	if (!name_takes_number(listed))
		return !strcmp(listed, name);
	return !strncmp(listed, name, strlen(listed)) && is_number_from_2(name + strlen(listed));
}

unsigned int name_number(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon && is_number_from_2(colon + 1) ? atoi(colon + 1) : 0;
}

static unsigned int find_flags(const struct catalog_entry *entries, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (name_matches(entries[i].name, name))
			return entries[i].flags;
	return 0;
}

unsigned int facility_flags(const char *name)
{
	return find_flags(facilities, ARRAY_SIZE(facilities), name);
}

unsigned int workload_flags(const char *name)
{
	return find_flags(workloads, ARRAY_SIZE(workloads), name);
}
