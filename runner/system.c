// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/system.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/device.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"
#define CGROUP		CGROUP_ROOT "/kmemlab"

void sysfs_read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

void module_read_line(const char *attribute, char *line, size_t size)
{
	/* Only our module has the parameter: a user's module may have either name. */
	static const char mark[] = "/sys/module/" KMEMLAB_MODULE_RENAMED "/parameters/throwaway";
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s/%s",
		 access(mark, F_OK) ? KMEMLAB_MODULE : KMEMLAB_MODULE_RENAMED, attribute);
	sysfs_read_line(path, line, size);
}

/* Write an amount in MiB, or in KiB below 10 MiB. */
static void write_amount(char *text, size_t size, uint64_t kib, bool round_up)
{
	if (kib < 10 << 10)
		snprintf(text, size, "%" PRIu64 " KiB", kib);
	else
		snprintf(text, size, "%" PRIu64 " MiB", (kib >> 10) + (round_up && kib % 1024));
}

void budget_describe(char *text, size_t size, uint64_t pages, const struct kmemlab_info *info)
{
	const uint64_t page_kib = info->page_size >> 10;
	char needed[32], left[32], percent[16], throwaway[4];

	module_read_line("parameters/budget_percent", percent, sizeof(percent));
	module_read_line("parameters/throwaway", throwaway, sizeof(throwaway));
	write_amount(needed, sizeof(needed), pages * page_kib, true);
	write_amount(left, sizeof(left), info->budget_pages * page_kib, false);
	snprintf(text, size, "%s, but the budget, %s %% of the free memory, has %s left (more with %s)",
		 needed, percent, left, *throwaway == 'Y' ? "--memory" :
		 "--memory in a VM or the parameter budget_percent");
}

uint64_t proc_read_kib(const char *path, const char *format)
{
	FILE *file = fopen(path, "re");
	uint64_t kib = 0;
	char line[256];

	while (file && !kib && fgets(line, sizeof(line), file))
		sscanf(line, format, &kib);
	if (file)
		fclose(file);
	return kib << 10;
}

bool read_u64(int file, uint64_t index, uint64_t *value)
{
	*value = 0;
	return pread(file, value, sizeof(*value), index * sizeof(*value)) == sizeof(*value);
}

int system_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Add the numbers in lines of "KEY NUMBER" to *sum, for all keys of the NULL-terminated list. */
static int add_numbers(const char *path, const char *const *keys, int64_t *sum)
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
	/* nr_free_pages of zones, and "count:" of their per-CPU lists */
	static const char *const free_keys[] = { "nr_free_pages", "count:", NULL };
	static const char *const slab_keys[] = { "nr_slab_reclaimable", "nr_slab_unreclaimable",
						 NULL };
	static const char *const table_keys[] = { "nr_page_table_pages", NULL };
	int err;

	memset(memory, 0, sizeof(*memory));
	/* Fold the per-CPU deltas into the counters. */
	system_write("/proc/sys/vm/stat_refresh", "1\n");
	err = add_numbers("/proc/zoneinfo", free_keys, &memory->free_pages);
	if (!err)
		err = add_numbers("/proc/vmstat", slab_keys, &memory->slab_pages);
	if (!err)
		err = add_numbers("/proc/vmstat", table_keys, &memory->table_pages);
	return err;
}

static bool is_guest(void)
{
	return getpid() == 1;
}

int memory_cgroup_create(void)
{
	int err;

	if (!is_guest())
		return 0;
	if (mount("cgroup", CGROUP_ROOT, "cgroup2", 0, NULL) && errno != EBUSY)
		return -errno;
	err = system_write(CGROUP_ROOT "/cgroup.subtree_control", "+memory");
	if (err)
		return err;
	return mkdir(CGROUP, 0755) && errno != EEXIST ? -errno : 0;
}

int memory_cgroup_enter(void)
{
	return is_guest() ? system_write(CGROUP "/cgroup.procs", "0") : 0;
}

int memory_cgroup_leave(void)
{
	return is_guest() ? system_write(CGROUP_ROOT "/cgroup.procs", "0") : 0;
}
