// SPDX-License-Identifier: GPL-2.0-or-later
#include "translation.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "answer_record.h"
#include "held.h"
#include "lib/device.h"
#include "mapped.h"
#include "record_writer.h"
#include "user.h"

#define PAGEMAP_PRESENT	(UINT64_C(1) << 63)
#define PAGEMAP_PFN	((UINT64_C(1) << 55) - 1)

/* One question on its way, and what came of it so far. */
struct question {
	const struct translate_spec *spec;
	int file;			/* the device, or the held set */
	int pagemap;			/* of the process, or -1 */
	uint32_t page_size;
	struct page_names names;
	struct kmemlab_translate ask;
	uint64_t inputs[KMEMLAB_TRANSLATE_MAX];
	struct kmemlab_answer answers[KMEMLAB_TRANSLATE_MAX];
	FILE *records;
	uint64_t first_object;		/* of space objects: of the first input ... */
	uint64_t page;			/* ... and which page of each; else of the first input */
	const struct held *held;	/* of space objects */
	struct kernel_mappings mappings;	/* where other addresses are asked for */
	uint64_t asked, ok, disagreements, ticks;
	struct refusal refusal;
};

static const char *words_for(int error)
{
	switch (-error) {
	case ESRCH:
		return "there is no such process (any more), or not in this namespace";
	case ENODATA:
		return "this is a kernel thread: it has no memory of its own";
	case EACCES:
		return "the kernel is locked down: it lets nobody look into its tables";
	default:
		return strerror(-error);
	}
}

static int say(struct question *q, int error)
{
	if (!strcmp(q->spec->space, "process"))
		return refuse(&q->refusal, error, "process %" PRIu32 ": %s", q->spec->pid,
			      words_for(error));
	return refuse(&q->refusal, error, "%s", words_for(error));
}

static uint32_t space_of(const char *name)
{
	if (!strcmp(name, "process"))
		return KMEMLAB_SPACE_PROCESS;
	if (!strcmp(name, "phys") || !strcmp(name, "pfn"))
		return KMEMLAB_SPACE_PHYS;
	return strcmp(name, "objects") ? KMEMLAB_SPACE_KERNEL : KMEMLAB_SPACE_OBJECTS;
}

/* What the kernel's own file says of a process's page. */
static void ask_pagemap(struct question *q, struct kmemlab_answer *answer)
{
	const int bit = __builtin_ctz(KMEMLAB_ROUTE_PAGEMAP);
	uint64_t entry;

	if (q->pagemap < 0 || answer->status != KMEMLAB_ANSWER_OK ||
	    pread(q->pagemap, &entry, sizeof(entry),
		  answer->address / q->page_size * sizeof(entry)) != sizeof(entry))
		return;
	/* It shows what is no ordinary memory as a hole: no other answer, but none. */
	if (!(entry & PAGEMAP_PRESENT) && answer->page.kind == KMEMLAB_PAGE_NONE)
		return;
	answer->routes |= KMEMLAB_ROUTE_PAGEMAP;
	answer->route_pfns[bit] = entry & PAGEMAP_PRESENT ? entry & PAGEMAP_PFN : UINT64_MAX;
	if (answer->route_pfns[bit] != answer->phys / q->page_size)
		answer->disagree |= KMEMLAB_ROUTE_PAGEMAP;
}

static void take_answers(struct question *q)
{
	struct answer_input input = { .spec = q->spec };

	if (q->mappings.room)
		input.mappings = &q->mappings;

	for (uint32_t i = 0; i < q->ask.count; i++) {
		struct kmemlab_answer *answer = &q->answers[i];

		ask_pagemap(q, answer);
		input.object = q->first_object + i;
		input.page = *q->spec->facility ? q->page : q->page + i;
		input.address = q->inputs[i];
		if (q->spec->mapped)
			input.process_address = (uintptr_t)q->held->memory + answer->position;
		q->ok += answer->status == KMEMLAB_ANSWER_OK;
		q->disagreements += !!answer->disagree;
		write_answer_record(q->records, &input, &q->ask.format, &q->names, answer);
	}
	q->asked += q->ask.count;
	q->ticks += q->ask.ticks;
}

