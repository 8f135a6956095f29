// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compare kmemlab's medians of workload pair with hand-written loops in the module
 * "reference", which run before and after it, for every facility. kmemlab must be at
 * most three instructions outside of the range of the two. The loop for facility
 * "user" is in this file. Also check the cost of verification against its limits.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runner/anon.h"
#include "runner/experiment_run.h"
#include "runner/clock_user.h"
#include "lib/device.h"
#include "tests/tap.h"

#define OBJECTS		2000
#define OVERHEAD_CALLS	1000	/* of as many readings: several timer interrupts */
#define OBJECT_BYTES	32
#define PAGE_BYTES	4096
#define TOLERANCE	3
#define LOOP		"/sys/module/reference/parameters/loop"

struct loop {
	char name[KMEMLAB_NAME_MAX];
	unsigned int alloc, free;
};

static int device;
static uint32_t alloc_samples[OBJECTS], free_samples[OBJECTS];

/* Run the module's loop of this name. Return false if there is none. */
static bool run_reference(const char *name, struct loop *loop)
{
	FILE *file = fopen(LOOP, "w");
	bool done = file && fputs(name, file) >= 0 && !fclose(file);

	strcpy(loop->name, name);
	file = done ? fopen(LOOP, "r") : NULL;
	done = file && fscanf(file, "%u %u", &loop->alloc, &loop->free) == 2 && loop->alloc;
	if (file)
		fclose(file);
	return done;
}

static int compare_samples(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a & KMEMLAB_SAMPLE_VALUE;
	uint32_t y = *(const uint32_t *)b & KMEMLAB_SAMPLE_VALUE;

	return x < y ? -1 : x > y;
}

static unsigned int median(uint32_t *samples, size_t count)
{
	if (!count)
		return 0;
	qsort(samples, count, sizeof(*samples), compare_samples);
	return samples[(count - 1) / 2] & KMEMLAB_SAMPLE_VALUE;
}

static bool within(unsigned int read, unsigned int first, unsigned int second)
{
	unsigned int low = first < second ? first : second;
	unsigned int high = first < second ? second : first;

	return read + TOLERANCE >= low && read <= high + TOLERANCE;
}

static void check_loop(const struct loop *measured, const struct loop *first,
		       const struct loop *second)
{
	bool passed = within(measured->alloc, first->alloc, second->alloc) &&
		     within(measured->free, first->free, second->free);

	ok(passed, "%s: agrees with the reference: alloc %u, reference %u and %u; "
	   "free %u, reference %u and %u",
	   measured->name, measured->alloc, first->alloc, second->alloc,
	       measured->free, first->free, second->free);
}

/* Set objects and repeats so that operations equal those of the loop. */
static void choose_operations(struct kmemlab_experiment *experiment)
{
	if (!strcmp(experiment->facility, "page_packed")) {
		experiment->objects = 1000;	/* fit into one block */
		experiment->repeats = OBJECTS;
	} else if (!strcmp(experiment->facility, "contig")) {
		experiment->objects = 1;	/* range of one page */
		experiment->repeats = 100;
	}
}

static struct loop measure_facility(const char *facility)
{
	struct kmemlab_result result = { 0 };
	struct kmemlab_experiment experiment = {
		.workload = "pair",
		.object_size = OBJECT_BYTES,
		.objects = OBJECTS,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
		.alloc = { (uintptr_t)alloc_samples, OBJECTS },
		.free = { (uintptr_t)free_samples, OBJECTS },
		.result = (uintptr_t)&result,
	};
	struct loop measured = { 0 };

	strcpy(experiment.facility, facility);
	strcpy(measured.name, facility);
	choose_operations(&experiment);
	if (kmemlab_run_experiment(device, &experiment) || result.status) {
		printf("# %s: %s\n", facility, result.reason);
		return measured;
	}
	measured.alloc = median(alloc_samples, experiment.alloc.count);
	measured.free = median(free_samples, experiment.free.count);
	return measured;
}

/* Return the clock overhead, which kmemlab subtracts from samples of "user". */
static unsigned int clock_overhead(void)
{
	for (size_t i = 0; i < OBJECTS; i++) {
		uint32_t start[2];

		clock_user_begin(start);
		alloc_samples[i] = clock_user_since(start, clock_user_end());
	}
	return median(alloc_samples, OBJECTS);
}

static void *map_anonymous(size_t bytes, int flags)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

/*
 * Fault in a page of the process and free it. The cost depends on neighboring mappings,
 * so the samples are mapped in the same order as in kmemlab.
 */
static struct loop run_user_reference(void)
{
	const struct kmemlab_string_counters *counters = kmemlab_map_string_counters(device);
	struct loop loop = { .name = "user" };
	unsigned int overhead = clock_overhead();
	volatile char *page = map_anonymous(PAGE_BYTES, 0);
	uint32_t *allocs = map_anonymous(sizeof(alloc_samples), MAP_POPULATE);
	uint32_t *frees = map_anonymous(sizeof(free_samples), MAP_POPULATE);

