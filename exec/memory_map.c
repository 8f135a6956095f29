// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame_owners.h"
#include "held.h"
#include "lib/device.h"
#include "page_names.h"
#include "record_writer.h"

#define RUNS_FIRST	65536	/* room that most machines' memory needs no more than */

/* All runs of one scan. */
struct runs {
	struct kmemlab_frames *runs;
	uint64_t count, room;
	uint64_t pages, ticks;
	uint32_t order_max;
};

static int runs_reserve(struct runs *runs, uint64_t room)
{
	void *grown;

	if (room <= runs->room)
		return 0;
	grown = reallocarray(runs->runs, room, sizeof(*runs->runs));
	if (!grown)
		return -ENOMEM;
	/* Touched now, so that the scan does not have to. */
	memset((struct kmemlab_frames *)grown + runs->room, 0,
	       (room - runs->room) * sizeof(*runs->runs));
	runs->runs = grown;
	runs->room = room;
	return 0;
}

static int scan(int device, struct runs *runs)
{
	struct kmemlab_map map = { .start = 0 };
	int error = 0;

	runs->count = runs->pages = runs->ticks = 0;
	do {
		if (runs->count == runs->room)
			error = runs_reserve(runs, runs->room ? 2 * runs->room : RUNS_FIRST);
		if (error)
			return error;
		map.start = map.next;
		map.runs = (uintptr_t)(runs->runs + runs->count);
		map.capacity = runs->room - runs->count;
		error = kmemlab_map(device, &map);
		runs->count += map.count;
		runs->pages += map.pages;
		runs->ticks += map.ticks;
		runs->order_max = map.order_max;
	} while (!error && map.next);
	return error;
}

/* [pfn, pages, owner], the owner as a number in the list beside. */
static void write_owners(struct record_writer *w, const struct frame_owners *owners)
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
	if (*owners->untold.text)
		writer_string(w, "untold", owners->untold.text);
	else
		writer_null(w, "untold");
}

/* [pfn, pages, kind, order, zone, node], kind and zone as numbers in the lists beside. */
static void write_runs(struct record_writer *w, const struct runs *runs)
{
	writer_open(w, "runs", '[');
	for (uint64_t i = 0; i < runs->count; i++) {
		const struct kmemlab_frames *run = &runs->runs[i];

		writer_open(w, NULL, '[');
		writer_unsigned(w, NULL, run->pfn);
		writer_unsigned(w, NULL, run->count);
		writer_unsigned(w, NULL, run->kind);
		writer_unsigned(w, NULL, run->order);
		writer_unsigned(w, NULL, run->zone);
		writer_signed(w, NULL, run->node);
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
}

/* What one directive needs in each of its phases. */
struct mapping {
	int device;
	const struct map_spec *spec;
	uint32_t page_size;
	struct page_names names;
	struct runs runs;
	struct frame_owners owners;
	FILE *records;
	struct refusal refusal;
};

static void write_map_record(const struct mapping *m, const char *phase)
{
	struct record_writer w = { .out = m->records };

	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "map");
	writer_string(&w, "phase", phase);
	writer_string(&w, "condition", m->spec->condition);
	writer_unsigned(&w, "page_size", m->page_size);
	writer_unsigned(&w, "pages", m->runs.pages);
	writer_unsigned(&w, "order_max", m->runs.order_max);
	writer_unsigned(&w, "ticks", m->runs.ticks + m->owners.mappings.ticks);
	write_names(&w, &m->names);
	write_owners(&w, &m->owners);
	write_runs(&w, &m->runs);
	writer_close(&w, '}');
	writer_end_line(&w);
}

static const char *words_for(int error)
{
	return error == -EACCES ? "the kernel is locked down: it lets nobody look at its pages" :
				  strerror(-error);
}

static int take(struct mapping *m, const char *phase)
{
	int error = scan(m->device, &m->runs);

	if (!error)
		error = frame_owners_read(m->device, m->page_size, &m->owners);
	if (error)
		refuse(&m->refusal, error, "%s", words_for(error));
	else
		write_map_record(m, phase);
	return error;
}

static int take_phases(struct mapping *m)
{
	const struct map_spec *spec = m->spec;
	struct held held;
	int error;

	if (!*spec->facility)
		return take(m, "now");
	error = take(m, "before");
	if (!error)
		error = held_create(m->device, spec->facility, spec->gfp, spec->object_size,
				    spec->objects, false, &held, &m->refusal);
	if (error)
		return error;
	error = take(m, "held");
	held_release(&held);
	return error ? error : take(m, "after");
}

/* Room for as many runs as there are frames: once memory is full, there is none to be had. */
static int reserve_all(struct mapping *m)
{
	int error = scan(m->device, &m->runs);

	return error ? error : runs_reserve(&m->runs, m->runs.pages + 1);
}

static int take_aged(struct mapping *m)
{
	int error = reserve_all(m), condition;

	if (error)
		return refuse(&m->refusal, error, "%s", words_for(error));
	condition = held_condition(m->device, m->spec, &m->refusal);
	if (condition < 0)
		return condition;
	error = take_phases(m);
	close(condition);
	return error;
}

int map_memory(int device, const struct map_spec *spec, FILE *records)
{
	struct mapping m = { .device = device, .spec = spec, .records = records };
	struct kmemlab_info info;
	int error = kmemlab_get_info(device, &info);

	m.page_size = info.page_size;
	if (!error)
		error = page_names_read(device, &m.names);
	if (!error)
		frame_owners_init(&m.owners);
	if (!error)
		error = strcmp(spec->condition, "fresh") ? take_aged(&m) : take_phases(&m);
	free(m.runs.runs);
	frame_owners_release(&m.owners);
	return write_refusal_record(records, &m.refusal, error);
}
