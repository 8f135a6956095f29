// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <stdlib.h>
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

static const struct name_entry gfps[] = {
#define GFP_PROFILE(name, description) { #name, description },
#include "module/gfp_list.h"
#undef GFP_PROFILE
};

static const struct name_entry conditions[] = {
#define CONDITION(name, description) { name, description },
#include "module/condition_list.h"
#undef CONDITION
};

const struct name_table facility_names = {
	"facility", "kmemlab list facilities", facilities, COUNT(facilities)
};

const struct name_table workload_names = {
	"workload", "kmemlab list workloads", workloads, COUNT(workloads)
};

const struct name_table gfp_names = {
	"gfp profile", "kmemlab list gfp", gfps, COUNT(gfps)
};

const struct name_table condition_names = {
	"condition", "kmemlab list conditions", conditions, COUNT(conditions)
};

/* A name that wants a number behind it ends in a colon. */
static bool wants_number(const char *name)
{
	return name[strlen(name) - 1] == ':';
}

/* These test the instrument, in every run's self-check; "all" is what is worth measuring. */
bool name_only_on_request(const char *name)
{
	return !strcmp(name, "null") || !strcmp(name, "delay") || wants_number(name);
}

static bool is_number_from_2(const char *text)
{
	size_t length = strspn(text, "0123456789");

	return length && length < 10 && !text[length] && atoi(text) >= 2;
}

static bool matches(const char *entry, const char *name)
{
	if (!wants_number(entry))
		return !strcmp(entry, name);
	return !strncmp(entry, name, strlen(entry)) && is_number_from_2(name + strlen(entry));
}

bool name_known(const struct name_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (matches(table->entries[i].name, name))
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
	if (meant && wants_number(meant))
		return xasprintf("unknown %s '%s': a number from 2 on is wanted, as in %s4",
				 table->what, name, meant);
	if (meant)
		return xasprintf("unknown %s '%s': did you mean '%s'?", table->what, name, meant);
	return xasprintf("unknown %s '%s': '%s' shows them all", table->what, name,
			 table->listed_by);
}
