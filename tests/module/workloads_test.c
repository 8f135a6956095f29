// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workloads, their parameters, GFP profiles and memory conditions. Runs as root in a
 * guest with the module loaded; prints TAP. "throwaway": the module was loaded with
 * throwaway=1; "few": fewer checks, for slow kernels; "kill": kill callers, where the TSC
 * counts instructions.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/device.h"
#include "tests/tap.h"

#define OBJECTS		500
#define CYCLES		10
#define FEW_ROUNDS	5

#define KILL_OBJECTS		4000
#define KILL_INSTRUCTIONS	200000000ULL	/* until a killed caller has exited */

#define FILL_BYTES	(1UL << 30)	/* more than all memory */

/* Set on slow debug kernels, which also delay freeing memory. */
static bool few;
static int device;
static uint32_t alloc_samples[4 * OBJECTS], free_samples[4 * OBJECTS];

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

static int run_experiment(struct kmemlab_experiment *experiment, struct kmemlab_result *result)
{
	memset(result, 0, sizeof(*result));
	experiment->result = (uintptr_t)result;
	return kmemlab_run_experiment(device, experiment);
}

static bool is_skipped(const struct kmemlab_result *result, const char *reason)
{
	return result->status == KMEMLAB_STATUS_SKIPPED && strstr(result->reason, reason);
}

/* Return the expected skip reason on a guest with one CPU, or NULL. */
static const char *expected_skip_reason(const char *facility, const char *workload)
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

static bool is_verified(const struct kmemlab_experiment *experiment,
		      const struct kmemlab_result *result)
{
	return result->status == KMEMLAB_STATUS_OK && experiment->alloc.count &&
	       experiment->free.count && !result->mismatched_bytes && !result->route_mismatches &&
	       result->verified_objects >= OBJECTS;
}

static void test_one(const char *facility, const char *workload)
{
	struct kmemlab_experiment experiment = request(facility, workload);
	const char *reason = expected_skip_reason(facility, workload);
	struct kmemlab_result result;
	char name[128];
	int err;

	if (few && !strcmp(workload, "ramp"))
		strcpy(experiment.gfp, "dma");	/* smallest zone */
	err = run_experiment(&experiment, &result);
	snprintf(name, sizeof(name), "%s with workload %s: %s", facility, workload,
		 reason ? "is skipped" : "all objects are verified");
	if (reason)
		ok_reason(!err && is_skipped(&result, reason), name, result.reason);
	else
		ok_reason(!err && is_verified(&experiment, &result), name, result.reason);
}

/* Set *workload to the name of a workload, with a number if it takes one. */
static bool workload_name(uint32_t index, struct kmemlab_name *workload)
{
	if (kmemlab_get_workload(device, index, workload))
		return false;
	if (workload->name[strlen(workload->name) - 1] == ':')
		strcat(workload->name, "3");
	return true;
}

static void for_each_workload(void (*fn)(const char *facility, const char *workload))
{
	static const char *const facilities[] = { "page", "page_packed", "kmalloc" };
	struct kmemlab_name workload;
	unsigned int f, w;

	for (f = 0; f < 3; f++)
		for (w = 0; workload_name(w, &workload); w++)
			fn(facilities[f], workload.name);
}

static void check_skipped(const char *name, struct kmemlab_experiment *experiment,
			  const char *reason)
{
	struct kmemlab_result result;
	int err = run_experiment(experiment, &result);

	ok_reason(!err && is_skipped(&result, reason), name, result.reason);
}

