// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/anon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/catalog.h"
#include "lib/device.h"
#include "lib/spelling.h"
#include "runner/clock_user.h"
#include "runner/experiment_run.h"
#include "runner/system.h"

#define OVERHEAD_READS	1000
#define OVERFLOWS_MAX	1024

/* Samples of one direction. */
struct anon_samples {
	uint32_t *values;
	size_t count;
	struct kmemlab_overflow overflows[OVERFLOWS_MAX];
	size_t overflow_count;
};

struct anon_run {
	int device;
	const struct experiment_spec *spec;
	struct experiment_run *run;
	size_t objects;		/* allocated at the same time */
	size_t object_bytes;	/* multiple of the page size */
	struct anon_pages pages;
	struct anon_samples alloc, free;
	struct system_memory before;
	const struct kmemlab_string_counters *counters;
};

static int __attribute__((format(printf, 3, 4)))
skip_run(struct experiment_run *run, enum kmemlab_reason code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(run->result.reason, sizeof(run->result.reason), format, args);
	va_end(args);
	run->result.status = KMEMLAB_STATUS_SKIPPED;
	run->result.reason_code = code;
	run->result.error = -EOPNOTSUPP;
	return -EOPNOTSUPP;
}

static int check_spec(const struct experiment_spec *spec, struct experiment_run *run)
{
	if (!(workload_flags(spec->workload) & KMEMLAB_WORKLOAD_BASIC))
		return skip_run(run, KMEMLAB_REASON_UNAVAILABLE,
				"user supports the workloads pair and batch only");
	if (*spec->gfp && strcmp(spec->gfp, "kernel"))
		return skip_run(run, KMEMLAB_REASON_GFP, "user does not support gfp %s: the kernel "
				"chooses the flags for user pages", spec->gfp);
	if (*spec->condition && strcmp(spec->condition, "fresh"))
		return skip_run(run, KMEMLAB_REASON_UNAVAILABLE,
				"user does not support condition %s", spec->condition);
	if (spec->align || spec->bulk > 1 || spec->repeats > 1 || spec->node != -1 ||
	    spec->free_cpu != -1 || spec->cpu_count > 1 || *spec->free_order)
		return skip_run(run, KMEMLAB_REASON_UNAVAILABLE, "user does not support align, "
				"bulk, repeats, node, free_cpu, free_order and several CPUs");
	return 0;
}

static bool holds_all_objects(const struct experiment_spec *spec)
{
	return workload_flags(spec->workload) & KMEMLAB_WORKLOAD_HOLDS;
}

/* Return the number of pages for these objects, their page tables, PFNs and samples. */
static uint64_t pages_needed(const struct anon_run *anon, uint64_t objects)
{
	uint64_t pages = (holds_all_objects(anon->spec) ? objects : 1) * anon->pages.object_pages;
	uint64_t records = pages * sizeof(uint64_t) + objects * 2 * sizeof(uint32_t);

	return pages + records / anon->pages.page_size + pages / 256 + 16;
}