static int ask_batch(struct question *q, uint32_t count)
{
	int error;

	q->ask.count = count;
	q->ask.flags = q->spec->routes ? KMEMLAB_TRANSLATE_ROUTES : 0;
	q->ask.inputs = (uintptr_t)q->inputs;
	q->ask.answers = (uintptr_t)q->answers;
	error = kmemlab_translate(q->file, &q->ask);
	if (error)
		return say(q, error);
	take_answers(q);
	return 0;
}

static uint32_t batch_of(uint64_t left)
{
	return left < KMEMLAB_TRANSLATE_MAX ? left : KMEMLAB_TRANSLATE_MAX;
}

static int ask_addresses(struct question *q)
{
	const struct translate_spec *spec = q->spec;
	const bool pfn = !strcmp(spec->space, "pfn");
	const uint64_t first = pfn ? spec->address * q->page_size : spec->address;
	int error = 0;

	if (pfn && first / q->page_size != spec->address)
		return refuse(&q->refusal, -ERANGE, "page frame %" PRIu64 " is beyond all memory",
			      spec->address);
	if (spec->pages - 1 > (UINT64_MAX - first) / q->page_size)
		return refuse(&q->refusal, -ERANGE, "%" PRIu64 " pages from 0x%" PRIx64
			      " go beyond the last address", spec->pages, first);
	for (uint64_t done = 0; done < spec->pages && !error; done += q->ask.count) {
		uint32_t count = batch_of(spec->pages - done);

		for (uint32_t i = 0; i < count; i++)
			q->inputs[i] = first + (done + i) * q->page_size;
		q->page = done;
		error = ask_batch(q, count);
	}
	return error;
}

static uint64_t pages_of(const struct question *q)
{
	return (q->spec->object_size + q->page_size - 1) / q->page_size;
}

/* Of a held set: its number; of facility user: its address. */
static uint64_t input_of(const struct question *q, uint64_t object, uint64_t pages)
{
	if (q->ask.space == KMEMLAB_SPACE_OBJECTS)
		return object;
	return (uintptr_t)q->held->memory + (object * pages + q->page) * q->page_size;
}

/* One page of all objects after the other: page by page, so that offsets are the same. */
static int ask_objects(struct question *q)
{
	const struct translate_spec *spec = q->spec;
	const uint64_t pages = pages_of(q);
	int error = 0;

	for (uint64_t page = 0; page < pages; page++) {
		q->ask.offset = q->ask.space == KMEMLAB_SPACE_OBJECTS ? page * q->page_size : 0;
		q->page = page;
		for (uint64_t done = 0; done < spec->objects && !error; done += q->ask.count) {
			uint32_t count = batch_of(spec->objects - done);

			q->first_object = done;
			for (uint32_t i = 0; i < count; i++)
				q->inputs[i] = input_of(q, done + i, pages);
			error = ask_batch(q, count);
		}
	}
	return error;
}

static void write_translation_record(struct question *q)
{
	struct record_writer w = { .out = q->records };

	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "translation");
	writer_string(&w, "space", q->spec->space);
	writer_string(&w, "format", q->ask.format.name);
	writer_unsigned(&w, "format_levels", q->ask.format.levels);
	writer_unsigned(&w, "address_bits", q->ask.format.address_bits);
	writer_unsigned(&w, "asked", q->asked);
	writer_unsigned(&w, "ok", q->ok);
	writer_unsigned(&w, "disagreements", q->disagreements);
	writer_unsigned(&w, "ticks", q->ticks);
	writer_close(&w, '}');
	writer_end_line(&w);
}

static bool is_user(const struct translate_spec *spec)
{
	return !strcmp(spec->facility, USER_FACILITY);
}

