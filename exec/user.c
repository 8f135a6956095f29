// SPDX-License-Identifier: GPL-2.0-or-later
#include "user.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/device.h"
#include "system_memory.h"
#include "user_clock.h"
#include "user_pages.h"

#define OVERHEAD_READS	1000
#define OVERFLOWS_MAX	1024

/* The samples of one direction. */
struct samples {
	uint32_t *values;
	size_t count;
	struct kmemlab_overflow overflows[OVERFLOWS_MAX];
	size_t overflow_count;
};

struct user {
	int device;
	const struct experiment_spec *spec;
	struct measurement *m;
	size_t objects;		/* alive at the same time */
	size_t object_bytes;	/* whole pages */
	struct user_pages pages;
	struct samples alloc, free;
	struct system_memory before;
};

static int __attribute__((format(printf, 2, 3)))
refuse(struct measurement *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(m->result.reason, sizeof(m->result.reason), format, args);
	va_end(args);
	m->result.status = KMEMLAB_STATUS_REFUSED;
	m->result.error = -EOPNOTSUPP;
	return -EOPNOTSUPP;
}

static int check_request(const struct experiment_spec *spec, struct measurement *m)
{
	if (strcmp(spec->workload, "pair") && strcmp(spec->workload, "batch"))
		return refuse(m, "user has the workloads pair and batch only");
	if (*spec->gfp && strcmp(spec->gfp, "kernel"))
		return refuse(m, "user has no gfp %s: the kernel chooses the flags of a process's pages",
			      spec->gfp);
	if (*spec->condition && strcmp(spec->condition, "fresh"))
		return refuse(m, "user has no condition %s", spec->condition);
	if (spec->align || spec->bulk > 1 || spec->repeats > 1 || spec->node != -1 ||
	    spec->free_cpu != -1 || spec->cpu_count > 1 || *spec->free_order)
		return refuse(m, "user has no align, bulk, repeats, node, free_cpu, free_order, and one CPU");
	return 0;
}

static bool holds_all(const struct experiment_spec *spec)
{
	return strcmp(spec->workload, "pair");
}

/* Of so many objects: their pages, and those of tables, frames and samples. */
static uint64_t pages_of(const struct user *u, uint64_t objects)
{
	uint64_t pages = (holds_all(u->spec) ? objects : 1) * u->pages.object_pages;
	uint64_t records = pages * sizeof(uint64_t) + objects * 2 * sizeof(uint32_t);

	return pages + records / u->pages.page_size + pages / 256 + 16;
}

