// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <string.h>

#include "base/memory.h"
#include "exec/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct name_entry facilities[] = {
#define FACILITY(name, description) { #name, description },
#define EXEC_FACILITY(name, description) { #name, description },
#include "module/facilities/list.h"
#undef FACILITY
};

static const struct name_entry workloads[] = {
#define WORKLOAD(name, description) { #name, description },
#include "module/workloads/list.h"
#undef WORKLOAD
};

const struct name_table facility_names = {
	"facility", "kmemlab list facilities", facilities, COUNT(facilities)
};

const struct name_table workload_names = {
	"workload", "kmemlab list workloads", workloads, COUNT(workloads)
};

/* These test the instrument, in every run's self-check; "all" is what is worth measuring. */
bool name_only_on_request(const char *name)
{
	return !strcmp(name, "null") || !strcmp(name, "delay");
}

bool name_known(const struct name_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->entries[i].name, name))
			return true;
	return false;
}

char *name_error(const struct name_table *table, const char *name)
{
	cleanup_free const char **names = xcalloc(table->count, sizeof(*names));
	const char *meant;

	for (size_t i = 0; i < table->count; i++)
		names[i] = table->entries[i].name;
	meant = nearest_name(name, names, table->count);
	if (meant)
		return xasprintf("unknown %s '%s': did you mean '%s'?", table->what, name, meant);
	return xasprintf("unknown %s '%s': '%s' shows them all", table->what, name,
			 table->listed_by);
}
