// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares kmemlab's medians of workload pair with those of hand-written loops
 * in the module reference, for every facility: before, and after. Where the two
 * agree, kmemlab must be within three instructions of them; else no further off
 * than they are from each other. Facility user, which is no kernel's call, has
 * its loop here. And what proving objects costs is compared with its bounds.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "exec/user.h"
#include "exec/user_clock.h"
#include "lib/device.h"

#define OBJECTS		2000
#define OBJECT_BYTES	32
#define PAGE_BYTES	4096
#define ALLOWED		3
#define LOOP		"/sys/module/reference/parameters/loop"

struct loop {
	char name[KMEMLAB_NAME_MAX];
	unsigned int alloc, free;
};

static int device;
static unsigned int tests, failures;
static uint32_t alloc_samples[OBJECTS], free_samples[OBJECTS];

/* What the module's loop of this name costs; false where it has none. */
static bool by_hand(const char *name, struct loop *loop)
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

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a & KMEMLAB_SAMPLE_VALUE;
	uint32_t y = *(const uint32_t *)b & KMEMLAB_SAMPLE_VALUE;

	return x < y ? -1 : x > y;
}

static unsigned int median(uint32_t *samples, size_t count)
{
	if (!count)
		return 0;
	qsort(samples, count, sizeof(*samples), compare);
	return samples[(count - 1) / 2] & KMEMLAB_SAMPLE_VALUE;
}

static bool within(unsigned int read, unsigned int first, unsigned int second)
{
	unsigned int low = first < second ? first : second;
	unsigned int high = first < second ? second : first;

	return read + ALLOWED >= low && read <= high + ALLOWED;
}

static void judge(const struct loop *read, const struct loop *first, const struct loop *second)
{
	bool right = within(read->alloc, first->alloc, second->alloc) &&
		     within(read->free, first->free, second->free);

	failures += !right;
	printf("%sok %u - %s: alloc %u, by hand %u and %u; free %u, by hand %u and %u\n",
	       right ? "" : "not ", ++tests, read->name, read->alloc, first->alloc, second->alloc,
	       read->free, first->free, second->free);
}

/* Objects and repeats with which the operations are those of the loop. */
static void choose_operations(struct kmemlab_experiment *experiment)
{
	if (!strcmp(experiment->facility, "page_packed")) {
		experiment->objects = 1000;	/* in one block */
		experiment->repeats = OBJECTS;
	} else if (!strcmp(experiment->facility, "contig")) {
		experiment->objects = 1;	/* a run of one page */
		experiment->repeats = 100;
	}
}

static struct loop measure_with(const char *facility)
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
	struct loop read = { 0 };

	strcpy(experiment.facility, facility);
	strcpy(read.name, facility);
	choose_operations(&experiment);
	if (kmemlab_run_experiment(device, &experiment) || result.status) {
		printf("# %s: %s\n", facility, result.reason);
		return read;
	}
	read.alloc = median(alloc_samples, experiment.alloc.count);
	read.free = median(free_samples, experiment.free.count);
	return read;
}

/* What two reads of the clock cost is in the loop's samples, and not in user's. */
static unsigned int two_reads(void)
{
	for (size_t i = 0; i < OBJECTS; i++) {
		uint32_t start[2];

		user_clock_begin(start);
		alloc_samples[i] = user_clock_since(start, user_clock_end());
	}
	return median(alloc_samples, OBJECTS);
}

static void *map_anonymous(size_t bytes, int flags)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

/*
 * A page of a process: touched, given back. What the kernel does for that depends on
 * what else is mapped beside it: room for the samples, in the order in which kmemlab maps it.
 */
static struct loop user_by_hand(void)
{
	struct loop loop = { .name = USER_FACILITY };
	unsigned int reads = two_reads();
	volatile char *page = map_anonymous(PAGE_BYTES, 0);
	uint32_t *allocs = map_anonymous(sizeof(alloc_samples), MAP_POPULATE);
	uint32_t *frees = map_anonymous(sizeof(free_samples), MAP_POPULATE);