/* Of those asked for, as many as @budget pages have room for. */
static uint64_t most_objects(const struct user *u, uint64_t budget)
{
	uint64_t low = 0, high = u->spec->objects;

	while (low < high) {
		uint64_t middle = high - (high - low) / 2;

		if (pages_of(u, middle) <= budget)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The module's budget counts here as well. */
static int check_budget(struct user *u)
{
	const struct experiment_spec *spec = u->spec;
	uint64_t page_size = u->pages.page_size, pages, bytes;
	struct kmemlab_info info;
	int error = kmemlab_get_info(u->device, &info);

	if (error)
		return error;
	u->pages.object_pages = spec->object_size / page_size + !!(spec->object_size % page_size);
	if (__builtin_mul_overflow(u->objects, (uint64_t)u->pages.object_pages, &pages) ||
	    __builtin_mul_overflow(pages, page_size, &bytes) || bytes > SIZE_MAX / 4)
		return refuse(u->m, "%" PRIu64 " objects of %" PRIu64 " bytes are beyond the addresses of a process",
			      spec->objects, spec->object_size);
	u->object_bytes = u->pages.object_pages * page_size;
	pages = pages_of(u, spec->objects);
	if (pages > info.budget_pages)
		return refuse(u->m, "%" PRIu64 " objects of %" PRIu64 " bytes may take %" PRIu64 " KiB, and the budget has %" PRIu64 " KiB left: room for %" PRIu64,
			      spec->objects, spec->object_size, pages * page_size >> 10,
			      (uint64_t)info.budget_pages * page_size >> 10,
			      most_objects(u, info.budget_pages));
	return 0;
}

static void *map_pages(size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static int set_up(struct user *u)
{
	size_t bytes = u->spec->objects * sizeof(uint32_t);

	u->pages.base = map_pages(u->objects * u->object_bytes, 0);
	/* Populated, so that recording a sample faults no page in. */
	u->alloc.values = map_pages(bytes, MAP_POPULATE);
	u->free.values = map_pages(bytes, MAP_POPULATE);
	if (!u->pages.base || !u->alloc.values || !u->free.values)
		return -ENOMEM;
	/* One fault a page: huge pages would serve many objects at once. */
	madvise(u->pages.base, u->objects * u->object_bytes, MADV_NOHUGEPAGE);
	return user_pages_open(&u->pages, u->objects);
}

static void take_down(struct user *u)
{
	size_t bytes = u->spec->objects * sizeof(uint32_t);

	if (u->pages.base)
		munmap(u->pages.base, u->objects * u->object_bytes);
	if (u->alloc.values)
		munmap(u->alloc.values, bytes);
	if (u->free.values)
		munmap(u->free.values, bytes);
	user_pages_close(&u->pages);
}

static uint32_t tags_between(const struct kmemlab_disturbances *a,
			     const struct kmemlab_disturbances *b)
{
	uint32_t tags = 0;

	if (a->cpu != b->cpu)
		tags |= KMEMLAB_SAMPLE_MIGRATED;
	else if (a->interrupts != b->interrupts)
		tags |= KMEMLAB_SAMPLE_INTERRUPTED;
	if (a->waited != b->waited)
		tags |= KMEMLAB_SAMPLE_SLEPT;
	if (a->preempted != b->preempted)
		tags |= KMEMLAB_SAMPLE_SWITCHED;
	return tags;
}

static void record(struct samples *samples, uint64_t ticks, uint32_t tags)
{
	if (ticks >= KMEMLAB_SAMPLE_VALUE) {
		if (samples->overflow_count < OVERFLOWS_MAX)
			samples->overflows[samples->overflow_count++] =
				(struct kmemlab_overflow){ samples->count, ticks };
		ticks = KMEMLAB_SAMPLE_VALUE;
	}
	samples->values[samples->count++] = ticks | tags;
}

static char *object_at(const struct user *u, size_t object)
{
	return u->pages.base + object * u->object_bytes;
}

/* What a process does when it grows: one store to each page. */
static void touch(struct user *u, size_t object)
{
	size_t page = u->pages.page_size;
	struct kmemlab_disturbances before, after;
	volatile char *at = object_at(u, object);
	volatile char *end = at + u->object_bytes;
	uint32_t start[2];
	uint64_t now;

	kmemlab_get_disturbances(u->device, &before);
	user_clock_begin(start);
	/* The first ahead of the loop, whose start the compiler pads. */
	*at = 1;
	while ((at += page) < end)
		*at = 1;
	now = user_clock_end();
	kmemlab_get_disturbances(u->device, &after);
	record(&u->alloc, user_clock_since(start, now), tags_between(&before, &after));
}

static void give_back(struct user *u, size_t object)
{
	struct kmemlab_disturbances before, after;
	char *at = object_at(u, object);
	uint32_t start[2];
	uint64_t now;

	kmemlab_get_disturbances(u->device, &before);
	user_clock_begin(start);
	madvise(at, u->object_bytes, MADV_DONTNEED);
	now = user_clock_end();
	kmemlab_get_disturbances(u->device, &after);
	record(&u->free, user_clock_since(start, now), tags_between(&before, &after));
}

static uint32_t clock_overhead(void)
{
	uint64_t least = UINT32_MAX;

	for (unsigned int i = 0; i < OVERHEAD_READS; i++) {
		uint32_t start[2];
		uint64_t ticks;

		user_clock_begin(start);
		ticks = user_clock_since(start, user_clock_end());
		if (ticks < least)
			least = ticks;
	}
	return least;
}

/* Each object proved in a pass of its own, then each touched and given back at once. */
static int run_pair(struct user *u)
{
	size_t i;
	int error = 0;

	for (i = 0; i < u->spec->objects && !error; i++) {
		touch(u, 0);
		error = user_pages_prove(&u->pages, 1, i, false, &u->m->result);
		give_back(u, 0);
	}
	u->alloc.count = u->alloc.overflow_count = 0;
	u->free.count = u->free.overflow_count = 0;
	for (i = 0; i < u->spec->objects && !error; i++) {
		touch(u, 0);
		give_back(u, 0);
	}
	u->m->result.contiguous_objects = 0;
	u->m->result.device_ready_objects = 0;
	return error;
}

static int close_ledger(struct user *u)
{
	struct kmemlab_result *result = &u->m->result;
	int64_t page_size = u->pages.page_size;
	struct system_memory now;
	int error = system_memory_read(&now);

	result->usable_bytes = u->objects * u->object_bytes;
	result->system_bytes = (u->before.free_pages - now.free_pages) * page_size;
	result->system_slab_bytes = (now.slab_pages - u->before.slab_pages) * page_size;
	result->system_table_bytes = (now.table_pages - u->before.table_pages) * page_size;
	result->valid |= KMEMLAB_VALID_MEMORY | KMEMLAB_VALID_CONTIGUITY;
	return error;
}

/* What stays of the process's growth: its page tables. */
static int close_idle_ledger(struct user *u)
{
	struct system_memory now;
	int error = system_memory_read(&now);

	u->m->result.idle_bytes = (u->before.free_pages - now.free_pages) * u->pages.page_size;
	return error;
}

static int run_batch(struct user *u)
{
	size_t i;
	int error;

	for (i = 0; i < u->objects; i++)
		touch(u, i);
	error = close_ledger(u);
	if (!error)
		error = user_pages_prove(&u->pages, u->objects, 0, true, &u->m->result);
	for (i = 0; i < u->objects; i++)
		give_back(u, i);
	return error ? error : close_idle_ledger(u);
}

static int evaluate(const struct samples *samples, uint32_t overhead, struct cost *cost)
{
	return cost_from_samples(samples->values, samples->count, samples->overflows,
				 samples->overflow_count, overhead, cost);
}

static int run(struct user *u)
{
	struct kmemlab_result *result = &u->m->result;
	uint32_t overhead = clock_overhead();
	int error = system_memory_read(&u->before);

	if (!error)
		error = holds_all(u->spec) ? run_batch(u) : run_pair(u);
	if (error)
		return error;
	result->requested_bytes = u->spec->objects * u->spec->object_size;
	result->objects_per_operation = 1;
	result->objects_per_free = 1;
	result->valid |= KMEMLAB_VALID_VERIFICATION;
	if (result->mismatches || result->route_disagreements) {
		result->status = KMEMLAB_STATUS_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "%" PRIu64 " bytes read back wrong, %" PRIu64 " pages without a frame of their own",
			 (uint64_t)result->mismatches, (uint64_t)result->route_disagreements);
	}
	error = evaluate(&u->alloc, overhead, &u->m->alloc);
	return error ? error : evaluate(&u->free, overhead, &u->m->free);
}

int user_measure(int device, const struct experiment_spec *spec, struct measurement *m)
{
	struct user *u = calloc(1, sizeof(*u));
	int error;

	if (!u)
		return -ENOMEM;
	u->device = device;
	u->spec = spec;
	u->m = m;
	u->objects = holds_all(spec) ? spec->objects : 1;
	u->pages = (struct user_pages){ .page_size = sysconf(_SC_PAGESIZE), .seed = spec->seed,
					.object_size = spec->object_size,
					.device = device, .pagemap = -1, .memory = -1 };
	error = check_request(spec, m);
	if (!error)
		error = check_budget(u);
	if (!error) {
		error = set_up(u);
		if (!error)
			error = run(u);
		take_down(u);
	}
	free(u);
	return m->result.status == KMEMLAB_STATUS_REFUSED ? 0 : error;
}
