// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of settings that the module knows only as built in: files and boot options tell. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/array_size.h"
#include "runner/environment.h"
#include "runner/system.h"

#define SLAB_CACHE	"/sys/kernel/slab/kmalloc-64"

/* Like the kernel, take '-' and '_' for the same character. */
static bool is_parameter(const char *word, const char *name)
{
	for (; *name; word++, name++)
		if ((*word == '-' ? '_' : *word) != *name)
			return false;
	return *word == '=';
}

/* Find the last value of a boot option. Return: its length, or -1 if the option is absent. */
static int find_boot_option(const char *cmdline, const char *name, const char **value)
{
	int length = -1;

	for (const char *word = cmdline; *word; word += strspn(word, " ")) {
		size_t size = strcspn(word, " ");

		if (is_parameter(word, name)) {
			*value = word + strlen(name) + 1;
			length = size - strlen(name) - 1;
		}
		word += size;
	}
	return length;
}

/* Like kstrtobool(). Return: -1 if the option is absent or has another value. */
static int read_boot_flag(const char *cmdline, const char *name)
{
	const char *value;
	int length = find_boot_option(cmdline, name, &value);

	if (length < 1)
		return -1;
	if (strchr("yY1tT", value[0]) || (length > 1 && !strncasecmp(value, "on", 2)))
		return 1;
	return strchr("nN0fF", value[0]) || (length > 1 && !strncasecmp(value, "of", 2)) ? 0 : -1;
}

/* A list of caches is quoted; otherwise one cache stands for all. */
static void read_slub_debug(const char *cmdline, char *state, size_t size)
{
	static const struct {
		const char *file;
		char letter;
	} flags[] = {
		{ SLAB_CACHE "/sanity_checks", 'F' }, { SLAB_CACHE "/red_zone", 'Z' },
		{ SLAB_CACHE "/poison", 'P' }, { SLAB_CACHE "/store_user", 'U' },
		{ SLAB_CACHE "/trace", 'T' },
	};
	const char *value;
	int length = find_boot_option(cmdline, "slub_debug", &value);
	size_t count = 0;
	char line[8];

	if (length < 0)
		length = find_boot_option(cmdline, "slab_debug", &value);
	if (length > 0 && memchr(value, ',', length)) {
		snprintf(state, size, "%.*s", length, value);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags) && count + 1 < size; i++) {
		sysfs_read_line(flags[i].file, line, sizeof(line));
		if (line[0] == '1')
			state[count++] = flags[i].letter;
	}
	snprintf(state + count, size - count, "%s", count ? "" : "off");
}

/* Some kernels have per-CPU partial slabs only if the number of objects is not 0. */
static void read_cpu_partial(char *state, size_t size)
{
	char line[32];

	sysfs_read_line(SLAB_CACHE "/cpu_partial", line, sizeof(line));
	if (*line)
		snprintf(state, size, "%.15s", strcmp(line, "0") ? line : "off");
}

/* Settings that are off if a file has a text. */
static const struct {
	const char *name, *path, *off;
} files[] = {
	{ "kfence", "/sys/module/kfence/parameters/sample_interval", "0" },
	{ "thp", "/sys/kernel/mm/transparent_hugepage/enabled", "[never]" },
	{ "page_shuffle", "/sys/module/page_alloc/parameters/shuffle", "N" },
	{ "mem_profiling", "/proc/sys/vm/mem_profiling", "0" },
};

/* Settings that boot options switch. */
static const struct {
	const char *name, *option;
	bool is_on;			/* without the option */
} boot_flags[] = {
	{ "hardened_usercopy", "hardened_usercopy", true },
	{ "kmemleak", "kmemleak", true },
	{ "kstack_offset", "randomize_kstack_offset", true },
	{ "page_owner", "page_owner", false },
	{ "page_table_check", "page_table_check", false },
};

static bool is_off(const char *name, const char *cmdline)
{
	const char *value;
	int length;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char line[128];

		if (strcmp(files[i].name, name))
			continue;
		sysfs_read_line(files[i].path, line, sizeof(line));
		return !strcmp(line, files[i].off) || (*files[i].off == '[' &&
						       strstr(line, files[i].off));
	}
	for (size_t i = 0; i < ARRAY_SIZE(boot_flags); i++) {
		if (strcmp(boot_flags[i].name, name))
			continue;
		length = read_boot_flag(cmdline, boot_flags[i].option);
		return length < 0 ? !boot_flags[i].is_on : !length;
	}
	length = find_boot_option(cmdline, "numa", &value);
	return !strcmp(name, "numa") && length == 3 && !strncmp(value, "off", 3);
}

void kernel_config_read_state(struct kmemlab_kernel_config *setting, const char *cmdline)
{
	const char *value;
	int length = find_boot_option(cmdline, "cgroup.memory", &value);

	if (strcmp(setting->value, "on"))
		return;
	if (!strcmp(setting->name, "slub_debug"))
		read_slub_debug(cmdline, setting->value, sizeof(setting->value));
	else if (!strcmp(setting->name, "slub_cpu_partial"))
		read_cpu_partial(setting->value, sizeof(setting->value));
	else if (!strcmp(setting->name, "memcg") && length > 0 &&
		 memmem(value, length, "nokmem", strlen("nokmem")))
		strcpy(setting->value, "nokmem");
	else if (is_off(setting->name, cmdline))
		strcpy(setting->value, "off");
}
