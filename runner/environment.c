// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/environment.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array_size.h"
#include "lib/device.h"
#include "runner/kernel_log.h"
#include "runner/record_fields.h"
#include "runner/record_writer.h"
#include "runner/system.h"

#define MITIGATIONS	"/sys/devices/system/cpu/vulnerabilities"
#define NODES		"/sys/devices/system/node"

/* Add a line of /proc/buddyinfo: "Node 0, zone DMA32  1 0 3 ...". */
static void add_free_blocks(struct environment *environment, char *line)
{
	char *pos = strstr(line, "zone"), *end;
	size_t order;

	if (!pos)
		return;
	pos += strcspn(pos, " ");
	pos += strspn(pos, " ");
	pos += strcspn(pos, " ");
	for (order = 0; order < ENVIRONMENT_ORDERS_MAX; order++, pos = end) {
		uint64_t blocks = strtoull(pos, &end, 10);

		if (end == pos)
			break;
		environment->free_by_order[order] += blocks;
	}
	if (environment->orders < order)
		environment->orders = order;
}

static void add_watermark(struct environment *environment, const char *line)
{
	uint64_t pages;

	if (sscanf(line, " min %" SCNu64, &pages) == 1)
		environment->watermark_min += pages;
	else if (sscanf(line, " low %" SCNu64, &pages) == 1)
		environment->watermark_low += pages;
	else if (sscanf(line, " high %" SCNu64, &pages) == 1)
		environment->watermark_high += pages;
}

void environment_read_initial(struct environment *environment)
{
	FILE *blocks = fopen("/proc/buddyinfo", "re"), *zones = fopen("/proc/zoneinfo", "re");
	char line[512];

	while (blocks && fgets(line, sizeof(line), blocks))
		add_free_blocks(environment, line);
	/* The watermarks of per-CPU lists have a colon and do not match. */
	while (zones && fgets(line, sizeof(line), zones))
		add_watermark(environment, line);
	if (blocks)
		fclose(blocks);
	if (zones)
		fclose(zones);
	environment->taint = kernel_taints();
}

/* Append those words of a line of /proc/cpuinfo for which kernels patch allocation paths. */
static void add_cpu_features(char *features, size_t size, const char *line)
{
	static const char *const names[] = {
		"rep_good", "erms", "fsrm", "fsrs", "fzrm", "smap", "cx16", "popcnt", "pcid",
		"invpcid", "pti",
		"atomics", "mops", "paca", "bti", "mte", "ecv",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char word[16];
		size_t used = strlen(features);

		snprintf(word, sizeof(word), " %s ", names[i]);
		if (strstr(line, word))
			snprintf(features + used, size - used, "%s%s", used ? " " : "", names[i]);
	}
}

static void read_cpu_features(char *features, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[4096];
	int colon = 0;

	while (file && !colon && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = ' ';
		sscanf(line, "flags :%n", &colon);
		sscanf(line, "Features :%n", &colon);
	}
	if (colon)
		add_cpu_features(features, size, line + colon);
	if (file)
		fclose(file);
}

/* Without a model name, as on arm64, use the implementer and part numbers. */
static void read_cpu_model(char *model, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[512], implementer[32] = "", part[32] = "", name[256] = "";

	while (file && !*name && fgets(line, sizeof(line), file)) {
		sscanf(line, "model name : %255[^\n]", name);
		sscanf(line, "CPU implementer : %31s", implementer);
		sscanf(line, "CPU part : %31s", part);
	}
	if (file)
		fclose(file);
	if (!*name && *part)
		snprintf(model, size, "implementer %s, part %s", implementer, part);
	else
		snprintf(model, size, "%s", name);
}

static int is_node(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "node", 4) && strspn(entry->d_name + 4, "0123456789");
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_node(const char *name, struct memory_node *node)
{
	char path[512];

	node->number = strtoul(name + strlen("node"), NULL, 10);
	snprintf(path, sizeof(path), NODES "/%s/cpulist", name);
	sysfs_read_line(path, node->cpus, sizeof(node->cpus));
	snprintf(path, sizeof(path), NODES "/%s/meminfo", name);
	node->memory_bytes = proc_read_kib(path, "Node %*d MemTotal: %" SCNu64);
}

static void read_nodes(struct environment *environment)
{
	struct dirent **entries;
	int count = scandir(NODES, &entries, is_node, versionsort);

	environment->node_count = count < 0 ? NO_COUNT : 0;
	if (count < 0)
		return;
	environment->nodes = calloc(count + 1, sizeof(*environment->nodes));
	for (int i = 0; i < count; i++) {
		if (environment->nodes)
			read_node(entries[i]->d_name,
				  &environment->nodes[environment->node_count++]);
		free(entries[i]);
	}
	free(entries);
}

