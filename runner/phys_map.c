// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/phys_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/device.h"
#include "runner/names.h"
#include "runner/object_hold.h"
#include "runner/phys_owners.h"
#include "runner/record_writer.h"
#include "runner/statistics.h"

#define RUNS_INITIAL	65536	/* enough for the memory of most machines */

/* Runs of equal frames, from one scan. */
struct frame_runs {
	struct kmemlab_frames *runs;
	uint64_t count, capacity;
	uint64_t pages, ticks;
	uint32_t order_max;
};

/* One "map" line and its current scan. */
struct map_request {
	int device;
	const struct map_spec *spec;
	uint32_t page_size;
	struct page_names names;
	struct frame_runs frames;
	struct phys_owners owners;
	FILE *records;
	struct skip_reason reason;
	const struct object_hold *set;	/* while it is held, or NULL */
	uint64_t *object_pfns;		/* of the set's pages, or NULL */
	uint64_t object_pages, object_capacity;
	struct skip_reason objects_missing;	/* why the frames of the objects are unknown */
};

static int reserve_runs(struct frame_runs *frames, uint64_t capacity)
{
	struct kmemlab_frames *grown;

	if (capacity <= frames->capacity)
		return 0;
	grown = reallocarray(frames->runs, capacity, sizeof(*frames->runs));
	if (!grown)
		return -ENOMEM;
	/* Fault the pages in now: the scan must not allocate memory. */
	memset(grown + frames->capacity, 0, (capacity - frames->capacity) * sizeof(*grown));
	frames->runs = grown;
	frames->capacity = capacity;
	return 0;
}

static int scan_frames(int device, struct frame_runs *frames)
{
	struct kmemlab_map map = { .flags = KMEMLAB_MAP_MIGRATE_TYPES };
	int err = 0;

	frames->count = frames->pages = frames->ticks = 0;
	do {
		if (frames->count == frames->capacity)
			err = reserve_runs(frames, frames->capacity ? 2 * frames->capacity :
								      RUNS_INITIAL);
		if (err)
			return err;
		map.start = map.next;
		map.runs = (uintptr_t)(frames->runs + frames->count);
		map.capacity = frames->capacity - frames->count;
		err = kmemlab_map(device, &map);
		frames->count += map.count;
		frames->pages += map.pages;
		frames->ticks += map.ticks;
		frames->order_max = map.order_max;
	} while (!err && map.next);
	return err;
}

/* Write [pfn, pages, owner]; the owner is an index of "owner_names". */
static void write_owners(struct record_writer *w, const struct phys_owners *owners)
{
	writer_open(w, "owner_names", '[');
	for (unsigned int i = 0; i < KMEMLAB_REGION_FIXED; i++)
		writer_string(w, NULL, region_name(i));
	writer_close(w, ']');
	writer_open(w, "owners", '[');
	for (size_t i = 0; i < owners->count; i++) {
		writer_open(w, NULL, '[');
		writer_unsigned(w, NULL, owners->runs[i].pfn);
		writer_unsigned(w, NULL, owners->runs[i].pages);
		writer_unsigned(w, NULL, owners->runs[i].owner);
		writer_close(w, ']');
	}
	writer_close(w, ']');
	writer_string(w, "unattributed",
		      *owners->unattributed.text ? owners->unattributed.text : NULL);
}

/*
 * Write [pfn, pages, kind, order, zone, node, migrate type]; kind, zone and migrate type are
 * indices of "kinds", "zones" and "migrate_types".
 */
static void write_runs(struct record_writer *w, const struct frame_runs *frames)
{
	writer_open(w, "runs", '[');
	for (uint64_t i = 0; i < frames->count; i++) {
		const struct kmemlab_frames *run = &frames->runs[i];

		writer_open(w, NULL, '[');
		writer_unsigned(w, NULL, run->pfn);
		writer_unsigned(w, NULL, run->count);
		writer_unsigned(w, NULL, run->kind);
		writer_unsigned(w, NULL, run->order);
		writer_unsigned(w, NULL, run->zone);
		writer_signed(w, NULL, run->node);
		writer_unsigned(w, NULL, run->migrate_type);
		writer_close(w, ']');
	}
	writer_close(w, ']');
}

