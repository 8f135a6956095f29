// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/catalog.h"
#include "lib/device.h"
#include "runner/object_hold.h"
#include "runner/record_writer.h"
#include "runner/system.h"

/* One "translate" line and its results so far. */
struct translate_request {
	const struct translate_spec *spec;
	int file;			/* the device, or the file of the object set */
	int pagemap;			/* of the process, or -1 */
	uint32_t page_size;
	struct page_names names;
	struct kmemlab_translate args;
	uint64_t inputs[KMEMLAB_TRANSLATE_MAX];
	struct kmemlab_lookup lookups[KMEMLAB_TRANSLATE_MAX];
	FILE *records;
	uint64_t first_object;		/* space objects: number of the first input's object */
	uint64_t page;			/* page in each object, or of the first input */
	const struct object_hold *set;	/* space objects */
	struct kernel_mappings mappings;	/* read only if aliases are searched */
	uint64_t requested, ok, mismatches, ticks;
	struct skip_reason reason;
};

static const char *error_string(int err)
{
	switch (-err) {
	case ESRCH:
		return "no such process in this PID namespace";
	case ENODATA:
		return "a kernel thread has no user memory";
	case EPERM:
		return "reading another process requires CAP_SYS_PTRACE";
	case EACCES:
		return "the kernel is locked down and does not allow access to page tables";
	default:
		return strerror(-err);
	}
}

static int skip_on_error(struct translate_request *request, int err)
{
	if (!strcmp(request->spec->space, "process"))
		return skip_with(&request->reason, err, "process %" PRIu32 ": %s",
				 request->spec->pid, error_string(err));
	return skip_with(&request->reason, err, "%s", error_string(err));
}

static uint32_t space_number(const char *name)
{
	if (!strcmp(name, "process"))
		return KMEMLAB_SPACE_PROCESS;
	if (!strcmp(name, "phys") || !strcmp(name, "pfn"))
		return KMEMLAB_SPACE_PHYS;
	return strcmp(name, "objects") ? KMEMLAB_SPACE_KERNEL : KMEMLAB_SPACE_OBJECTS;
}

/* Add the PFN in /proc/PID/pagemap as one more route. */
static void add_pagemap_route(const struct translate_request *request,
			      struct kmemlab_lookup *lookup)
{
	const int bit = __builtin_ctz(KMEMLAB_ROUTE_PAGEMAP);
	uint64_t entry;

	if (request->pagemap < 0 || lookup->status != KMEMLAB_LOOKUP_OK ||
	    !read_u64(request->pagemap, lookup->address / request->page_size, &entry))
		return;
	/* pagemap shows a mapping without struct page as a hole: ignore that. */
	if (!(entry & PAGEMAP_PRESENT) && lookup->page.kind == KMEMLAB_PAGE_NONE)
		return;
	lookup->routes |= KMEMLAB_ROUTE_PAGEMAP;
	lookup->route_pfns[bit] = entry & PAGEMAP_PRESENT ? entry & PAGEMAP_PFN : UINT64_MAX;
	if (lookup->route_pfns[bit] != lookup->phys / request->page_size)
		lookup->disagree |= KMEMLAB_ROUTE_PAGEMAP;
}

static void write_batch(struct translate_request *request)
{
	struct lookup_input input = { .spec = request->spec };

	if (request->mappings.capacity)
		input.mappings = &request->mappings;
	for (uint32_t i = 0; i < request->args.count; i++) {
		struct kmemlab_lookup *lookup = &request->lookups[i];

		add_pagemap_route(request, lookup);
		input.object = request->first_object + i;
		input.page = *request->spec->facility ? request->page : request->page + i;
		input.address = request->inputs[i];
		if (request->spec->mapped)
			input.process_address = (uintptr_t)request->set->memory + lookup->position;
		request->ok += lookup->status == KMEMLAB_LOOKUP_OK;
		request->mismatches += !!lookup->disagree;
		write_lookup_record(request->records, &input, &request->args.format,
				    &request->names, lookup);
	}
	request->requested += request->args.count;
	request->ticks += request->args.ticks;
}