static void read_mitigations(struct environment *environment)
{
	struct dirent **entries;
	int count = scandir(MITIGATIONS, &entries, is_visible, alphasort);

	if (count < 0)
		return;
	environment->mitigations = calloc(count + 1, sizeof(*environment->mitigations));
	for (int i = 0; i < count; i++) {
		struct mitigation *mitigation;
		char path[512];

		if (environment->mitigations) {
			mitigation = &environment->mitigations[environment->mitigation_count++];
			snprintf(mitigation->name, sizeof(mitigation->name), "%s",
				 entries[i]->d_name);
			snprintf(path, sizeof(path), MITIGATIONS "/%s", entries[i]->d_name);
			sysfs_read_line(path, mitigation->state, sizeof(mitigation->state));
		}
		free(entries[i]);
	}
	free(entries);
}

/* Read the selected mode, in brackets: "always [madvise] never". */
static void read_thp(char *mode)
{
	char line[128], *bracket;

	sysfs_read_line("/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof(line));
	bracket = strchr(line, '[');
	if (bracket)
		sscanf(bracket, "[%31[^]]", mode);
}

static int read_module(struct environment *environment, int device)
{
	struct kmemlab_info *info = &environment->info;
	int err = kmemlab_get_info(device, info);

	if (err)
		return err;
	environment->config = calloc(info->settings + 1, sizeof(*environment->config));
	environment->facilities = calloc(info->facilities + 1, sizeof(*environment->facilities));
	if (!environment->config || !environment->facilities)
		return -ENOMEM;
	for (__u32 i = 0; i < info->settings && !err; i++)
		err = kmemlab_get_kernel_config(device, i, &environment->config[i]);
	for (__u32 i = 0; i < info->facilities && !err; i++) {
		struct kmemlab_facility *facility = &environment->facilities[i];

		err = kmemlab_get_facility(device, i, facility);
		if (facility->object_size_max > INT64_MAX)
			facility->object_size_max = NO_COUNT;
	}
	return err;
}

/* The fallback clock source is the kernel's own clock, whose unit is ns. */
const char *get_clock_unit(const char *plan_clock, const char *source)
{
	return strcmp(source, "ktime") ? plan_clock : "ns";
}

#define READ_LINE(path, member) \
	sysfs_read_line(path, environment->member, sizeof(environment->member))

/* Return the number in a file, or NO_COUNT. */
static uint64_t read_number(const char *path)
{
	char line[32], *end;
	uint64_t number;

	sysfs_read_line(path, line, sizeof(line));
	number = strtoull(line, &end, 10);
	return *line && !*end ? number : NO_COUNT;
}

static void read_clock_counts(struct environment *environment, int device)
{
	const struct kmemlab_string_counters *counters = kmemlab_map_string_counters(device);

	if (counters->magic == KMEMLAB_COUNTERS_MAGIC)
		strcpy(environment->clock_counts, "retired");
	kmemlab_unmap_string_counters(counters);
}

int environment_read(struct environment *environment, int device, const char *plan_clock,
		     const struct self_check *check)
{
	int err = read_module(environment, device);

	if (err)
		return err;
	uname(&environment->uts);
	environment->self_check = *check;
	environment->memory_bytes = proc_read_kib("/proc/meminfo", "MemTotal: %" SCNu64) ?:
				    NO_COUNT;
	environment->taint_delta = kernel_taints() & ~environment->taint;
	snprintf(environment->clock_unit, sizeof(environment->clock_unit), "%s",
		 get_clock_unit(plan_clock, environment->info.clock));
	read_clock_counts(environment, device);
	READ_LINE("/proc/cmdline", cmdline);
	for (__u32 i = 0; i < environment->info.settings; i++)
		kernel_config_read_state(&environment->config[i], environment->cmdline);
	module_read_line("version", environment->module_version,
			 sizeof(environment->module_version));
	module_read_line("srcversion", environment->module_srcversion,
			 sizeof(environment->module_srcversion));
	READ_LINE("/sys/module/page_alloc/parameters/shuffle", page_shuffle);
	environment->kfence_sample_interval = read_number(
		"/sys/module/kfence/parameters/sample_interval");
	read_cpu_model(environment->cpu_model, sizeof(environment->cpu_model));
	read_cpu_features(environment->cpu_features, sizeof(environment->cpu_features));
	read_nodes(environment);
	read_mitigations(environment);
	read_thp(environment->thp);
	return 0;
}

void environment_release(struct environment *environment)
{
	free(environment->config);
	free(environment->facilities);
	free(environment->nodes);
	free(environment->mitigations);
}

void environment_write(FILE *out, const struct environment *environment)
{
	write_record(out, "environment", environment_fields, environment);
}