/* Return the largest number of objects, up to the requested one, that the budget allows. */
static uint64_t objects_in_budget(const struct anon_run *anon, uint64_t budget)
{
	uint64_t low = 0, high = anon->spec->objects;

	while (low < high) {
		uint64_t middle = high - (high - low) / 2;

		if (pages_needed(anon, middle) <= budget)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Apply the memory budget of the module. */
static int check_budget(struct anon_run *anon)
{
	const struct experiment_spec *spec = anon->spec;
	uint64_t page_size = anon->pages.page_size, pages, bytes, enough;
	struct kmemlab_info info;
	char shortage[192];
	int err = kmemlab_get_info(anon->device, &info);

	if (err)
		return err;
	anon->pages.object_pages = spec->object_size / page_size +
				   !!(spec->object_size % page_size);
	if (__builtin_mul_overflow(anon->objects, (uint64_t)anon->pages.object_pages, &pages) ||
	    __builtin_mul_overflow(pages, page_size, &bytes) || bytes > SIZE_MAX / 4)
		return skip_run(anon->run, KMEMLAB_REASON_TOO_LARGE, "%" PRIu64 " object%s of %"
				PRIu64 " bytes exceed the address space of a process",
				spec->objects, plural(spec->objects), spec->object_size);
	anon->object_bytes = anon->pages.object_pages * page_size;
	pages = pages_needed(anon, spec->objects);
	if (pages <= info.budget_pages)
		return 0;
	budget_describe(shortage, sizeof(shortage), pages, &info);
	enough = objects_in_budget(anon, info.budget_pages);
	return skip_run(anon->run, KMEMLAB_REASON_BUDGET, "%" PRIu64 " object%s of %" PRIu64
			" byte%s may take %s: enough for %" PRIu64 " object%s", spec->objects,
			plural(spec->objects), spec->object_size, plural(spec->object_size),
			shortage, enough, plural(enough));
}

static void *map_pages(size_t bytes, int flags)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int create_mappings(struct anon_run *anon)
{
	size_t bytes = anon->spec->objects * sizeof(uint32_t);

	anon->pages.base = map_pages(anon->objects * anon->object_bytes, 0);
	/* Populate the samples: recording one must not fault. */
	anon->alloc.values = map_pages(bytes, MAP_POPULATE);
	anon->free.values = map_pages(bytes, MAP_POPULATE);
	if (!anon->pages.base || !anon->alloc.values || !anon->free.values)
		return -ENOMEM;
	/* One fault per page: a huge page would serve many objects. */
	madvise(anon->pages.base, anon->objects * anon->object_bytes, MADV_NOHUGEPAGE);
	return anon_pages_open(&anon->pages, anon->objects);
}

static void destroy_mappings(struct anon_run *anon)
{
	size_t bytes = anon->spec->objects * sizeof(uint32_t);

	if (anon->pages.base)
		munmap(anon->pages.base, anon->objects * anon->object_bytes);
	if (anon->alloc.values)
		munmap(anon->alloc.values, bytes);
	if (anon->free.values)
		munmap(anon->free.values, bytes);
	anon_pages_close(&anon->pages);
	kmemlab_unmap_string_counters(anon->counters);
}

static uint32_t get_tags(const struct kmemlab_interference *before,
			 const struct kmemlab_interference *after)
{
	uint32_t tags = 0;

	if (before->cpu != after->cpu)
		tags |= KMEMLAB_SAMPLE_MIGRATED;
	else if (before->interrupts != after->interrupts)
		tags |= KMEMLAB_SAMPLE_INTERRUPTED;
	if (before->waited != after->waited)
		tags |= KMEMLAB_SAMPLE_SLEPT;
	if (before->preempted != after->preempted)
		tags |= KMEMLAB_SAMPLE_SWITCHED;
	return tags;
}

static void add_sample(struct anon_samples *samples, uint64_t ticks, uint32_t tags)
{
	if (ticks >= KMEMLAB_SAMPLE_VALUE) {
		if (samples->overflow_count < OVERFLOWS_MAX)
			samples->overflows[samples->overflow_count++] =
				(struct kmemlab_overflow){ samples->count, ticks };
		ticks = KMEMLAB_SAMPLE_VALUE;
	}
	samples->values[samples->count++] = ticks | tags;
}

static void add_string_bytes(struct kmemlab_string_bytes *sum,
			     const struct kmemlab_string_bytes *before,
			     const struct kmemlab_string_counters *counters)
{
	struct kmemlab_string_bytes now = clock_user_string_bytes(counters);

	sum->stored += now.stored - before->stored;
	sum->copied += now.copied - before->copied;
}

static char *object_address(const struct anon_run *anon, size_t object)
{
	return anon->pages.base + object * anon->object_bytes;
}

static void time_alloc(struct anon_run *anon, size_t object)
{
	size_t page_size = anon->pages.page_size;
	struct kmemlab_interference before, after;
	volatile char *page = object_address(anon, object);
	volatile char *end = page + anon->object_bytes;
	uint32_t start[2];
	struct kmemlab_string_bytes bytes;
	uint64_t strings, now;

	kmemlab_get_interference(anon->device, &before);
	strings = clock_user_strings(anon->counters);
	bytes = clock_user_string_bytes(anon->counters);
	clock_user_begin(start);
	/* The first page is outside the loop, whose start the compiler pads. */
	*page = 1;
	while ((page += page_size) < end)
		*page = 1;
	now = clock_user_end();
	now -= (clock_user_strings(anon->counters) - strings) / 2;
	add_string_bytes(&anon->run->result.alloc_bytes, &bytes, anon->counters);
	kmemlab_get_interference(anon->device, &after);
	add_sample(&anon->alloc, clock_user_since(start, now), get_tags(&before, &after));
}

static void time_free(struct anon_run *anon, size_t object)
{
	struct kmemlab_interference before, after;
	char *address = object_address(anon, object);
	uint32_t start[2];
	struct kmemlab_string_bytes bytes;
	uint64_t strings, now;

	kmemlab_get_interference(anon->device, &before);
	strings = clock_user_strings(anon->counters);
	bytes = clock_user_string_bytes(anon->counters);
	clock_user_begin(start);
	madvise(address, anon->object_bytes, MADV_DONTNEED);
	now = clock_user_end();
	now -= (clock_user_strings(anon->counters) - strings) / 2;
	add_string_bytes(&anon->run->result.free_bytes, &bytes, anon->counters);
	kmemlab_get_interference(anon->device, &after);
	add_sample(&anon->free, clock_user_since(start, now), get_tags(&before, &after));
}

static uint32_t measure_overhead(void)
{
	uint64_t min = UINT32_MAX;

	for (unsigned int i = 0; i < OVERHEAD_READS; i++) {
		uint32_t start[2];
		uint64_t ticks;

		clock_user_begin(start);
		ticks = clock_user_since(start, clock_user_end());
		if (ticks < min)
			min = ticks;
	}
	return min;
}

/* Verify each object in a separate pass, then time each allocation and free. */
static int run_pair(struct anon_run *anon)
{
	struct kmemlab_result *result = &anon->run->result;
	int err = 0;

	for (size_t i = 0; i < anon->spec->objects && !err; i++) {
		time_alloc(anon, 0);
		err = anon_pages_verify(&anon->pages, 1, i, false, result);
		time_free(anon, 0);
	}
	anon->alloc.count = anon->alloc.overflow_count = 0;
	anon->free.count = anon->free.overflow_count = 0;
	result->alloc_bytes = result->free_bytes = (struct kmemlab_string_bytes){ 0 };
	for (size_t i = 0; i < anon->spec->objects && !err; i++) {
		time_alloc(anon, 0);
		time_free(anon, 0);
	}
	result->contiguous_objects = 0;
	result->device_ready_objects = 0;
	return err;
}

/* Fill in the memory that the system lost while all objects are allocated. */
static int measure_memory(struct anon_run *anon)
{
	struct kmemlab_result *result = &anon->run->result;
	int64_t page_size = anon->pages.page_size;
	struct system_memory now;
	int err = system_memory_read(&now);

	result->usable_bytes = anon->objects * anon->object_bytes;
	result->system_bytes = (anon->before.free_pages - now.free_pages) * page_size;
	result->system_slab_bytes = (now.slab_pages - anon->before.slab_pages) * page_size;
	result->system_table_bytes = (now.table_pages - anon->before.table_pages) * page_size;
	result->valid |= KMEMLAB_VALID_MEMORY | KMEMLAB_VALID_CONTIGUITY;
	return err;
}

/* Fill in the memory that remains allocated without objects: page tables. */
static int measure_idle_memory(struct anon_run *anon)
{
	struct system_memory now;
	int err = system_memory_read(&now);

	anon->run->result.idle_bytes = (anon->before.free_pages - now.free_pages) *
				       anon->pages.page_size;
	return err;
}

static int run_batch(struct anon_run *anon)
{
	int err;

	for (size_t i = 0; i < anon->objects; i++)
		time_alloc(anon, i);
	err = measure_memory(anon);
	if (!err)
		err = anon_pages_verify(&anon->pages, anon->objects, 0, true, &anon->run->result);
	for (size_t i = 0; i < anon->objects; i++)
		time_free(anon, i);
	return err ? err : measure_idle_memory(anon);
}

static int evaluate_samples(const struct anon_samples *samples, uint32_t overhead,
			    struct cost *cost)
{
	return cost_from_samples(samples->values, samples->count, samples->overflows,
				 samples->overflow_count, overhead, cost);
}

static int run_workload(struct anon_run *anon)
{
	struct kmemlab_result *result = &anon->run->result;
	uint32_t overhead = measure_overhead();
	int err = system_memory_read(&anon->before);

	if (!err)
		err = holds_all_objects(anon->spec) ? run_batch(anon) : run_pair(anon);
	if (err)
		return err;
	result->requested_bytes = anon->spec->objects * anon->spec->object_size;
	result->objects_per_operation = 1;
	result->objects_per_free = 1;
	result->valid |= KMEMLAB_VALID_VERIFICATION;
	if (anon->counters->magic == KMEMLAB_COUNTERS_MAGIC)
		result->valid |= KMEMLAB_VALID_STRING_BYTES;
	if (result->mismatched_bytes || result->route_mismatches) {
		result->status = KMEMLAB_STATUS_FAILED;
		result->reason_code = KMEMLAB_REASON_MISMATCH;
		snprintf(result->reason, sizeof(result->reason), "%" PRIu64
			 " bytes read back wrong, %" PRIu64 " pages have no frame or share one",
			 (uint64_t)result->mismatched_bytes, (uint64_t)result->route_mismatches);
	}
	err = evaluate_samples(&anon->alloc, overhead, &anon->run->alloc);
	return err ? err : evaluate_samples(&anon->free, overhead, &anon->run->free);
}

int anon_bench(int device, struct experiment_run *run)
{
	const struct experiment_spec *spec = &run->spec;
	struct anon_run *anon = calloc(1, sizeof(*anon));
	int err;

	if (!anon)
		return -ENOMEM;
	anon->device = device;
	anon->spec = spec;
	anon->run = run;
	anon->objects = holds_all_objects(spec) ? spec->objects : 1;
	anon->pages = (struct anon_pages){ .page_size = sysconf(_SC_PAGESIZE), .seed = spec->seed,
					   .object_size = spec->object_size,
					   .device = device, .pagemap = -1, .memory = -1 };
	strcpy(run->result.tail_reason, "page faults of a process are not traced");
	strcpy(run->result.pmu_reason, "page faults of a process are not counted");
	err = check_spec(spec, run);
	if (!err)
		err = check_budget(anon);
	if (!err) {
		anon->counters = kmemlab_map_string_counters(device);
		err = create_mappings(anon);
		if (!err)
			err = run_workload(anon);
		destroy_mappings(anon);
	}
	free(anon);
	return run->result.status == KMEMLAB_STATUS_SKIPPED ? 0 : err;
}