static void write_names(struct record_writer *w, const struct page_names *names)
{
	writer_open(w, "kinds", '[');
	for (unsigned int i = 0; i < KMEMLAB_PAGE_KINDS; i++)
		writer_string(w, NULL, page_kind_name(i));
	writer_close(w, ']');
	writer_open(w, "zones", '[');
	for (unsigned int i = 0; i < ZONES_MAX; i++)
		writer_string(w, NULL, names->zones[i]);
	writer_close(w, ']');
	writer_open(w, "migrate_types", '[');
	for (unsigned int i = 0; i < MIGRATE_TYPES_MAX; i++)
		writer_string(w, NULL, names->migrate_types[i]);
	writer_close(w, ']');
}

/* Different PFNs of the objects' pages; more would need too much memory. */
#define OBJECT_PAGES_MAX	(1U << 20)
#define LOOKUPS_MAX		64

/* Add the frames of some objects, at an offset in each. */
static int add_object_frames(struct map_request *request, uint64_t first, uint32_t count,
			     uint64_t offset)
{
	struct kmemlab_lookup lookups[LOOKUPS_MAX];
	uint64_t inputs[LOOKUPS_MAX];
	struct kmemlab_translate args = {
		.space = KMEMLAB_SPACE_OBJECTS, .count = count, .offset = offset,
		.lookup_size = sizeof(*lookups), .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)lookups,
	};
	int err;

	for (uint32_t i = 0; i < count; i++)
		inputs[i] = first + i;
	err = kmemlab_translate(request->set->file, &args);
	for (uint32_t i = 0; !err && i < count; i++)
		if (lookups[i].status == KMEMLAB_LOOKUP_OK)
			request->object_pfns[request->object_pages++] =
				lookups[i].phys / request->page_size;
	return err;
}

/* Sort the PFNs and keep each once: many objects share a page. */
static void sort_object_pfns(struct map_request *request)
{
	uint64_t *pfns = request->object_pfns, count = request->object_pages;

	request->object_pages = 0;
	qsort(pfns, count, sizeof(*pfns), compare_u64);
	for (uint64_t i = 0; i < count; i++)
		if (!i || pfns[i] != pfns[i - 1])
			pfns[request->object_pages++] = pfns[i];
}

/* Return the pages that an object can be on. */
static uint64_t pages_per_object(const struct map_request *request)
{
	return (request->spec->object_size - 1) / request->page_size + 2;
}

/* Return the copies of each object: one per CPU if the facility is per CPU. */
static uint32_t copies_per_object(const struct map_request *request)
{
	struct kmemlab_facility facility;

	for (uint32_t i = 0; !kmemlab_get_facility(request->device, i, &facility); i++)
		if (!strcmp(facility.name, request->spec->facility))
			return facility.copies;
	return 1;
}

/*
 * Reserve room for the PFNs of the objects' pages before a condition takes all memory: for twice
 * the limit, so that half of it is free again when each PFN is kept once.
 */
static void reserve_object_pfns(struct map_request *request)
{
	const uint64_t objects = request->spec->objects;
	uint32_t copies;
	uint64_t total;

	if (!*request->spec->facility)
		return;
	copies = copies_per_object(request);
	if (copies > 1) {
		skip_with(&request->objects_missing, 0, "each object of %s has %" PRIu32
			  " copies, of which only one can be found", request->spec->facility,
			  copies);
		return;
	}
	if (__builtin_mul_overflow(pages_per_object(request), objects, &total) ||
	    total > 2 * OBJECT_PAGES_MAX)
		total = 2 * OBJECT_PAGES_MAX;
	request->object_capacity = total + LOOKUPS_MAX;
	request->object_pfns = malloc(request->object_capacity * sizeof(*request->object_pfns));
	if (request->object_pfns)
		memset(request->object_pfns, 1,
		       request->object_capacity * sizeof(*request->object_pfns));
	else
		skip_with(&request->objects_missing, 0, "not enough memory to find their frames");
}

/* Find the frames of the objects at an offset in each of them. Return: 0, -E2BIG or an error. */
static int find_frames_at(struct map_request *request, uint64_t offset)
{
	const uint64_t objects = request->spec->objects;
	int err = 0;

	for (uint64_t done = 0; done < objects && !err; done += LOOKUPS_MAX) {
		if (request->object_pages + LOOKUPS_MAX > request->object_capacity) {
			sort_object_pfns(request);
			if (request->object_pages > OBJECT_PAGES_MAX)
				return -E2BIG;
		}
		err = add_object_frames(request, done, objects - done < LOOKUPS_MAX ?
					objects - done : LOOKUPS_MAX, offset);
	}
	return err;
}