static int translate_batch(struct translate_request *request, uint32_t count)
{
	struct kmemlab_translate *args = &request->args;
	int err;

	args->count = count;
	args->flags = request->spec->routes ? KMEMLAB_TRANSLATE_ROUTES : 0;
	args->inputs = (uintptr_t)request->inputs;
	args->answers = (uintptr_t)request->lookups;
	err = kmemlab_translate(request->file, args);
	if (err)
		return skip_on_error(request, err);
	write_batch(request);
	return 0;
}

static uint32_t batch_size(uint64_t remaining)
{
	return remaining < KMEMLAB_TRANSLATE_MAX ? remaining : KMEMLAB_TRANSLATE_MAX;
}

static int translate_addresses(struct translate_request *request)
{
	const struct translate_spec *spec = request->spec;
	const uint32_t page_size = request->page_size;
	const bool pfn = !strcmp(spec->space, "pfn");
	const uint64_t first = pfn ? spec->address * page_size : spec->address;
	int err = 0;

	if (pfn && first / page_size != spec->address)
		return skip_with(&request->reason, -ERANGE, "PFN %" PRIu64
				 " is above the last physical address", spec->address);
	if (spec->pages - 1 > (UINT64_MAX - first) / page_size)
		return skip_with(&request->reason, -ERANGE, "%" PRIu64 " pages from 0x%" PRIx64
				 " exceed the last address", spec->pages, first);
	for (uint64_t done = 0; done < spec->pages && !err; done += request->args.count) {
		uint32_t count = batch_size(spec->pages - done);

		for (uint32_t i = 0; i < count; i++)
			request->inputs[i] = first + (done + i) * page_size;
		request->page = done;
		err = translate_batch(request, count);
	}
	return err;
}

static uint64_t pages_per_object(const struct translate_request *request)
{
	return (request->spec->object_size + request->page_size - 1) / request->page_size;
}

/* Translate page by page over all objects: the inputs of a batch share one offset. */
static int translate_objects(struct translate_request *request)
{
	const struct translate_spec *spec = request->spec;
	const uint64_t pages = pages_per_object(request);
	const bool by_number = request->args.space == KMEMLAB_SPACE_OBJECTS;
	int err = 0;

	for (uint64_t page = 0; page < pages; page++) {
		request->args.offset = by_number ? page * request->page_size : 0;
		request->page = page;
		for (uint64_t done = 0; done < spec->objects && !err;
		     done += request->args.count) {
			uint32_t count = batch_size(spec->objects - done);

			request->first_object = done;
			for (uint32_t i = 0; i < count; i++)
				request->inputs[i] = by_number ? done + i :
					(uintptr_t)request->set->memory +
					((done + i) * pages + page) * request->page_size;
			err = translate_batch(request, count);
		}
	}
	return err;
}

static void write_translation_record(const struct translate_request *request)
{
	const struct kmemlab_table_format *format = &request->args.format;
	struct record_writer w = { .out = request->records };

	writer_begin(&w, "translation");
	writer_string(&w, "space", request->spec->space);
	writer_string(&w, "format", format->name);
	writer_unsigned(&w, "format_levels", format->levels);
	writer_unsigned(&w, "address_bits", format->address_bits);
	writer_unsigned(&w, "requested", request->requested);
	writer_unsigned(&w, "ok", request->ok);
	writer_unsigned(&w, "route_mismatches", request->mismatches);
	writer_unsigned(&w, "ticks", request->ticks);
	writer_end(&w);
}

static bool is_user_facility(const struct translate_spec *spec)
{
	return facility_flags(spec->facility) & KMEMLAB_FACILITY_USER_SPACE;
}

