// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each workload with the first facilities: runs in the guest as root, with the
 * module loaded, and speaks TAP.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/device.h"

#define OBJECTS		500
#define CYCLES		10
#define FEW_ROUNDS	5

/* In a kernel where everything takes its time, which holds back what was freed. */
static bool few;
static int device;
static unsigned int tests, failures;
static uint32_t alloc_samples[4 * OBJECTS], free_samples[4 * OBJECTS];

static void ok(bool passed, const char *what, const char *reason)
{
	printf("%sok %u - %s%s%s\n", passed ? "" : "not ", ++tests, what, *reason ? ": " : "",
	       reason);
	failures += !passed;
}

static struct kmemlab_experiment request(const char *facility, const char *workload)
{
	struct kmemlab_experiment experiment = {
		.object_size = 64,
		.objects = OBJECTS,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
		.alloc = { (uintptr_t)alloc_samples, 4 * OBJECTS },
		.free = { (uintptr_t)free_samples, 4 * OBJECTS },
	};

	strcpy(experiment.facility, facility);
	strcpy(experiment.workload, workload);
	return experiment;
}

static int carry_out(struct kmemlab_experiment *experiment, struct kmemlab_result *result)
{
	memset(result, 0, sizeof(*result));
	experiment->result = (uintptr_t)result;
	return kmemlab_run_experiment(device, experiment);
}

static bool is_refused(const struct kmemlab_result *result, const char *why)
{
	return result->status == KMEMLAB_STATUS_REFUSED && strstr(result->reason, why);
}

/* What these facilities cannot do, and a guest with one CPU. */
static const char *expected_refusal(const char *facility, const char *workload)
{
	bool has_rcu = !strcmp(facility, "kmalloc") || !strcmp(facility, "kvmalloc");

	if (!strcmp(workload, "remote_free") && sysconf(_SC_NPROCESSORS_ONLN) == 1)
		return "only one is online";
	if (!strcmp(workload, "batch_rcu") && !has_rcu)
		return "no free after a grace period";
	if (!strncmp(workload, "bulk_", 5) && !strcmp(facility, "page_packed"))
		return "no bulk calls";
	return NULL;
}

static bool is_proved(const struct kmemlab_experiment *experiment,
		      const struct kmemlab_result *result)
{
	return result->status == KMEMLAB_STATUS_OK && experiment->alloc.count &&
	       experiment->free.count && !result->mismatches && !result->route_disagreements &&
	       result->verified_objects >= OBJECTS;
}

static void test_one(const char *facility, const char *workload)
{
	struct kmemlab_experiment experiment = request(facility, workload);
	const char *refusal = expected_refusal(facility, workload);
	struct kmemlab_result result;
	char what[128];
	int error;

	if (few && !strcmp(workload, "ramp"))
		strcpy(experiment.gfp, "dma");	/* the smallest zone */
	error = carry_out(&experiment, &result);
	snprintf(what, sizeof(what), "%s, %s%s", facility, workload, refusal ? ", refused" : "");
	if (refusal)
		ok(!error && is_refused(&result, refusal), what, result.reason);
	else
		ok(!error && is_proved(&experiment, &result), what, result.reason);
}

static void for_each_workload(void (*fn)(const char *facility, const char *workload))
{
	static const char *const facilities[] = { "page", "page_packed", "kmalloc" };
	struct kmemlab_name workload;
	unsigned int f, w;

	for (f = 0; f < 3; f++)
		for (w = 0; !kmemlab_get_workload(device, w, &workload); w++)
			fn(facilities[f], workload.name);
}

static void check_refusal(const char *what, struct kmemlab_experiment *experiment, const char *why)
{
	struct kmemlab_result result;
	int error = carry_out(experiment, &result);

	ok(!error && is_refused(&result, why), what, result.reason);
}

