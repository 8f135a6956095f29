// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each facility at its limits. Runs as root in a guest with the module loaded; prints
 * TAP. "few": use fewer objects; "table": print the table of docs/facilities.md instead.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/device.h"
#include "tests/tap.h"

#define OBJECTS		2000
#define FEW_OBJECTS	150

static uint64_t object_count = OBJECTS;
static int device;
static uint32_t alloc_samples[OBJECTS], free_samples[OBJECTS];

static void ok_facility(bool passed, const struct kmemlab_facility *facility, const char *name,
			const char *reason)
{
	ok(passed, "%s: %s%s%s", facility->name, name, *reason ? ": " : "", reason);
}

static struct kmemlab_experiment request(const struct kmemlab_facility *facility,
					 const char *workload, const char *gfp, uint64_t size,
					 uint64_t objects, struct kmemlab_result *result)
{
	struct kmemlab_experiment experiment = {
		.object_size = size,
		.objects = objects,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
		.alloc = { (uintptr_t)alloc_samples, OBJECTS },
		.free = { (uintptr_t)free_samples, OBJECTS },
		.result = (uintptr_t)result,
	};

	memset(result, 0, sizeof(*result));
	strcpy(experiment.facility, facility->name);
	strcpy(experiment.workload, workload);
	strcpy(experiment.gfp, gfp);
	return experiment;
}

static int run_experiment(const struct kmemlab_facility *facility, const char *workload,
		     const char *gfp, uint64_t size, uint64_t objects,
		     struct kmemlab_result *result)
{
	struct kmemlab_experiment experiment = request(facility, workload, gfp, size, objects,
						       result);

	return kmemlab_run_experiment(device, &experiment);
}

/* Return true if every byte of every copy was verified without a mismatch. */
static bool is_verified(const struct kmemlab_facility *facility, const struct kmemlab_result *r,
		   uint64_t size, uint64_t objects)
{
	return r->status == KMEMLAB_STATUS_OK && r->verified_objects == objects &&
	       r->verified_bytes == objects * size * facility->copies && !r->mismatched_bytes &&
	       !r->route_mismatches && !r->misaligned && r->routes;
}

/* Sizes that exceed the budget are skipped with that reason; all others must work. */
static void expect_verified(const struct kmemlab_facility *facility, uint64_t size,
			    uint64_t objects)
{
	static const char *const workloads[] = { "pair", "batch" };
	struct kmemlab_result result;
	char name[96];

	for (int i = 0; i < 2; i++) {
		bool passed;

		snprintf(name, sizeof(name), "%s of %" PRIu64 " objects of %" PRIu64 " bytes is verified",
			 workloads[i], objects, size);
		passed = !run_experiment(facility, workloads[i], "kernel", size, objects, &result) &&
			(is_verified(facility, &result, size, objects) ||
			 (size > 65536 && result.status == KMEMLAB_STATUS_SKIPPED &&
			  result.reason_code == KMEMLAB_REASON_BUDGET));
		ok_facility(passed, facility, name, result.reason);
	}
}

/* The kernel serves ranges of one and of several blocks of the largest order. */
static void expect_ranges_of_blocks(const struct kmemlab_facility *facility)
{
	static const uint64_t sizes[] = { 4 << 20, (4 << 20) + 1, 8 << 20, (12 << 20) - 100 };
	struct kmemlab_result result;

	for (int i = 0; i < 4; i++) {
		bool passed = !run_experiment(facility, "batch", "kernel", sizes[i], 2, &result) &&
			      is_verified(facility, &result, sizes[i], 2) &&
			      result.contiguous_objects == 2;
		char name[96];

		snprintf(name, sizeof(name), "two ranges of %" PRIu64 " bytes are contiguous",
			 sizes[i]);
		ok_facility(passed, facility, name, result.reason);
	}
}

static void expect_skipped(const struct kmemlab_facility *facility, const char *name,
			   const char *gfp, uint64_t size, const char *reason)
{
	struct kmemlab_result result;
	int err = run_experiment(facility, "batch", gfp, size, 1, &result);

	ok_facility(!err && result.status == KMEMLAB_STATUS_SKIPPED &&
		    strstr(result.reason, reason),
		    facility, name, result.reason);
}

static bool is_skipped(struct kmemlab_experiment *experiment, struct kmemlab_result *result,
		    const char *reason)
{
	return !kmemlab_run_experiment(device, experiment) &&
	       result->status == KMEMLAB_STATUS_SKIPPED && strstr(result->reason, reason);
}