static int check_page_count(struct translate_request *request, const struct kmemlab_info *info)
{
	const struct translate_spec *spec = request->spec;
	uint64_t pages = spec->pages;
	char shortage[192];

	if (*spec->facility &&
	    __builtin_mul_overflow(pages_per_object(request), spec->objects, &pages))
		pages = UINT64_MAX;
	if (is_user_facility(spec) && pages > info->budget_pages) {
		budget_describe(shortage, sizeof(shortage), pages, info);
		return skip_with(&request->reason, -ENOMEM, "the objects take %s", shortage);
	}
	if (pages > TRANSLATE_PAGES_MAX)
		return skip_with(&request->reason, -E2BIG, "the objects have %" PRIu64
				 " pages (at most %d)", pages, TRANSLATE_PAGES_MAX);
	return 0;
}

static int open_pagemap(const struct translate_spec *spec)
{
	char path[64] = "/proc/self/pagemap";

	if (!spec->routes || (strcmp(spec->space, "process") && !is_user_facility(spec)))
		return -1;
	if (spec->pid)
		snprintf(path, sizeof(path), "/proc/%" PRIu32 "/pagemap", spec->pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The objects of facility user are pages of this process. */
static int create_user_set(struct translate_request *request, struct object_hold *set)
{
	const struct translate_spec *spec = request->spec;

	if (spec->mapped)
		return skip_with(&request->reason, -EOPNOTSUPP,
				 "%s objects are already mapped by a process", spec->facility);
	set->bytes = spec->objects * pages_per_object(request) * request->page_size;
	set->memory = mmap(NULL, set->bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (set->memory == MAP_FAILED) {
		set->memory = NULL;
		return skip_on_error(request, -errno);
	}
	request->args.space = KMEMLAB_SPACE_PROCESS;
	return 0;
}

static int create_set(int device, struct translate_request *request, struct object_hold *set)
{
	const struct translate_spec *spec = request->spec;
	int err;

	if (is_user_facility(spec))
		err = create_user_set(request, set);
	else
		err = object_hold_create(device, spec->facility, spec->gfp, spec->object_size,
					 spec->objects, spec->mapped, set, &request->reason);
	if (!err && set->file >= 0)
		request->file = set->file;
	if (!err)
		request->set = set;
	return err;
}

static int translate_all(int device, struct translate_request *request)
{
	const struct translate_spec *spec = request->spec;
	struct object_hold set = { .file = -1 };
	int err = 0;

	request->file = device;
	if (*spec->facility)
		err = create_set(device, request, &set);
	if (err)
		return err;
	/* Search aliases of physical addresses and of objects that are mapped twice. */
	if (request->args.space == KMEMLAB_SPACE_PHYS || spec->mapped)
		err = kernel_mappings_read(device, &request->mappings);
	if (err) {
		object_hold_release(&set);
		return skip_on_error(request, err);
	}
	err = *spec->facility ? translate_objects(request) : translate_addresses(request);
	if (!err)
		write_translation_record(request);
	if (!err && spec->mapped)
		err = mmap_check(&set, device, spec->objects, spec->object_size,
				 request->page_size, request->records, &request->reason);
	object_hold_release(&set);
	return err;
}

int translate(int device, const struct translate_spec *spec, FILE *records)
{
	struct translate_request *request = calloc(1, sizeof(*request));
	struct kmemlab_info info;
	int err;

	if (!request)
		return -ENOMEM;
	request->spec = spec;
	request->records = records;
	err = kmemlab_get_info(device, &info);
	request->page_size = info.page_size;
	if (!err)
		err = check_page_count(request, &info);
	if (!err)
		err = page_names_read(device, &request->names);
	if (!err) {
		request->args.space = space_number(spec->space);
		request->args.pid = spec->pid;
		request->pagemap = open_pagemap(spec);
		/* Fault the pages in now, so that the module does not have to. */
		memset(request->lookups, 0xff, sizeof(request->lookups));
		err = translate_all(device, request);
		if (request->pagemap >= 0)
			close(request->pagemap);
	}
	kernel_mappings_release(&request->mappings);
	err = write_skip_record(records, &request->reason, err);
	free(request);
	return err;
}
