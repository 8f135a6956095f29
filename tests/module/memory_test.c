// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the module says of all memory, against what the kernel's own files count: pages in
 * the lists of the CPUs (/proc/zoneinfo), page blocks by migrate type (/proc/pagetypeinfo).
 * Runs in a guest, as root, and speaks TAP.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/device.h"

#define RUNS_MAX	65536
#define ZONES_MAX	8
#define TYPES_MAX	8
#define LISTED_SLACK	24	/* pages that come and go between two looks */

static struct kmemlab_frames runs[RUNS_MAX];
static struct kmemlab_answer answers[KMEMLAB_TRANSLATE_MAX];
static uint64_t inputs[KMEMLAB_TRANSLATE_MAX];
static unsigned int blocks[ZONES_MAX][TYPES_MAX];
static char types[TYPES_MAX][KMEMLAB_NAME_MAX], zones[ZONES_MAX][KMEMLAB_NAME_MAX];
static unsigned int tests, failures;
static int device;

static void ok(bool passed, const char *what)
{
	printf("%sok %u - %s\n", passed ? "" : "not ", ++tests, what);
	failures += !passed;
}

/* Pages that wait in the lists of the CPUs. */
static long listed_pages(void)
{
	FILE *in = fopen("/proc/zoneinfo", "r");
	long sum = 0, count;
	char line[256];

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, " count: %ld", &count) == 1)
			sum += count;
	if (in)
		fclose(in);
	return sum;
}

/* Slabs, which are blocks of several pages, given back: the lists have such then. */
static bool fill_lists(void)
{
	struct kmemlab_hold hold = { .facility = "kmalloc", .object_size = 2048, .objects = 512 };

	return !kmemlab_hold(device, &hold) && !hold.status && !close(hold.fd);
}

static void compare_lists(void)
{
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = RUNS_MAX };
	long told, listed, kept = 0;
	int error;

	memset(runs, 1, sizeof(runs));
	ok(fill_lists() && listed_pages() > 0, "the CPU's lists are filled");
	error = kmemlab_map(device, &map);
	listed = listed_pages();
	for (uint64_t i = 0; i < map.count; i++)
		kept += runs[i].kind == KMEMLAB_PAGE_FREE_CPU ? runs[i].count : 0;
	told = labs(kept - listed);
	printf("# %ld pages are kept for the CPU, /proc/zoneinfo says %ld\n", kept, listed);
	ok(!error && !map.next && kept && told <= LISTED_SLACK,
	   "the map finds the pages in the CPU's lists");
}

static bool read_names(void)
{
	struct kmemlab_name name;

	for (unsigned int i = 0; i < ZONES_MAX; i++) {
		if (!kmemlab_get_zone(device, i, &name))
			strcpy(zones[i], name.name);
		if (!kmemlab_get_migrate_type(device, i, &name))
			strcpy(types[i], name.name);
	}
	return *zones[0] && *types[0];
}

/* A block's second frame: the zone that begins at frame 1 has that one, too. */
static bool count_blocks(uint64_t block_frames)
{
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = RUNS_MAX };
	struct kmemlab_translate ask = {
		.space = KMEMLAB_SPACE_PHYS, .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
	uint64_t end;

	if (!block_frames || kmemlab_map(device, &map) || !map.count)
		return false;
	end = runs[map.count - 1].pfn + runs[map.count - 1].count;
	ask.count = (end + block_frames - 1) / block_frames;
	if (ask.count > KMEMLAB_TRANSLATE_MAX)
		return false;
	for (unsigned int i = 0; i < ask.count; i++)
		inputs[i] = (i * block_frames + 1) * 4096;
	if (kmemlab_translate(device, &ask))
		return false;
	for (unsigned int i = 0; i < ask.count; i++) {
		const struct kmemlab_page *page = &answers[i].page;

		if (page->kind && page->zone < ZONES_MAX && page->migrate_type < TYPES_MAX)
			blocks[page->zone][page->migrate_type]++;
	}
	return true;
}

static unsigned int index_of(char (*names)[KMEMLAB_NAME_MAX], unsigned int count, const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcasecmp(names[i], name))
			return i;
	return count;
}

/* "Node 0, zone DMA 1 7 0 0 0" below "Number of blocks type Unmovable Movable ..." */
static void compare_zone(char *line, const unsigned int *columns, unsigned int count)
{
	char *rest = NULL, *word = strtok_r(line + strlen("Node 0, zone"), " \n", &rest);
	const unsigned int zone = index_of(zones, ZONES_MAX, word ? word : "");
	bool same = zone < ZONES_MAX;

	for (unsigned int i = 0; i < count && same; i++) {
		word = strtok_r(NULL, " \n", &rest);
		same = word && strtoul(word, NULL, 10) == blocks[zone][columns[i]];
	}
	printf("# zone %s: %u unmovable, %u movable, %u reclaimable blocks\n",
	       zone < ZONES_MAX ? zones[zone] : "?", blocks[zone][0], blocks[zone][1],
	       blocks[zone][2]);
	ok(same, "as many blocks of each migrate type as /proc/pagetypeinfo counts");
}

static void compare_types(void)
{
	static const char head[] = "Number of blocks type";
	unsigned int columns[TYPES_MAX], count = 0;
	unsigned long block_frames = 0;
	FILE *in = fopen("/proc/pagetypeinfo", "r");
	bool known = true;
	char line[512];

	while (in && !block_frames && fgets(line, sizeof(line), in))
		sscanf(line, "Pages per block: %lu", &block_frames);
	ok(read_names() && count_blocks(block_frames), "each block of pages is asked for");
	while (in && fgets(line, sizeof(line), in)) {
		if (strncmp(line, head, strlen(head))) {
			if (count && !strncmp(line, "Node ", 5))
				compare_zone(line, columns, count);
			continue;
		}
		for (char *word = strtok(line + strlen(head), " \n"); word && count < TYPES_MAX;
		     word = strtok(NULL, " \n")) {
			columns[count] = index_of(types, TYPES_MAX, word);
			known = known && columns[count++] < TYPES_MAX;
		}
	}
	if (in)
		fclose(in);
	ok(count && known, "every migrate type has the kernel's name");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = kmemlab_open();
	if (device < 0) {
		puts("Bail out! the device is missing");
		return 1;
	}
	compare_lists();
	compare_types();
	printf("1..%u\n", tests);
	return failures > 0;
}
