// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each facility at its limits: runs in the guest as root, with the module
 * loaded, and speaks TAP. With "few" it takes fewer objects; with "table" it prints
 * docs/facilities.md instead.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/device.h"

#define OBJECTS		2000
#define FEW_OBJECTS	150

static uint64_t objects_of_each = OBJECTS;
static int device;
static unsigned int tests, failures;
static uint32_t alloc_samples[OBJECTS], free_samples[OBJECTS];

static void ok(bool passed, const struct kmemlab_facility *facility, const char *what,
	       const char *reason)
{
	printf("%sok %u - %s: %s%s%s\n", passed ? "" : "not ", ++tests, facility->name, what,
	       *reason ? ": " : "", reason);
	failures += !passed;
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

static int carry_out(const struct kmemlab_facility *facility, const char *workload,
		     const char *gfp, uint64_t size, uint64_t objects,
		     struct kmemlab_result *result)
{
	struct kmemlab_experiment experiment = request(facility, workload, gfp, size, objects,
						       result);

	return kmemlab_run_experiment(device, &experiment);
}

/* Every byte of every copy proved, and nothing wrong. */
static bool proved(const struct kmemlab_facility *facility, const struct kmemlab_result *r,
		   uint64_t size, uint64_t objects)
{
	return r->status == KMEMLAB_STATUS_OK && r->verified_objects == objects &&
	       r->verified_bytes == objects * size * facility->copies && !r->mismatches &&
	       !r->route_disagreements && !r->misaligned && r->routes;
}

/* Sizes beyond the budget are refused by it, with figures; all others must work. */
static void expect_proof(const struct kmemlab_facility *facility, uint64_t size, uint64_t objects)
{
	static const char *const workloads[] = { "pair", "batch" };
	struct kmemlab_result result;
	char what[96];

	for (int i = 0; i < 2; i++) {
		bool right;

		snprintf(what, sizeof(what), "%s of %" PRIu64 " x %" PRIu64 " bytes", workloads[i],
			 objects, size);
		right = !carry_out(facility, workloads[i], "kernel", size, objects, &result) &&
			(proved(facility, &result, size, objects) ||
			 (size > 65536 && result.status == KMEMLAB_STATUS_REFUSED &&
			  strstr(result.reason, "the budget has")));
		ok(right, facility, what, result.reason);
	}
}

static void expect_refusal(const struct kmemlab_facility *facility, const char *what,
			   const char *gfp, uint64_t size, const char *reason)
{
	struct kmemlab_result result;
	int error = carry_out(facility, "batch", gfp, size, 1, &result);

	ok(!error && result.status == KMEMLAB_STATUS_REFUSED && strstr(result.reason, reason),
	   facility, what, result.reason);
}

static bool refused(struct kmemlab_experiment *experiment, struct kmemlab_result *result,
		    const char *reason)
{
	return !kmemlab_run_experiment(device, experiment) &&
	       result->status == KMEMLAB_STATUS_REFUSED && strstr(result->reason, reason);
}

/* Objects of a cache line each, at lines' begins: a page_frag alone cannot promise that. */
static void test_alignment(const struct kmemlab_facility *f)
{
	struct kmemlab_result result;
	struct kmemlab_experiment experiment = request(f, "batch", "kernel", 64, 500, &result);

	experiment.align = 64;
	if (!strcmp(f->name, "page_frag"))
		ok(refused(&experiment, &result, "aligns objects of 64 bytes to"), f,
		   "aligned to 64 bytes: refused", result.reason);
	else
		ok(!kmemlab_run_experiment(device, &experiment) && proved(f, &result, 64, 500), f,
		   "aligned to 64 bytes", result.reason);
	experiment = request(f, "batch", "kernel", 64, 500, &result);
	experiment.align = 48;
	ok(refused(&experiment, &result, "powers of two"), f, "aligned to 48 bytes: refused",
	   result.reason);
	experiment.align = 0;
	experiment.node = 0;
	ok(refused(&experiment, &result, "no node can be asked for"), f, "on a node: refused",
	   result.reason);
}

static void test_facility(const struct kmemlab_facility *f)
{
	uint64_t few = f->object_size_max > 4096 ? 4096 : f->object_size_max;
	struct kmemlab_result result;

	if (!f->available) {
		ok(*f->reason, f, "not available here", f->reason);
		expect_refusal(f, "refuses to run", "kernel", 32, "is not available here");
		return;
	}
	expect_proof(f, f->object_size_min, 1);
	expect_proof(f, f->object_size_min, objects_of_each);
	expect_proof(f, 32, objects_of_each);
	expect_proof(f, 33, objects_of_each);
	expect_proof(f, few, objects_of_each);
	if (f->object_size_max > 5000)
		expect_proof(f, 5000, objects_of_each / 4);
	expect_proof(f, f->object_size_max, 1);
	test_alignment(f);
	if (f->object_size_max < UINT64_MAX)
		expect_refusal(f, "one byte beyond the largest", "kernel", f->object_size_max + 1,
			       "serves objects of");
	if (f->capabilities & KMEMLAB_CAP_ATOMIC)
		ok(!carry_out(f, "pair", "atomic", 32, 100, &result) &&
		   proved(f, &result, 32, 100), f, "without sleeping", result.reason);
	else
		expect_refusal(f, "cannot do without sleeping", "atomic", 32, "may sleep");
}

static void test_all(void)
{
	struct kmemlab_facility facility;
	struct kmemlab_info info;

	for (uint32_t i = 0; !kmemlab_get_facility(device, i, &facility); i++)
		if (!(facility.capabilities & KMEMLAB_CAP_INSTRUMENT))
			test_facility(&facility);
	kmemlab_get_info(device, &info);
	printf("%sok %u - nothing is held or reserved\n",
	       info.live_bytes || info.reserved_pages ? "not " : "", ++tests);
	failures += info.live_bytes || info.reserved_pages;
	printf("1..%u\n", tests);
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

/* What depends on the machine's memory is no property of the kernel. */
static void print_largest(const struct kmemlab_facility *f)
{
	if (f->object_size_max > 1 << 26)
		printf("memory's size");
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
	       f->capabilities & KMEMLAB_CAP_ATOMIC ? "only where gfp says so" : "yes",
	       f->capabilities & KMEMLAB_CAP_CONTIGUOUS ? "yes" : "not over pages",
	       f->capabilities & KMEMLAB_CAP_SET_CONTIGUOUS ? "each operation's" : "no");
	if (f->physical_limit)
		print_bytes(f->physical_limit);
	else
		printf("as gfp says");
	printf(" | %s |\n", f->idle);
}

static void print_table(void)
{
	struct kmemlab_facility facility;

	printf("| facility | object, bytes | aligned to | may sleep | object contiguous | set contiguous | physically below | costs when idle |\n"
	       "|---|---|---|---|---|---|---|---|\n");
	for (uint32_t i = 0; !kmemlab_get_facility(device, i, &facility); i++)
		if (!(facility.capabilities & KMEMLAB_CAP_INSTRUMENT))
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
		objects_of_each = FEW_OBJECTS;
	if (argc > 1 && !strcmp(argv[1], "table"))
		print_table();
	else
		test_all();
	kmemlab_close(device);
	return failures > 0;
}
