// SPDX-License-Identifier: GPL-2.0-or-later
#include "system_memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reading it adds what each CPU has not added to the system's counters yet. */
static void refresh_counters(void)
{
	FILE *file = fopen("/proc/sys/vm/stat_refresh", "we");

	if (!file)
		return;
	fputs("1\n", file);
	fclose(file);
}

/* Adds up the numbers behind key in lines of "KEY NUMBER". */
static int add_up(const char *path, const char *const *keys, int64_t *sum)
{
	FILE *file = fopen(path, "re");
	char line[256], key[64];
	long long number;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lld", key, &number) != 2)
			continue;
		for (const char *const *k = keys; *k; k++)
			if (!strcmp(key, *k))
				*sum += number;
	}
	fclose(file);
	return 0;
}

int system_memory_read(struct system_memory *memory)
{
	/* Zones say nr_free_pages, their per-CPU lists count: */
	static const char *const free_keys[] = { "nr_free_pages", "count:", NULL };
	static const char *const slab_keys[] = { "nr_slab_reclaimable", "nr_slab_unreclaimable",
						 NULL };
	static const char *const table_keys[] = { "nr_page_table_pages", NULL };
	int error;

	memset(memory, 0, sizeof(*memory));
	refresh_counters();
	error = add_up("/proc/zoneinfo", free_keys, &memory->free_pages);
	if (!error)
		error = add_up("/proc/vmstat", slab_keys, &memory->slab_pages);
	if (!error)
		error = add_up("/proc/vmstat", table_keys, &memory->table_pages);
	return error;
}