/* Alignment to a cache line: only page_frag cannot guarantee it. */
static void test_alignment(const struct kmemlab_facility *f)
{
	struct kmemlab_result result;
	struct kmemlab_experiment experiment = request(f, "batch", "kernel", 64, 500, &result);

	experiment.align = 64;
	if (!strcmp(f->name, "page_frag"))
		ok_facility(is_skipped(&experiment, &result, "aligns objects of 64 bytes to"), f,
			    "alignment to 64 bytes is skipped", result.reason);
	else
		ok_facility(!kmemlab_run_experiment(device, &experiment) &&
			    is_verified(f, &result, 64, 500), f, "objects are aligned to 64 bytes", result.reason);
	experiment = request(f, "batch", "kernel", 64, 500, &result);
	experiment.align = 48;
	ok_facility(is_skipped(&experiment, &result, "power of two"), f,
		    "alignment to 48 bytes is skipped", result.reason);
	experiment.align = 0;
	experiment.node = 0;
	ok_facility(is_skipped(&experiment, &result, "a node cannot be selected"), f,
		    "an experiment on a NUMA node is skipped", result.reason);
}

static void test_facility(const struct kmemlab_facility *f)
{
	uint64_t few = f->object_size_max > 4096 ? 4096 : f->object_size_max;
	struct kmemlab_result result;

	if (!f->available) {
		ok_facility(*f->reason, f, "the reason of being unavailable is reported", f->reason);
		expect_skipped(f, "an experiment is skipped if the facility is unavailable",
			       "kernel", 32, "is unavailable");
		return;
	}
	expect_verified(f, f->object_size_min, 1);
	expect_verified(f, f->object_size_min, object_count);
	expect_verified(f, 32, object_count);
	expect_verified(f, 33, object_count);
	expect_verified(f, few, object_count);
	if (f->object_size_max > 5000)
		expect_verified(f, 5000, object_count / 4);
	expect_verified(f, f->object_size_max, 1);
	if (!strcmp(f->name, "contig"))
		expect_ranges_of_blocks(f);
	test_alignment(f);
	if (f->object_size_max < UINT64_MAX)
		expect_skipped(f, "an object one byte larger than the maximum is skipped",
			       "kernel", f->object_size_max + 1,
			       "allocates objects of");
	if (f->capabilities & KMEMLAB_CAP_ATOMIC)
		ok_facility(!run_experiment(f, "pair", "atomic", 32, 100, &result) &&
			    is_verified(f, &result, 32, 100), f,
			    "objects allocated without sleeping are verified", result.reason);
	else
		expect_skipped(f, "an experiment without sleeping is skipped", "atomic", 32, "may sleep");
}

static void test_all(void)
{
	struct kmemlab_facility facility;
	struct kmemlab_info info;

	for (uint32_t i = 0; !kmemlab_get_facility(device, i, &facility); i++)
		if (!(facility.capabilities & KMEMLAB_CAP_CALIBRATION))
			test_facility(&facility);
	kmemlab_get_info(device, &info);
	ok(!info.live_bytes && !info.reserved_pages,
	   "all facilities: no memory is held or reserved at the end");
}

static void print_bytes(uint64_t bytes)
{
	static const char *const units[] = { "", " KiB", " MiB", " GiB" };
	unsigned int unit = 0;

	while (unit < 3 && bytes && !(bytes & 1023)) {
		bytes >>= 10;
		unit++;
	}
	printf("%" PRIu64 "%s", bytes, units[unit]);
}

/* Limits that depend on the memory of the machine are not printed as numbers. */
static void print_largest(const struct kmemlab_facility *f)
{
	if (f->object_size_max > 1 << 26)
		printf("memory size");
	else
		print_bytes(f->object_size_max);
}

static void print_row(const struct kmemlab_facility *f)
{
	if (!f->available) {
		printf("| %s | not available: %s | | | | | | |\n", f->name, f->reason);
		return;
	}
	printf("| %s | %" PRIu64 " to ", f->name, (uint64_t)f->object_size_min);
	print_largest(f);
	printf(" | %u | %s | %s | %s | ", f->alignment,
	       f->capabilities & KMEMLAB_CAP_ATOMIC ? "depends on gfp" : "yes",
	       f->capabilities & KMEMLAB_CAP_CONTIGUOUS ? "yes" : "within pages",
	       f->capabilities & KMEMLAB_CAP_SET_CONTIGUOUS ? "per operation" : "no");
	if (f->physical_limit)
		print_bytes(f->physical_limit);
	else
		printf("depends on gfp");
	printf(" | %s |\n", f->idle);
}

static void print_table(void)
{
	struct kmemlab_facility facility;

	printf("| facility | object, bytes | aligned to | may sleep | object contiguous | set contiguous | physical limit | idle cost |\n"
	       "|---|---|---|---|---|---|---|---|\n");
	for (uint32_t i = 0; !kmemlab_get_facility(device, i, &facility); i++)
		if (!(facility.capabilities & KMEMLAB_CAP_CALIBRATION))
			print_row(&facility);
}

int main(int argc, char **argv)
{
	device = kmemlab_open();
	if (device < 0) {
		printf("Bail out! %s: %s\n", KMEMLAB_DEVICE_PATH, strerror(-device));
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "few"))
		object_count = FEW_OBJECTS;
	if (argc > 1 && !strcmp(argv[1], "table")) {
		print_table();
		return 0;
	}
	test_all();
	kmemlab_close(device);
	return done_testing();
}