static void test_parameters(void)
{
	struct kmemlab_experiment e = request("kmalloc", "batch");
	struct kmemlab_result result;

	strcpy(e.free_order, "random");
	e.bulk = 100;
	ok(!carry_out(&e, &result) && e.alloc.count == 500 && e.free.count == 5 &&
	   result.objects_per_free == 100, "batch in bulk of 100: 5 frees", result.reason);
	e.bulk = 1025;
	check_refusal("bulk of more than interrupts may wait for", &e, "at most 1024");
	e.bulk = 0;
	strcpy(e.free_order, "sideways");
	check_refusal("an unknown free order", &e, "fifo, lifo or random");
	e = request("kmalloc", "pair");
	e.bulk = 16;
	check_refusal("pair with a bulk size", &e, "own way to free");
	e = request("kmalloc", "batch");
	e.free_cpu = 4096;
	check_refusal("a freeing CPU that is not there", &e, "not online");
	e = request("page", "bulk_16");
	e.object_size = 8192;
	check_refusal("pages of order 1 in bulk", &e, "single pages");
	e = request("kmalloc", "batch_rcu");
	e.object_size = 8;
	check_refusal("no room for the head of kfree_rcu", &e, "rcu_head");
	e = request("page_packed", "pair");
	e.repeats = 7;
	ok(!carry_out(&e, &result) && e.alloc.count == 7 && e.free.count == 7,
	   "seven repeats of one operation", result.reason);
	e = request("page", "bulk_16");
	e.repeats = 3;
	ok(!carry_out(&e, &result) && e.alloc.count == 96 && e.free.count == 1500 &&
	   result.objects_per_operation == 16 && result.objects_per_free == 1 &&
	   result.verified_objects == 500, "bulk_16 three times: 96 allocations", result.reason);
	e = request("page", "ramp");
	strcpy(e.gfp, few ? "dma" : "");
	ok(!carry_out(&e, &result) && !result.status && strstr(result.reason, "budget ended it") &&
	   result.verified_objects > OBJECTS, "ramp says what ended it", result.reason);
}

/* Per-CPU memory that may not wait is what a worker of the kernel's has populated by then. */
static bool is_unpopulated(const char *facility, const char *gfp,
			   const struct kmemlab_result *result)
{
	return !strcmp(facility, "percpu") && (!strcmp(gfp, "nowait") || !strcmp(gfp, "atomic")) &&
	       is_refused(result, "the allocator refused");
}

static void test_gfp(const char *facility, const char *gfp, const char *refusal)
{
	struct kmemlab_experiment e = request(facility, "batch");
	struct kmemlab_result result;
	char what[128];
	int error;

	strcpy(e.gfp, gfp);
	snprintf(what, sizeof(what), "%s, gfp %s", facility, gfp);
	error = carry_out(&e, &result);
	if (refusal)
		ok(!error && is_refused(&result, refusal), what, result.reason);
	else
		ok(!error && (is_proved(&e, &result) || is_unpopulated(facility, gfp, &result)),
		   what, result.reason);
}

static void test_gfp_refusals(void)
{
	test_gfp("page", "movable", "harm this machine");
	test_gfp("page", "accounted", "root memory cgroup");
	test_gfp("kmalloc", "dma32", "would not honour gfp dma32: it takes kernel, zeroed, nowait, atomic, accounted, dma");
	test_gfp("vmalloc", "atomic", "may sleep, so it has no gfp atomic: it takes kernel, zeroed, accounted, dma, dma32");
}

