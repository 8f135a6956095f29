// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares kmemlab's medians of workload pair with those of hand-written loops:
 *
 *   reference_test FIRST SECOND
 *
 * are the loops' medians, as "NAME ALLOC FREE" a line, from before and after.
 * Where the two agree, kmemlab must be within three instructions of them; else
 * no further off than they are from each other.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/device.h"

#define OBJECTS		2000
#define ALLOWED		3
#define LOOPS_MAX	64

struct loop {
	char name[KMEMLAB_NAME_MAX];
	unsigned int alloc, free;
};

static int device;
static unsigned int tests, failures;
static uint32_t alloc_samples[OBJECTS], free_samples[OBJECTS];

static unsigned int read_loops(const char *path, struct loop *loops)
{
	FILE *in = fopen(path, "r");
	unsigned int count = 0;

	while (in && count < LOOPS_MAX &&
	       fscanf(in, "%31s %u %u", loops[count].name, &loops[count].alloc,
		      &loops[count].free) == 3)
		count++;
	if (in)
		fclose(in);
	return count;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a & KMEMLAB_SAMPLE_VALUE;
	uint32_t y = *(const uint32_t *)b & KMEMLAB_SAMPLE_VALUE;

	return x < y ? -1 : x > y;
}

static unsigned int median(uint32_t *samples)
{
	qsort(samples, OBJECTS, sizeof(*samples), compare);
	return samples[OBJECTS / 2 - 1] & KMEMLAB_SAMPLE_VALUE;
}

static bool within(unsigned int read, unsigned int first, unsigned int second)
{
	unsigned int low = first < second ? first : second;
	unsigned int high = first < second ? second : first;

	return read + ALLOWED >= low && read <= high + ALLOWED;
}

static void compare_with(const struct loop *first, const struct loop *second)
{
	struct kmemlab_result result = { 0 };
	struct kmemlab_experiment experiment = {
		.workload = "pair",
		.object_size = 32,
		.objects = OBJECTS,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
		.alloc = { (uintptr_t)alloc_samples, OBJECTS },
		.free = { (uintptr_t)free_samples, OBJECTS },
		.result = (uintptr_t)&result,
	};
	unsigned int alloc, free;
	bool right;

	strcpy(experiment.facility, first->name);
	right = !kmemlab_run_experiment(device, &experiment) && !result.status;
	alloc = median(alloc_samples);
	free = median(free_samples);
	right = right && !strcmp(first->name, second->name) &&
		within(alloc, first->alloc, second->alloc) &&
		within(free, first->free, second->free);
	failures += !right;
	printf("%sok %u - %s: alloc %u, by hand %u and %u; free %u, by hand %u and %u\n",
	       right ? "" : "not ", ++tests, first->name, alloc, first->alloc, second->alloc, free,
	       first->free, second->free);
}

int main(int argc, char **argv)
{
	struct loop first[LOOPS_MAX], second[LOOPS_MAX];
	unsigned int count, i;

	device = kmemlab_open();
	if (argc != 3 || device < 0)
		return 1;
	count = read_loops(argv[1], first);
	if (!count || read_loops(argv[2], second) != count)
		return 1;
	for (i = 0; i < count; i++)
		compare_with(&first[i], &second[i]);
	printf("1..%u\n", tests);
	kmemlab_close(device);
	return failures > 0;
}