static void test_parameters(void)
{
	struct kmemlab_experiment e = request("kmalloc", "batch");
	struct kmemlab_result result;

	strcpy(e.free_order, "random");
	e.bulk = 100;
	ok_reason(!run_experiment(&e, &result) && e.alloc.count == 500 && e.free.count == 5 &&
		  result.objects_per_free == 100,
		  "bulk size 100: 500 objects are freed by 5 calls", result.reason);
	e.bulk = 1025;
	check_skipped("bulk size 1025: is skipped, since interrupts would be off for too long",
		      &e, "at most 1024");
	e.bulk = 0;
	strcpy(e.free_order, "sideways");
	check_skipped("unknown free order: is skipped", &e, "known: fifo, lifo, random");
	e = request("kmalloc", "pair");
	e.bulk = 16;
	check_skipped("workload pair with a bulk size: is skipped", &e, "does not support free_order, bulk or free_cpu");
	e = request("kmalloc", "batch");
	e.free_cpu = 4096;
	check_skipped("freeing on a missing CPU: is skipped", &e, "not online");
	e = request("page", "bulk_16");
	e.object_size = 8192;
	check_skipped("bulk calls for pages of order 1: are skipped", &e, "single pages");
	e = request("kmalloc", "batch_rcu");
	e.object_size = 8;
	check_skipped("kfree_rcu without room for the rcu_head: is skipped", &e, "rcu_head");
	e = request("page_packed", "pair");
	e.repeats = 7;
	ok_reason(!run_experiment(&e, &result) && e.alloc.count == 7 && e.free.count == 7,
		  "7 repeats of one operation: 7 samples each", result.reason);
	e = request("page", "bulk_16");
	e.repeats = 3;
	ok_reason(!run_experiment(&e, &result) && e.alloc.count == 96 && e.free.count == 1500 &&
		  result.objects_per_operation == 16 && result.objects_per_free == 1 &&
		  result.verified_objects == 500, "workload bulk_16 with 3 repeats: 96 allocation samples",
		  result.reason);
	e = request("page", "ramp");
	strcpy(e.gfp, few ? "dma" : "");
	ok_reason(!run_experiment(&e, &result) && !result.status &&
		  strstr(result.reason, "stopped at the memory budget") &&
		  result.verified_objects > OBJECTS,
		  "workload ramp: the reason reports what ended it", result.reason);
}

/* Memory of a set of which every K-th object is kept */
static const struct partial {
	const char *facility, *workload;
	uint64_t size, objects;
	uint64_t kept, pages;	/* expected: of these objects */
} partials[] = {
	{ "page", "partial:2", 4096, 500, 250, 250 },
	{ "page", "partial:7", 64, 500, 72, 72 },
	{ "page", "partial:500", 16384, 500, 1, 4 },
	{ "vmalloc", "partial:32", 64, 500, 16, 16 },
	{ "vmalloc", "partial:9", 20000, 504, 56, 280 },
	/* A slab has 64 objects, the number of each multiple of K among them. */
	{ "kmem_cache", "partial:2", 64, 4096, 2048, 64 },
	{ "kmem_cache", "partial:32", 64, 4096, 128, 64 },
	{ "kmem_cache", "partial:64", 64, 4096, 64, 64 },
	{ "kmem_cache", "partial:96", 64, 4096, 43, 43 },
	{ "kmem_cache", "partial:128", 64, 4096, 32, 32 },
	{ "kmem_cache", "partial:4096", 64, 4096, 1, 1 },
	/* One object keeps the whole block. */
	{ "page_packed", "partial:32", 64, 500, 16, 8 },
};

static void test_partial(const struct partial *p)
{
	struct kmemlab_experiment e = request(p->facility, p->workload);
	struct kmemlab_result r;
	char name[128], measured[384];
	int err;

	e.object_size = p->size;
	e.objects = p->objects;
	err = run_experiment(&e, &r);
	snprintf(name, sizeof(name), "%s with workload %s, size %" PRIu64 ": %" PRIu64
		 " kept objects keep %" PRIu64 " pages", p->facility, p->workload, p->size, p->kept,
		 p->pages);
	snprintf(measured, sizeof(measured), "%s; error %d, %" PRIu64 " objects, %" PRIu64
		 " bytes, system %" PRId64, r.reason, err, (uint64_t)r.kept_objects,
		 (uint64_t)r.kept_backing_bytes, (int64_t)r.kept_system_bytes);
	ok_reason(!err && is_verified(&e, &r) && (r.valid & KMEMLAB_VALID_KEPT) &&
		  e.free.count == e.alloc.count && r.kept_objects == p->kept &&
		  r.kept_requested_bytes == p->kept * p->size &&
		  r.kept_backing_bytes == p->pages * 4096 &&
		  r.contiguous_objects <= r.verified_objects,
		  name, measured);
	printf("# %s %s: %s\n", p->facility, p->workload, measured);
}