static int check_amount(struct question *q, const struct translate_spec *spec,
			const struct kmemlab_info *info)
{
	const uint32_t page_size = info->page_size;
	uint64_t pages = spec->pages;

	if (*spec->facility &&
	    __builtin_mul_overflow((spec->object_size + page_size - 1) / page_size, spec->objects,
				   &pages))
		pages = UINT64_MAX;
	if (is_user(spec) && pages > info->budget_pages)
		return refuse(&q->refusal, -ENOMEM, "%" PRIu64 " pages are wanted, and the budget has %"
			      PRIu64 " left", pages, (uint64_t)info->budget_pages);
	if (pages <= TRANSLATE_PAGES_MAX)
		return 0;
	return refuse(&q->refusal, -E2BIG, "the objects have more than %d pages: too many at once",
		      TRANSLATE_PAGES_MAX);
}

static int open_pagemap(const struct translate_spec *spec)
{
	char path[64] = "/proc/self/pagemap";

	if (strcmp(spec->space, "process") && !is_user(spec))
		return -1;
	if (spec->pid)
		snprintf(path, sizeof(path), "/proc/%" PRIu32 "/pagemap", spec->pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Facility user: pages of this process, of which the module knows nothing. */
static int take_user(struct question *q, struct held *held)
{
	const struct translate_spec *spec = q->spec;

	if (spec->mapped)
		return refuse(&q->refusal, -EOPNOTSUPP, "objects of %s are a process's already",
			      USER_FACILITY);
	held->bytes = spec->objects * pages_of(q) * q->page_size;
	held->memory = mmap(NULL, held->bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (held->memory == MAP_FAILED) {
		held->memory = NULL;
		return say(q, -errno);
	}
	q->ask.space = KMEMLAB_SPACE_PROCESS;
	return 0;
}

static int take_set(int device, struct question *q, struct held *held)
{
	const struct translate_spec *spec = q->spec;
	int error;

	if (is_user(spec))
		error = take_user(q, held);
	else
		error = held_create(device, spec->facility, spec->gfp, spec->object_size,
				    spec->objects, spec->mapped, held, &q->refusal);
	if (!error && held->file >= 0)
		q->file = held->file;
	if (!error)
		q->held = held;
	return error;
}

static int ask_all(int device, struct question *q)
{
	struct held held = { .file = -1 };
	int error = 0;

	q->file = device;
	if (*q->spec->facility)
		error = take_set(device, q, &held);
	if (error)
		return error;
	/* The way back, and what is shown twice: whoever asks wants all addresses. */
	if (q->ask.space == KMEMLAB_SPACE_PHYS || q->spec->mapped)
		error = kernel_mappings_read(device, &q->mappings);
	if (error) {
		held_release(&held);
		return say(q, error);
	}
	error = *q->spec->facility ? ask_objects(q) : ask_addresses(q);
	if (!error)
		write_translation_record(q);
	if (!error && q->spec->mapped)
		error = prove_mapped(&held, device, q->spec->objects, q->spec->object_size,
				     q->page_size, q->records, &q->refusal);
	held_release(&held);
	return error;
}

int translate(int device, const struct translate_spec *spec, FILE *records)
{
	struct question *q = calloc(1, sizeof(*q));
	struct kmemlab_info info;
	int error = q ? kmemlab_get_info(device, &info) : -ENOMEM;

	if (!error)
		error = check_amount(q, spec, &info);
	if (!error)
		error = page_names_read(device, &q->names);
	if (!error) {
		q->spec = spec;
		q->records = records;
		q->page_size = info.page_size;
		q->ask.space = space_of(spec->space);
		q->ask.pid = spec->pid;
		q->pagemap = open_pagemap(spec);
		/* Touched now, so that the module does not have to. */
		memset(q->answers, 0xff, sizeof(q->answers));
		error = ask_all(device, q);
		if (q->pagemap >= 0)
			close(q->pagemap);
	}
	if (q)
		kernel_mappings_release(&q->mappings);
	if (q)
		error = write_refusal_record(records, &q->refusal, error);
	free(q);
	return error;
}