/* Which profiles each facility takes, as the kernel's own code has it. */
static const struct {
	const char *facility;
	const char *takes;
} gfp_table[] = {
	{ "page", "kernel zeroed nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "page_packed", "kernel zeroed nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "page_exact", "kernel zeroed nowait atomic accounted dma dma32 movable" },
	{ "folio", "kernel zeroed nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "kmalloc", "kernel zeroed nowait atomic accounted dma" },
	{ "kmalloc_const", "kernel zeroed nowait atomic accounted dma" },
	{ "kmem_cache", "kernel zeroed nowait atomic accounted dma dma32" },
	{ "kvmalloc", "kernel zeroed accounted" },
	{ "vmalloc", "kernel zeroed accounted dma dma32" },
	{ "vmap", "kernel zeroed accounted dma dma32 movable huge_fallback" },
	{ "vmalloc_huge", "kernel zeroed accounted dma dma32" },
	{ "percpu", "kernel zeroed nowait atomic accounted" },
	{ "mempool", "kernel nowait atomic accounted dma" },
	{ "page_frag", "kernel nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "dma_coherent", "kernel zeroed nowait atomic accounted" },
	{ "dma_pool", "kernel zeroed nowait atomic accounted" },
	{ "gen_pool", "kernel nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "contig", "kernel" },
};

static const char *profiles_of(const char *facility)
{
	for (unsigned int i = 0; i < sizeof(gfp_table) / sizeof(*gfp_table); i++)
		if (!strcmp(gfp_table[i].facility, facility))
			return gfp_table[i].takes;
	return "";
}

static bool lists(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *at = words;

	while ((at = strstr(at, word))) {
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
		at += length;
	}
	return false;
}

/* Each profile with each facility: carried out, or refused with those that it takes. */
static void test_gfp_table(void)
{
	struct kmemlab_facility facility;
	struct kmemlab_name gfp;

	for (uint32_t f = 0; !kmemlab_get_facility(device, f, &facility); f++) {
		const char *takes = profiles_of(facility.name);

		if (facility.capabilities & KMEMLAB_CAP_INSTRUMENT || !facility.available)
			continue;
		for (uint32_t g = 0; !kmemlab_get_gfp(device, g, &gfp); g++)
			test_gfp(facility.name, gfp.name,
				 lists(takes, gfp.name) ? NULL : ": it takes kernel");
	}
}

static void test_condition(const char *condition, bool throwaway)
{
	struct kmemlab_experiment e = request("page", "batch");
	struct kmemlab_result result;
	char extents[64];
	int error;

	strcpy(e.condition, condition);
	error = carry_out(&e, &result);
	snprintf(extents, sizeof(extents), "%" PRIu64 " extents of %u pages", (uint64_t)result.extents,
		 OBJECTS);
	if (!throwaway)
		ok(!error && is_refused(&result, "budget"), condition, result.reason);
	else if (*condition == 'f' && !few)
		/* The kernel goes on freeing pages of its own: now and then one more lies beside. */
		ok(!error && is_proved(&e, &result) && result.extents >= OBJECTS - OBJECTS / 50,
		   condition, extents);
	else
		ok(!error && is_proved(&e, &result), condition, result.reason);
}

static void test_unknown_condition(const char *condition)
{
	struct kmemlab_experiment e = request("page", "batch");
	struct kmemlab_result result;

	strcpy(e.condition, condition);
	ok(carry_out(&e, &result) == -ENOENT, "unknown condition", condition);
}

/* But for what takes all memory, and what waits for seconds. */
static void run_quietly(const char *facility, const char *workload)
{
	struct kmemlab_experiment experiment = request(facility, workload);
	struct kmemlab_result result;

	if (strcmp(workload, "ramp") && strcmp(workload, "batch_rcu"))
		carry_out(&experiment, &result);
}

/* In pages: the zones' free areas and the per-CPU lists. */
static long free_pages(void)
{
	FILE *zones = fopen("/proc/zoneinfo", "r");
	char line[256];
	long sum = 0, pages;

	while (fgets(line, sizeof(line), zones))
		if (sscanf(line, " nr_free_pages %ld", &pages) == 1 ||
		    sscanf(line, " count: %ld", &pages) == 1)
			sum += pages;
	fclose(zones);
	return sum;
}

/* Pages that ten cycles took from free memory. */
static long slope(void)
{
	long before = free_pages();

	for (unsigned int i = 0; i < CYCLES; i++)
		for_each_workload(run_quietly);
	return before - free_pages();
}

/*
 * The kernel keeps a page or two of its own in any ten cycles; a page that an
 * experiment loses each time is missing in all of them.
 */
static void test_slope(void)
{
	char figures[64];
	long least;

	for_each_workload(run_quietly);
	least = slope();
	for (unsigned int i = 1; i < 3 && least >= CYCLES; i++) {
		long taken = slope();

		least = taken < least ? taken : least;
	}
	snprintf(figures, sizeof(figures), "%ld pages at least", least);
	ok(least < CYCLES, "ten cycles leave no slope in free memory", figures);
}

static void test_nothing_held(void)
{
	struct kmemlab_info info;

	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "nothing is held or reserved", "");
}

int main(int argc, char **argv)
{
	bool throwaway = false;

	for (int i = 1; i < argc; i++) {
		throwaway |= !strcmp(argv[i], "throwaway");
		few |= !strcmp(argv[i], "few");
	}
	device = kmemlab_open();
	if (device < 0) {
		printf("Bail out! the device cannot be opened\n");
		return 1;
	}
	if (!throwaway) {
		for_each_workload(test_one);
		test_parameters();
		if (!few)
			test_slope();
		test_unknown_condition("fragmented:1");
		test_unknown_condition("fragmented:x");
		test_unknown_condition("stale");
	}
	if (!throwaway)
		test_gfp_refusals();
	else if (!few)
		test_gfp_table();
	/* Whether others find what they need then is a matter of what was free in their slabs. */
	for (int i = 0; i < (few && throwaway ? FEW_ROUNDS : 1); i++)
		test_condition("fragmented:2", throwaway);
	if (!few)
		test_condition("fragmented:7", throwaway);
	test_condition("low", throwaway);
	test_nothing_held();
	printf("1..%u\n", tests);
	return failures > 0;
}