static void test_partials(void)
{
	static const char *const unknown[] = {
		"partial", "partial:", "partial:0", "partial:1", "partial:x", "partial:3x", "partial:+3",
	};
	struct kmemlab_experiment e = request("kmalloc", "partial:501");
	struct kmemlab_result result;

	/* Debug kernels add to each object. */
	for (unsigned int i = 0; !few && i < sizeof(partials) / sizeof(*partials); i++)
		test_partial(&partials[i]);
	check_skipped("workload partial:501 with 500 objects: is skipped", &e,
		      "partial:501 requires at least 501 objects, not 500");
	e = request("kmalloc", "partial:2");
	e.bulk = 16;
	check_skipped("workload partial:2 with a bulk size: is skipped", &e,
		      "partial:2 does not support free_order");
	for (unsigned int i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		e = request("kmalloc", unknown[i]);
		ok(run_experiment(&e, &result) == -ENOENT, "unknown workload %s: the error is ENOENT",
		   unknown[i]);
	}
}

/* Without sleeping, percpu serves only what a kernel worker has populated so far. */
static bool is_unpopulated(const char *facility, const char *gfp,
			   const struct kmemlab_result *result)
{
	return !strcmp(facility, "percpu") && (!strcmp(gfp, "nowait") || !strcmp(gfp, "atomic")) &&
	       is_skipped(result, "the allocation failed");
}

static void test_gfp(const char *facility, const char *gfp, const char *reason)
{
	struct kmemlab_experiment e = request(facility, "batch");
	struct kmemlab_result result;
	char name[128];
	int err;

	strcpy(e.gfp, gfp);
	snprintf(name, sizeof(name), "%s with gfp %s: %s", facility, gfp,
		 reason ? "is skipped" : "all objects are verified");
	err = run_experiment(&e, &result);
	if (reason)
		ok_reason(!err && is_skipped(&result, reason), name, result.reason);
	else
		ok_reason(!err && (is_verified(&e, &result) ||
				     is_unpopulated(facility, gfp, &result)),
			  name, result.reason);
}

static void test_gfp_skipped(void)
{
	test_gfp("page", "movable", "fragment this machine");
	test_gfp("page", "accounted", "root memory cgroup");
	test_gfp("kmalloc", "dma32", "would ignore gfp dma32 (supported: kernel, plain, zeroed, nowait, atomic, accounted, dma");
	test_gfp("vmalloc", "atomic", "may sleep, which gfp atomic does not allow (supported: kernel, plain, zeroed, accounted, dma, dma32)");
}