	if (page == MAP_FAILED || allocs == MAP_FAILED || frees == MAP_FAILED)
		return loop;
	madvise((void *)page, PAGE_BYTES, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < OBJECTS; i++) {
		uint64_t strings;
		uint32_t start[2];

		strings = clock_user_strings(counters);
		clock_user_begin(start);
		*page = 1;
		allocs[i] = clock_user_since(start, clock_user_end());
		allocs[i] -= (clock_user_strings(counters) - strings) / 2;
		strings = clock_user_strings(counters);
		clock_user_begin(start);
		madvise((void *)page, PAGE_BYTES, MADV_DONTNEED);
		frees[i] = clock_user_since(start, clock_user_end());
		frees[i] -= (clock_user_strings(counters) - strings) / 2;
	}
	loop.alloc = median(allocs, OBJECTS) - overhead;
	loop.free = median(frees, OBJECTS) - overhead;
	munmap((void *)page, PAGE_BYTES);
	munmap(allocs, sizeof(alloc_samples));
	munmap(frees, sizeof(free_samples));
	kmemlab_unmap_string_counters(counters);
	return loop;
}

/* Return the instructions that verifying the objects takes. */
static uint64_t verification_cost(const char *facility, uint64_t size, uint64_t objects)
{
	struct kmemlab_result result = { 0 };
	struct kmemlab_experiment experiment = {
		.workload = "batch",
		.object_size = size,
		.objects = objects,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
		.result = (uintptr_t)&result,
	};

	strcpy(experiment.facility, facility);
	if (kmemlab_run_experiment(device, &experiment) || result.status ||
	    result.verified_bytes != size * objects) {
		printf("# %s: %s\n", facility, result.reason);
		return UINT64_MAX;
	}
	return result.verification_ticks;
}

static void check_limit(const char *facility, uint64_t size, uint64_t objects, uint64_t max)
{
	uint64_t ticks = verification_cost(facility, size, objects);
	bool passed = ticks <= max;

	ok(passed, "verification of %" PRIu64 " %s objects of %" PRIu64 " bytes: %" PRIu64
	   " instructions, %.2f per byte, maximum %" PRIu64,
	   objects, facility, size, ticks, (double)ticks / (size * objects), max);
}

/* Limit: four times the cost of memset and memcmp. */
static void check_large(uint64_t bytes)
{
	static const char *const facilities[] = { "kmalloc", "page", "vmalloc" };
	struct loop loop = { 0 };
	char name[KMEMLAB_NAME_MAX];

	snprintf(name, sizeof(name), "bytes%" PRIu64, bytes);
	run_reference(name, &loop);
	for (unsigned int i = 0; i < sizeof(facilities) / sizeof(*facilities); i++)
		check_limit(facilities[i], bytes, 100, 400ULL * (loop.alloc + loop.free));
}

/* Limit: twelve instructions per byte. */
static void check_small(void)
{
	for (unsigned int size = 8; size <= 512; size *= 2) {
		uint64_t max = 12ULL * OBJECTS * size;

		check_limit("kmalloc", size, OBJECTS, max);
		check_limit("page_packed", size, OBJECTS, max);
	}
}

static void compare_user(void)
{
	static struct experiment_run m = {
		.spec = {
			.facility = "user",
			.workload = "pair",
			.object_size = OBJECT_BYTES,
			.objects = OBJECTS,
			.seed = 1,
			.node = -1,
			.free_cpu = -1,
		},
	};
	struct loop loop = run_user_reference();
	int err = anon_bench(device, &m);
	bool passed = !err && !m.result.status && within(m.alloc.all.p50, loop.alloc, loop.alloc) &&
		     within(m.free.all.p50, loop.free, loop.free);

	ok(passed, "user: agrees with the reference: alloc %" PRIu64 ", reference %u; free %" PRIu64
	   ", reference %u%s%s",
	   m.alloc.all.p50, loop.alloc, m.free.all.p50,
	       loop.free, *m.result.reason ? ": " : "", m.result.reason);
}

/* Run the reference loop once more before, to warm up caches. */
static void compare_facility(const char *facility)
{
	struct loop warmup, first, measured, second;

	if (!run_reference(facility, &warmup) || !run_reference(facility, &first)) {
		ok(false, "%s: has a reference loop", facility);
		return;
	}
	measured = measure_facility(facility);
	run_reference(facility, &second);
	check_loop(&measured, &first, &second);
}

/* Some of the readings are interrupted, which must not change the result. */
static void check_overhead(void)
{
	struct kmemlab_info info;
	unsigned int differing = 0;
	uint32_t first;

	kmemlab_get_info(device, &info);
	first = info.clock_overhead;
	for (unsigned int i = 0; i < OVERHEAD_CALLS; i++) {
		kmemlab_get_info(device, &info);
		differing += info.clock_overhead != first;
	}
	ok(first && !differing, "the clock overhead is always the same");
}

int main(void)
{
	struct kmemlab_facility facility;

	device = kmemlab_open();
	if (device < 0)
		return 1;
	for (uint32_t i = 0; !kmemlab_get_facility(device, i, &facility); i++)
		if (facility.available && strcmp(facility.name, "delay"))
			compare_facility(facility.name);
	check_overhead();
	compare_user();
	check_small();
	check_large(4096);
	check_large(65536);
	kmemlab_close(device);
	return done_testing();
}
