// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compare the module's physical map with the kernel's own counts: pages in the per-CPU
 * lists (/proc/zoneinfo), and page blocks by migrate type (/proc/pagetypeinfo). Runs as
 * root in a guest; prints TAP.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/device.h"
#include "tests/tap.h"

#define RUNS_MAX	65536
#define ZONES_MAX	8
#define TYPES_MAX	8
#define LISTED_SLACK	24	/* pages that may change between two reads */

static struct kmemlab_frames runs[RUNS_MAX];
static struct kmemlab_lookup answers[KMEMLAB_TRANSLATE_MAX];
static uint64_t inputs[KMEMLAB_TRANSLATE_MAX];
static unsigned int blocks[ZONES_MAX][TYPES_MAX];
static char types[TYPES_MAX][KMEMLAB_NAME_MAX], zones[ZONES_MAX][KMEMLAB_NAME_MAX];
static int device;

/* Return the number of free pages in the per-CPU lists. */
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

/* Free slabs, so that the lists contain blocks of several pages. */
static bool fill_lists(void)
{
	struct kmemlab_hold hold = { .facility = "kmalloc", .object_size = 2048, .objects = 512 };

	return !kmemlab_hold(device, &hold) && !hold.status && !close(hold.fd);
}

static void compare_lists(void)
{
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = RUNS_MAX };
	long difference, listed, mapped = 0;
	int err;

	memset(runs, 1, sizeof(runs));
	ok(fill_lists() && listed_pages() > 0, "per-CPU lists: have pages after slabs were freed");
	err = kmemlab_map(device, &map);
	listed = listed_pages();
	for (uint64_t i = 0; i < map.count; i++)
		mapped += runs[i].kind == KMEMLAB_PAGE_FREE_CPU ? runs[i].count : 0;
	difference = labs(mapped - listed);
	printf("# per-CPU lists: %ld pages in the map, %ld in /proc/zoneinfo\n", mapped, listed);
	ok(!err && !map.next && mapped && difference <= LISTED_SLACK,
	   "physical map: agrees with /proc/zoneinfo on the per-CPU lists");
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

/* Use the second frame of each block, because a zone may start at frame 1. */
static bool count_blocks(uint64_t block_frames)
{
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = RUNS_MAX };
	struct kmemlab_translate args = {
		.space = KMEMLAB_SPACE_PHYS, .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
	uint64_t end;

	if (!block_frames || kmemlab_map(device, &map) || !map.count)
		return false;
	end = runs[map.count - 1].pfn + runs[map.count - 1].count;
	args.count = (end + block_frames - 1) / block_frames;
	if (args.count > KMEMLAB_TRANSLATE_MAX)
		return false;
	for (unsigned int i = 0; i < args.count; i++)
		inputs[i] = (i * block_frames + 1) * 4096;
	if (kmemlab_translate(device, &args))
		return false;
	for (unsigned int i = 0; i < args.count; i++) {
		const struct kmemlab_page *page = &answers[i].page;

		if (page->kind && page->zone < ZONES_MAX && page->migrate_type < TYPES_MAX)
			blocks[page->zone][page->migrate_type]++;
	}
	return true;
}

static unsigned int find_name(char (*names)[KMEMLAB_NAME_MAX], unsigned int count, const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcasecmp(names[i], name))
			return i;
	return count;
}

/* Parse "Node 0, zone DMA 1 7 0 0 0", after "Number of blocks type Unmovable Movable ...". */
static void compare_zone(char *line, const unsigned int *columns, unsigned int count)
{
	char *rest = NULL, *word = strtok_r(line + strlen("Node 0, zone"), " \n", &rest);
	const unsigned int zone = find_name(zones, ZONES_MAX, word ? word : "");
	bool same = zone < ZONES_MAX;

	for (unsigned int i = 0; i < count && same; i++) {
		word = strtok_r(NULL, " \n", &rest);
		same = word && strtoul(word, NULL, 10) == blocks[zone][columns[i]];
	}
	printf("# zone %s: %u unmovable, %u movable, %u reclaimable blocks\n",
	       zone < ZONES_MAX ? zones[zone] : "?", blocks[zone][0], blocks[zone][1],
	       blocks[zone][2]);
	ok(same, "zone %s: agrees with /proc/pagetypeinfo on blocks by migrate type",
	   zone < ZONES_MAX ? zones[zone] : "?");
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
	ok(read_names() && count_blocks(block_frames), "page blocks: all are translated");
	while (in && fgets(line, sizeof(line), in)) {
		if (strncmp(line, head, strlen(head))) {
			if (count && !strncmp(line, "Node ", 5))
				compare_zone(line, columns, count);
			continue;
		}
		for (char *word = strtok(line + strlen(head), " \n"); word && count < TYPES_MAX;
		     word = strtok(NULL, " \n")) {
			columns[count] = find_name(types, TYPES_MAX, word);
			known = known && columns[count++] < TYPES_MAX;
		}
	}
	if (in)
		fclose(in);
	ok(count && known, "migrate types: have the names of /proc/pagetypeinfo");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = kmemlab_open();
	if (device < 0) {
		puts("Bail out! cannot open the device");
		return 1;
	}
	compare_lists();
	compare_types();
	return done_testing();
}