/* GFP profiles that each facility supports, from the kernel's code. */
static const struct {
	const char *facility;
	const char *supported;
} gfp_table[] = {
	{ "page", "kernel plain zeroed nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "page_packed", "kernel plain zeroed nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "page_exact", "kernel plain zeroed nowait atomic accounted dma dma32 movable" },
	{ "get_free_pages", "kernel plain zeroed nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "page_nolock", "kernel plain zeroed nowait atomic accounted" },
	{ "page_pool", "kernel plain nowait atomic dma dma32 huge_fallback" },
	{ "folio", "kernel plain zeroed nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "kmalloc", "kernel plain zeroed nowait atomic accounted dma" },
	{ "kmalloc_const", "kernel plain zeroed nowait atomic accounted dma" },
	{ "kmalloc_nolock", "kernel plain zeroed nowait atomic accounted" },
	{ "kmem_cache", "kernel plain zeroed nowait atomic accounted dma dma32" },
	{ "kmem_cache_typesafe", "kernel plain zeroed nowait atomic accounted dma dma32" },
	{ "kvmalloc", "kernel plain zeroed accounted" },
	{ "vmalloc", "kernel plain zeroed accounted dma dma32" },
	{ "vmap", "kernel plain zeroed accounted dma dma32 movable huge_fallback" },
	{ "vmalloc_huge", "kernel plain zeroed accounted dma dma32" },
	{ "percpu", "kernel plain zeroed nowait atomic accounted" },
	{ "mempool", "kernel plain nowait atomic accounted dma" },
	{ "page_frag", "kernel plain nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "dma_coherent", "kernel plain zeroed nowait atomic accounted" },
	{ "dma_pool", "kernel plain zeroed nowait atomic accounted" },
	{ "gen_pool", "kernel plain nowait atomic accounted dma dma32 movable huge_fallback" },
	{ "contig", "kernel plain" },
};

static const char *supported_profiles(const char *facility)
{
	for (unsigned int i = 0; i < sizeof(gfp_table) / sizeof(*gfp_table); i++)
		if (!strcmp(gfp_table[i].facility, facility))
			return gfp_table[i].supported;
	return "";
}

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *pos = words;

	while ((pos = strstr(pos, word))) {
		if ((pos == words || pos[-1] == ' ') && (!pos[length] || pos[length] == ' '))
			return true;
		pos += length;
	}
	return false;
}

/* Each profile with each facility: verified, or skipped with a list of supported profiles. */
static void test_gfp_table(void)
{
	struct kmemlab_facility facility;
	struct kmemlab_name gfp;

	for (uint32_t f = 0; !kmemlab_get_facility(device, f, &facility); f++) {
		const char *supported = supported_profiles(facility.name);

		if (facility.capabilities & KMEMLAB_CAP_CALIBRATION || !facility.available)
			continue;
		for (uint32_t g = 0; !kmemlab_get_gfp(device, g, &gfp); g++)
			test_gfp(facility.name, gfp.name,
				 has_word(supported, gfp.name) ? NULL : "(supported: kernel");
	}
}

static void test_condition(const char *condition, bool throwaway)
{
	struct kmemlab_experiment e = request("page", "batch");
	struct kmemlab_result result;
	char extents[64], name[128];
	int err;

	strcpy(e.condition, condition);
	err = run_experiment(&e, &result);
	snprintf(extents, sizeof(extents), "%" PRIu64 " extents of %u pages", (uint64_t)result.extents,
		 OBJECTS);
	snprintf(name, sizeof(name), "condition %s: %s", condition,
		 throwaway ? "all objects are verified" : "is skipped for lack of budget");
	if (!throwaway)
		ok_reason(!err && is_skipped(&result, "budget"), name, result.reason);
	else if (*condition == 'f' && !few)
		/* The kernel frees pages of its own meanwhile, which may be adjacent. */
		ok_reason(!err && is_verified(&e, &result) &&
			  result.extents >= OBJECTS - OBJECTS / 50,
			  name, extents);
	else
		ok_reason(!err && is_verified(&e, &result), name, result.reason);
}

static void test_unknown_condition(const char *condition)
{
	struct kmemlab_experiment e = request("page", "batch");
	struct kmemlab_result result;

	strcpy(e.condition, condition);
	ok(run_experiment(&e, &result) == -ENOENT, "unknown condition %s: the err is ENOENT", condition);
}

/* Touch memory until the budget is used up, half of the rest at a time. */
static void take_budget(char *memory)
{
	struct kmemlab_info info;
	size_t taken = 0, step;

	while (!kmemlab_get_info(device, &info) && info.budget_pages) {
		step = (info.budget_pages > 8 ? info.budget_pages / 2 : 4) * info.page_size;
		if (step > FILL_BYTES - taken)
			return;
		memset(memory + taken, 1, step);
		taken += step;
	}
}

static struct kmemlab_hold hold_request(const char *condition, uint64_t objects)
{
	struct kmemlab_hold hold = { .object_size = 4096, .objects = objects };

	strcpy(hold.facility, "page");
	strcpy(hold.condition, condition);
	return hold;
}

static void condition_skipped(const char *name, const char *condition, const char *reason)
{
	struct kmemlab_hold hold = hold_request(condition, 1);
	int err = kmemlab_condition(device, &hold);

	ok_reason(!err && hold.status == KMEMLAB_STATUS_SKIPPED && strstr(hold.reason, reason),
		  name, hold.reason);
	if (!err && !hold.status)
		close(hold.fd);
}

static void test_no_budget(void)
{
	char *memory = mmap(NULL, FILL_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		ok(false, "no address space");
		return;
	}
	take_budget(memory);
	condition_skipped("condition fragmented:2 without free memory: is skipped",
			  "fragmented:2", "and there is none");
	munmap(memory, FILL_BYTES);
}

static long oom_kills(void)
{
	FILE *vmstat = fopen("/proc/vmstat", "r");
	long kills = -1;
	char line[256];

	while (vmstat && fgets(line, sizeof(line), vmstat))
		sscanf(line, "oom_kill %ld", &kills);
	if (vmstat)
		fclose(vmstat);
	return kills;
}

/* The kernel may reclaim memory meanwhile: then some is left, and the condition is granted. */
static void test_granted_or_skipped(void)
{
	struct kmemlab_hold hold = hold_request("fragmented:1000000", 1);
	int err = kmemlab_condition(device, &hold);

	ok_reason(!err && (!hold.status || strstr(hold.reason, "are needed")),
		  "condition fragmented:1000000: is granted, or skipped for lack of memory",
		  hold.reason);
	if (!err && !hold.status)
		close(hold.fd);
}

/* A condition must not take the memory of others: the OOM killer would run. */
static void test_greedy_condition(void)
{
	struct kmemlab_hold set = hold_request("", 1000);
	const long kills = oom_kills();

	ok_reason(!kmemlab_hold(device, &set) && !set.status, "page: objects are held", set.reason);
	condition_skipped("condition fragmented:1000000 with another user: is skipped",
			  "fragmented:1000000", "KiB are reserved");
	close(set.fd);
	test_granted_or_skipped();
	ok(kills >= 0 && oom_kills() == kills,
	   "condition fragmented:1000000: the OOM killer does not run");
}

/* Skip workloads that allocate all memory or wait for seconds. */
static void run_unchecked(const char *facility, const char *workload)
{
	struct kmemlab_experiment experiment = request(facility, workload);
	struct kmemlab_result result;

	if (strcmp(workload, "ramp") && strcmp(workload, "batch_rcu"))
		run_experiment(&experiment, &result);
}

/* Return the pages in the free areas and per-CPU lists of all zones. */
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

/* Return the free pages that were lost in CYCLES cycles. */
static long lost_pages(void)
{
	long before = free_pages();

	for (unsigned int i = 0; i < CYCLES; i++)
		for_each_workload(run_unchecked);
	return before - free_pages();
}

/*
 * The kernel allocates a page or two of its own in any ten cycles; a page that is
 * leaked by each experiment is missing in all of them.
 */
static void test_leaks(void)
{
	char pages[64];
	long min;

	for_each_workload(run_unchecked);
	min = lost_pages();
	for (unsigned int i = 1; i < 3 && min >= CYCLES; i++) {
		long lost = lost_pages();

		min = lost < min ? lost : min;
	}
	snprintf(pages, sizeof(pages), "lost %ld pages", min);
	ok_reason(min < CYCLES, "all workloads, 10 cycles: no free memory is lost", pages);
}

static void test_nothing_held(void)
{
	struct kmemlab_info info;

	ok_reason(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
		  "all experiments: no memory is held or reserved at the end", "");
}

/* Run @again in a child and kill it. Return the instructions from then until it has exited. */
static uint64_t kill_latency(void (*again)(void *context), void *context, unsigned int delay_us)
{
	uint64_t due;
	pid_t child = fork();

	if (!child) {
		for (;;)
			again(context);
	}
	due = __rdtsc() + delay_us * 1000ULL;
	usleep(delay_us);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return __rdtsc() - due;
}

static void test_kill(const char *name, void (*again)(void *context), void *context)
{
	static const unsigned int delays_us[] = { 20000, 70000, 300000 };
	uint64_t latency, max = 0;

	for (unsigned int i = 0; i < sizeof(delays_us) / sizeof(*delays_us); i++) {
		latency = kill_latency(again, context, delays_us[i]);
		max = latency > max ? latency : max;
	}
	ok(max <= KILL_INSTRUCTIONS, "%s: a killed caller exits within 200 million instructions",
	   name);
	printf("# %" PRIu64 " instructions\n", max);
}

static void kill_experiment(void *context)
{
	struct kmemlab_experiment e = *(struct kmemlab_experiment *)context;
	struct kmemlab_result result;

	run_experiment(&e, &result);
}

static void kill_one(const char *facility, const char *workload, uint32_t flags)
{
	struct kmemlab_experiment e = request(facility, workload);
	char name[128];

	e.objects = KILL_OBJECTS;
	if (!strcmp(workload, "ramp"))
		e.object_size = 4096;	/* all of them are freed before the caller exits */
	e.alloc.capacity = 0;
	e.free.capacity = 0;
	e.flags = flags;
	snprintf(name, sizeof(name), "%s with workload %s%s", facility, workload,
		 flags ? " and tails" : "");
	test_kill(name, kill_experiment, &e);
}

static void kill_condition(void *context)
{
	struct kmemlab_hold hold = { .object_size = 4096, .objects = 1 };

	strcpy(hold.facility, "page");
	strcpy(hold.condition, context);
	if (!kmemlab_condition(device, &hold) && !hold.status)
		close(hold.fd);
}

static void kill_map(void *context)
{
	static struct kmemlab_frames runs[65536];
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = 65536 };

	(void)context;
	kmemlab_map(device, &map);
}

static void set_structs(void *number)
{
	FILE *parameter = fopen("/sys/module/kernel_memory/parameters/nr_structs", "w");

	if (parameter && fputs(number, parameter) >= 0)
		fclose(parameter);
}

static void test_kills(bool throwaway)
{
	static const char *const facilities[] = {
		"page_packed", "page_pool", "kmem_cache", "kmem_cache_typesafe", "kvmalloc",
		"vmalloc", "vmap", "percpu", "mempool", "page_frag", "dma_coherent", "dma_pool",
		"gen_pool", "contig",
	};
	struct kmemlab_name workload;

	if (throwaway) {
		test_kill("condition low", kill_condition, "low");
		test_kill("condition fragmented:3", kill_condition, "fragmented:3");
		return;
	}
	for (uint32_t w = 0; workload_name(w, &workload); w++)
		kill_one("kmalloc", workload.name, 0);
	for (unsigned int f = 0; f < sizeof(facilities) / sizeof(*facilities); f++)
		kill_one(facilities[f], "batch", 0);
	kill_one("kmem_cache", "batch_rcu", 0);
	kill_one("kmem_cache", "batch_rcu", KMEMLAB_EXPERIMENT_TAILS);
	kill_one("page", "cold", KMEMLAB_EXPERIMENT_TAILS);
	test_kill("map", kill_map, NULL);
	test_kill("nr_structs", set_structs, "1000000");
	set_structs("0");
}

int main(int argc, char **argv)
{
	bool throwaway = false, kills = false;

	for (int i = 1; i < argc; i++) {
		throwaway |= !strcmp(argv[i], "throwaway");
		few |= !strcmp(argv[i], "few");
		kills |= !strcmp(argv[i], "kill");
	}
	device = kmemlab_open();
	if (device < 0) {
		printf("Bail out! cannot open the device\n");
		return 1;
	}
	if (kills) {
		test_kills(throwaway);
		test_nothing_held();
		return done_testing();
	}
	if (!throwaway) {
		for_each_workload(test_one);
		test_parameters();
		test_partials();
		if (!few)
			test_leaks();
		test_unknown_condition("fragmented:1");
		test_unknown_condition("fragmented:x");
		test_unknown_condition("stale");
	}
	if (!throwaway)
		test_gfp_skipped();
	else if (!few)
		test_gfp_table();
	/* More rounds, because slabs of others may run out of objects in this condition. */
	for (int i = 0; i < (few && throwaway ? FEW_ROUNDS : 1); i++)
		test_condition("fragmented:2", throwaway);
	if (!few)
		test_condition("fragmented:7", throwaway);
	test_condition("low", throwaway);
	if (throwaway) {
		test_no_budget();
		test_greedy_condition();
	}
	test_nothing_held();
	return done_testing();
}