/* Find the frames of the objects: at the start of each page, and at the end of an object. */
static int find_object_frames(struct map_request *request)
{
	const uint64_t last = request->spec->object_size - 1;
	int err = 0;

	for (uint64_t page = 0; page < pages_per_object(request) && !err; page++) {
		const uint64_t offset = page * request->page_size;

		err = find_frames_at(request, offset < last ? offset : last);
	}
	sort_object_pfns(request);
	if (request->object_pages <= OBJECT_PAGES_MAX)
		return err;
	request->object_pages = 0;
	skip_with(&request->objects_missing, 0, "the objects are on more than %u frames",
		  OBJECT_PAGES_MAX);
	return 0;
}

static void write_objects(struct record_writer *w, const struct map_request *request)
{
	const uint64_t *pfns = request->object_pfns, count = request->object_pages;

	if (!count)
		return;
	writer_open(w, "objects", '[');
	for (uint64_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && pfns[end] - pfns[end - 1] <= 1; end++)
			;
		writer_open(w, NULL, '[');
		writer_unsigned(w, NULL, pfns[i]);
		writer_unsigned(w, NULL, pfns[end - 1] - pfns[i] + 1);
		writer_close(w, ']');
	}
	writer_close(w, ']');
}

static void write_map_record(const struct map_request *request, const char *phase)
{
	struct record_writer w = { .out = request->records };

	writer_begin(&w, "map");
	writer_string(&w, "phase", phase);
	writer_string(&w, "condition", request->spec->condition);
	writer_string(&w, "gfp", request->spec->gfp);
	writer_unsigned(&w, "page_size", request->page_size);
	writer_unsigned(&w, "pages", request->frames.pages);
	writer_unsigned(&w, "order_max", request->frames.order_max);
	writer_unsigned(&w, "ticks", request->frames.ticks + request->owners.mappings.ticks);
	write_names(&w, &request->names);
	write_owners(&w, &request->owners);
	write_objects(&w, request);
	writer_string(&w, "objects_missing", request->set && *request->objects_missing.text ?
		      request->objects_missing.text : NULL);
	write_runs(&w, &request->frames);
	writer_end(&w);
}

static int skip_on_error(struct map_request *request, int err)
{
	return skip_with(&request->reason, err, "%s", err == -EACCES ?
			 "the kernel is locked down and does not allow access to struct pages" :
			 strerror(-err));
}

static int map_phase(struct map_request *request, const char *phase)
{
	int err = scan_frames(request->device, &request->frames);

	if (!err)
		err = phys_owners_read(request->device, request->page_size, &request->owners);
	if (!err && request->set && request->object_pfns)
		err = find_object_frames(request);
	if (err)
		return skip_on_error(request, err);
	write_map_record(request, phase);
	return 0;
}

static int map_phases(struct map_request *request)
{
	const struct map_spec *spec = request->spec;
	struct object_hold set;
	int err;

	if (!*spec->facility)
		return map_phase(request, "now");
	err = map_phase(request, "before");
	if (!err)
		err = object_hold_create(request->device, spec->facility, spec->gfp,
					 spec->object_size, spec->objects, false, &set,
					 &request->reason);
	if (err)
		return err;
	request->set = &set;
	err = map_phase(request, "held");
	object_hold_release(&set);
	request->set = NULL;
	request->object_pages = 0;
	return err ? err : map_phase(request, "after");
}

/* Reserve one run per frame: once memory is full, no more can be allocated. */
static int reserve_all_frames(struct map_request *request)
{
	int err = scan_frames(request->device, &request->frames);

	return err ? err : reserve_runs(&request->frames, request->frames.pages + 1);
}

static int map_in_condition(struct map_request *request)
{
	int err = reserve_all_frames(request), condition;

	if (err)
		return skip_on_error(request, err);
	condition = object_hold_condition(request->device, request->spec, &request->reason);
	if (condition < 0)
		return condition;
	err = map_phases(request);
	close(condition);
	return err;
}

int phys_map(int device, const struct map_spec *spec, FILE *records)
{
	struct map_request request = { .device = device, .spec = spec, .records = records };
	struct kmemlab_info info;
	int err = kmemlab_get_info(device, &info);

	request.page_size = info.page_size;
	if (!err)
		err = page_names_read(device, &request.names);
	if (!err) {
		reserve_object_pfns(&request);
		phys_owners_init(&request.owners);
		err = strcmp(spec->condition, "fresh") ? map_in_condition(&request) :
							 map_phases(&request);
	}
	free(request.object_pfns);
	free(request.frames.runs);
	phys_owners_release(&request.owners);
	return write_skip_record(records, &request.reason, err);
}
