// SPDX-License-Identifier: GPL-2.0-or-later
#include "system_state.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "first_line.h"

#define MITIGATIONS	"/sys/devices/system/cpu/vulnerabilities"
#define NODES		"/sys/devices/system/node"

/* "Node 0, zone DMA32  1 0 3 ..." */
static void add_free_blocks(struct system_state *state, char *line)
{
	char *at = strstr(line, "zone"), *end;
	size_t order;

	if (!at)
		return;
	at += strcspn(at, " ");
	at += strspn(at, " ");
	at += strcspn(at, " ");
	for (order = 0; order < STATE_ORDERS_MAX; order++, at = end) {
		uint64_t blocks = strtoull(at, &end, 10);

		if (end == at)
			break;
		state->free_by_order[order] += blocks;
	}
	if (state->orders < order)
		state->orders = order;
}

static void add_watermark(struct system_state *state, const char *line)
{
	uint64_t pages;

	if (sscanf(line, " min %" SCNu64, &pages) == 1)
		state->min_pages += pages;
	else if (sscanf(line, " low %" SCNu64, &pages) == 1)
		state->low_pages += pages;
	else if (sscanf(line, " high %" SCNu64, &pages) == 1)
		state->high_pages += pages;
}

void system_state_read(struct system_state *state)
{
	FILE *blocks = fopen("/proc/buddyinfo", "re"), *zones = fopen("/proc/zoneinfo", "re");
	char line[512];

	memset(state, 0, sizeof(*state));
	while (blocks && fgets(line, sizeof(line), blocks))
		add_free_blocks(state, line);
	/* The lists of each CPU have watermarks of their own, with a colon. */
	while (zones && fgets(line, sizeof(line), zones))
		add_watermark(state, line);
	if (blocks)
		fclose(blocks);
	if (zones)
		fclose(zones);
}

static void write_text(struct record_writer *w, const char *key, const char *text)
{
	if (*text)
		writer_string(w, key, text);
	else
		writer_null(w, key);
}

/* Where the kernel has no name for it, as on arm64, who made it and which part it is. */
static void write_cpu_model(struct record_writer *w)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[512], maker[32] = "", part[32] = "", model[256] = "";

	while (file && !*model && fgets(line, sizeof(line), file)) {
		sscanf(line, "model name : %255[^\n]", model);
		sscanf(line, "CPU implementer : %31s", maker);
		sscanf(line, "CPU part : %31s", part);
	}
	if (file)
		fclose(file);
	if (!*model && *part)
		snprintf(model, sizeof(model), "implementer %s, part %s", maker, part);
	write_text(w, "cpu_model", model);
}

static int is_node(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "node", 4) && strspn(entry->d_name + 4, "0123456789");
}

static int is_plain(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static uint64_t node_bytes(const char *name)
{
	char path[512], line[256];
	uint64_t kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), NODES "/%s/meminfo", name);
	file = fopen(path, "re");
	while (file && !kib && fgets(line, sizeof(line), file))
		sscanf(line, "Node %*d MemTotal: %" SCNu64, &kib);
	if (file)
		fclose(file);
	return kib << 10;
}

static void write_node(struct record_writer *w, const char *name)
{
	char path[512], cpus[256];

	snprintf(path, sizeof(path), NODES "/%s/cpulist", name);
	read_first_line(path, cpus, sizeof(cpus));
	writer_open(w, NULL, '{');
	writer_unsigned(w, "node", strtoul(name + strlen("node"), NULL, 10));
	writer_string(w, "cpus", cpus);
	writer_unsigned(w, "memory_bytes", node_bytes(name));
	writer_close(w, '}');
}

static void write_nodes(struct record_writer *w)
{
	struct dirent **entries;
	int i, count = scandir(NODES, &entries, is_node, versionsort);

	if (count < 0) {
		writer_null(w, "nodes");
		return;
	}
	writer_unsigned(w, "nodes", count);
	writer_open(w, "node_layout", '[');
	for (i = 0; i < count; i++) {
		write_node(w, entries[i]->d_name);
		free(entries[i]);
	}
	writer_close(w, ']');
	free(entries);
}

/* What a kernel that has page shuffling and KFENCE does with them. */
static void write_module_parameter(struct record_writer *w, const char *key, const char *path)
{
	char line[64];

	read_first_line(path, line, sizeof(line));
	write_text(w, key, line);
}

/* "always [madvise] never": the word in brackets. */
static void write_thp(struct record_writer *w)
{
	char line[128], mode[32] = "", *bracket;

	read_first_line("/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof(line));
	bracket = strchr(line, '[');
	if (bracket)
		sscanf(bracket, "[%31[^]]", mode);
	write_text(w, "thp", mode);
}

static void write_mitigations(struct record_writer *w)
{
	struct dirent **entries;
	int i, count = scandir(MITIGATIONS, &entries, is_plain, alphasort);

	writer_open(w, "mitigations", '{');
	for (i = 0; i < count; i++) {
		char path[512], line[256];

		snprintf(path, sizeof(path), MITIGATIONS "/%s", entries[i]->d_name);
		read_first_line(path, line, sizeof(line));
		write_text(w, entries[i]->d_name, line);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	writer_close(w, '}');
}

void system_state_write(const struct system_state *state, struct record_writer *w)
{
	size_t i;

	writer_open(w, "system", '{');
	write_cpu_model(w);
	write_nodes(w);
	write_thp(w);
	write_module_parameter(w, "page_shuffle", "/sys/module/page_alloc/parameters/shuffle");
	write_module_parameter(w, "kfence_sample_interval",
			       "/sys/module/kfence/parameters/sample_interval");
	write_mitigations(w);
	writer_unsigned(w, "watermark_min_pages", state->min_pages);
	writer_unsigned(w, "watermark_low_pages", state->low_pages);
	writer_unsigned(w, "watermark_high_pages", state->high_pages);
	writer_open(w, "free_by_order", '[');
	for (i = 0; i < state->orders; i++)
		writer_unsigned(w, NULL, state->free_by_order[i]);
	writer_close(w, ']');
	writer_close(w, '}');
}
