// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_owners.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/device.h"

static int add(struct frame_owners *owners, uint64_t pfn, uint64_t pages, unsigned int owner)
{
	if (owners->count == owners->room) {
		const size_t room = owners->room ? 2 * owners->room : 4096;
		void *grown = reallocarray(owners->runs, room, sizeof(*owners->runs));

		if (!grown)
			return -ENOMEM;
		owners->runs = grown;
		owners->room = room;
	}
	owners->runs[owners->count++] = (struct owned_frames) { pfn, pages, owner };
	return 0;
}

/* Where the kernel itself lies: the resources that carry its name. */
static int add_image(struct frame_owners *owners, uint32_t page_size)
{
	FILE *in = fopen("/proc/iomem", "re");
	char line[256];
	int error = 0;

	while (in && !error && fgets(line, sizeof(line), in)) {
		uint64_t first, last;

		if (strstr(line, " : Kernel ") &&
		    sscanf(line, " %" SCNx64 "-%" SCNx64, &first, &last) == 2 && last)
			error = add(owners, first / page_size,
				    last / page_size - first / page_size + 1, KMEMLAB_REGION_IMAGE);
	}
	if (in)
		fclose(in);
	return error;
}

/* Frames that the kernel maps for what their addresses say; the image is known better. */
static int add_mapped(struct frame_owners *owners, uint64_t *percpu_pages)
{
	int error = 0;

	*percpu_pages = 0;
	for (size_t i = 0; i < owners->mappings.count && !error; i++) {
		const struct kmemlab_mapping *mapping = &owners->mappings.mappings[i];

		if (mapping->region == KMEMLAB_REGION_IMAGE ||
		    mapping->region == KMEMLAB_REGION_FIXED)
			continue;
		error = add(owners, mapping->pfn, mapping->pages, mapping->region);
		if (mapping->region == KMEMLAB_REGION_PERCPU)
			*percpu_pages += mapping->pages;
	}
	return error;
}

void frame_owners_init(struct frame_owners *owners)
{
	FILE *in = fopen("/proc/kallsyms", "re");
	char line[512], name[64];

	while (in && !owners->percpu_known && fgets(line, sizeof(line), in))
		owners->percpu_known = strstr(line, " __per_cpu_start") &&
			sscanf(line, "%" SCNx64 " %*c %63s", &owners->percpu_start, name) == 2 &&
			!strcmp(name, "__per_cpu_start");
	if (in)
		fclose(in);
}

/* Pages of the per-CPU allocator, those it had from the start included. */
static uint64_t all_percpu_pages(uint32_t page_size)
{
	FILE *in = fopen("/proc/meminfo", "re");
	uint64_t kilobytes = 0;
	char line[128];

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "Percpu: %" SCNu64, &kilobytes) == 1)
			break;
	if (in)
		fclose(in);
	return kilobytes * 1024 / page_size;
}

/* Frame of the first page that a CPU has had from the start; UINT64_MAX where it has none. */
static uint64_t first_frame(int device, const struct frame_owners *owners, uint64_t offset,
			    uint32_t page_size)
{
	uint64_t address = owners->percpu_start + offset;
	struct kmemlab_answer answer = { .status = KMEMLAB_ANSWER_UNREADABLE };
	struct kmemlab_translate ask = {
		.space = KMEMLAB_SPACE_KERNEL, .count = 1, .inputs = (uintptr_t)&address,
		.answers = (uintptr_t)&answer,
	};

	if (kmemlab_translate(device, &ask) || answer.status)
		return UINT64_MAX;
	return answer.phys / page_size;
}

/*
 * What the allocator had from the start lies in the direct map, like any memory. Its
 * first address is known, and its size is what it has at all without what it mapped.
 */
static int add_first_percpu(int device, uint32_t page_size, uint64_t mapped,
			    struct frame_owners *owners)
{
	struct kmemlab_cpu_offset cpu = { .index = 0 };
	uint64_t all = all_percpu_pages(page_size), each;
	int error = 0;

	while (!kmemlab_get_cpu_offset(device, cpu.index, &cpu))
		cpu.index++;
	if (!owners->percpu_known || !cpu.index || all <= mapped || (all - mapped) % cpu.index) {
		refuse(&owners->untold, 0, "per-CPU memory of the kernel's start is counted as "
		       "reserved, because %s", owners->percpu_known ?
		       "/proc/meminfo does not say how much it is" :
		       "/proc/kallsyms does not say where it lies");
		return 0;
	}
	each = (all - mapped) / cpu.index;
	for (cpu.index = 0; !error && !kmemlab_get_cpu_offset(device, cpu.index, &cpu); cpu.index++) {
		uint64_t pfn = first_frame(device, owners, cpu.offset, page_size);

		error = pfn == UINT64_MAX ? 0 : add(owners, pfn, each, KMEMLAB_REGION_PERCPU);
	}
	return error;
}

static int compare_runs(const void *a, const void *b)
{
	const struct owned_frames *x = a, *y = b;

	if (x->pfn != y->pfn)
		return x->pfn < y->pfn ? -1 : 1;
	return (int)x->owner - (int)y->owner;
}

/* A frame that two claim goes to whose run begins first; neighbours become one. */
static void make_apart(struct frame_owners *owners)
{
	struct owned_frames *to = owners->runs;
	uint64_t end = 0;
	size_t count = 0;

	qsort(owners->runs, owners->count, sizeof(*owners->runs), compare_runs);
	for (size_t i = 0; i < owners->count; i++) {
		struct owned_frames run = owners->runs[i];
		const uint64_t run_end = run.pfn + run.pages;

		if (run_end <= end)
			continue;
		if (run.pfn < end)
			run.pfn = end;
		run.pages = run_end - run.pfn;
		if (count && run.pfn == end && to[count - 1].owner == run.owner)
			to[count - 1].pages += run.pages;
		else
			to[count++] = run;
		end = run_end;
	}
	owners->count = count;
}

int frame_owners_read(int device, uint32_t page_size, struct frame_owners *owners)
{
	uint64_t mapped = 0;
	int error = kernel_mappings_read(device, &owners->mappings);

	owners->count = 0;
	*owners->untold.text = '\0';
	if (!error)
		error = add_image(owners, page_size);
	if (!error)
		error = add_mapped(owners, &mapped);
	if (!error)
		error = add_first_percpu(device, page_size, mapped, owners);
	if (!error)
		make_apart(owners);
	return error;
}

void frame_owners_release(struct frame_owners *owners)
{
	kernel_mappings_release(&owners->mappings);
	free(owners->runs);
	*owners = (struct frame_owners) { 0 };
}