	if (page == MAP_FAILED || allocs == MAP_FAILED || frees == MAP_FAILED)
		return loop;
	madvise((void *)page, PAGE_BYTES, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < OBJECTS; i++) {
		uint32_t start[2];

		user_clock_begin(start);
		*page = 1;
		allocs[i] = user_clock_since(start, user_clock_end());
		user_clock_begin(start);
		madvise((void *)page, PAGE_BYTES, MADV_DONTNEED);
		frees[i] = user_clock_since(start, user_clock_end());
	}
	loop.alloc = median(allocs, OBJECTS) - reads;
	loop.free = median(frees, OBJECTS) - reads;
	munmap((void *)page, PAGE_BYTES);
	munmap(allocs, sizeof(alloc_samples));
	munmap(frees, sizeof(free_samples));
	return loop;
}

/* Instructions that proving this many objects takes, all the instrument's own. */
static uint64_t prove(const char *facility, uint64_t size, uint64_t objects)
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

static void bound(const char *facility, uint64_t size, uint64_t objects, uint64_t most)
{
	uint64_t ticks = prove(facility, size, objects);
	bool right = ticks <= most;

	failures += !right;
	printf("%sok %u - %" PRIu64 " objects of %s, %" PRIu64 " bytes, proved in %" PRIu64
	       " instructions, %.2f a byte; %" PRIu64 " are allowed\n", right ? "" : "not ", ++tests,
	       objects, facility, size, ticks, (double)ticks / (size * objects), most);
}

/* Four times what memset and memcmp take for as much. */
static void bound_large(uint64_t bytes)
{
	static const char *const facilities[] = { "kmalloc", "page", "vmalloc" };
	struct loop loop = { 0 };
	char name[KMEMLAB_NAME_MAX];

	snprintf(name, sizeof(name), "bytes%" PRIu64, bytes);
	by_hand(name, &loop);
	for (unsigned int i = 0; i < sizeof(facilities) / sizeof(*facilities); i++)
		bound(facilities[i], bytes, 100, 400ULL * (loop.alloc + loop.free));
}

/* Twelve instructions a byte of small objects. */
static void bound_small(void)
{
	for (unsigned int size = 8; size <= 512; size *= 2) {
		uint64_t most = 12ULL * OBJECTS * size;

		bound("kmalloc", size, OBJECTS, most);
		bound("page_packed", size, OBJECTS, most);
	}
}

static void compare_user(void)
{
	struct experiment_spec spec = {
		.facility = USER_FACILITY,
		.workload = "pair",
		.object_size = OBJECT_BYTES,
		.objects = OBJECTS,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
	};
	static struct measurement m;
	struct loop loop = user_by_hand();
	int error = user_measure(device, &spec, &m);
	bool right = !error && !m.result.status && within(m.alloc.all.p50, loop.alloc, loop.alloc) &&
		     within(m.free.all.p50, loop.free, loop.free);

	failures += !right;
	printf("%sok %u - user: alloc %" PRIu64 ", by hand %u; free %" PRIu64 ", by hand %u%s%s\n",
	       right ? "" : "not ", ++tests, m.alloc.all.p50, loop.alloc, m.free.all.p50,
	       loop.free, *m.result.reason ? ": " : "", m.result.reason);
}

/* The module's loop first: what the first of two finds cold, the loop pays for. */
static void compare_facility(const char *facility)
{
	struct loop cold, first, read, second;

	if (!by_hand(facility, &cold) || !by_hand(facility, &first)) {
		failures++;
		printf("not ok %u - %s has a loop by hand\n", ++tests, facility);
		return;
	}
	read = measure_with(facility);
	by_hand(facility, &second);
	judge(&read, &first, &second);
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
	compare_user();
	bound_small();
	bound_large(4096);
	bound_large(65536);
	printf("1..%u\n", tests);
	kmemlab_close(device);
	return failures > 0;
}
