// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/phys_owners.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/device.h"
#include "runner/system.h"

#define CAPACITY_INITIAL 4096	/* enough for most kernels */

/* Double the capacity of an array if it is full. Return: 0 or -ENOMEM. */
static int reserve_one(void *array, size_t count, size_t *capacity, size_t size)
{
	const size_t larger = *capacity ? 2 * *capacity : CAPACITY_INITIAL;
	void *grown;

	if (count < *capacity)
		return 0;
	grown = reallocarray(*(void **)array, larger, size);
	if (!grown)
		return -ENOMEM;
	*(void **)array = grown;
	*capacity = larger;
	return 0;
}

int kernel_mappings_read(int device, struct kernel_mappings *mappings)
{
	struct kmemlab_mappings args = { .start = 0 };
	int err;

	mappings->count = 0;
	mappings->ticks = 0;
	do {
		err = reserve_one(&mappings->mappings, mappings->count, &mappings->capacity,
				  sizeof(*mappings->mappings));
		if (err)
			return err;
		args.start = args.next;
		args.mappings = (uintptr_t)(mappings->mappings + mappings->count);
		args.capacity = mappings->capacity - mappings->count;
		err = kmemlab_mappings(device, &args);
		mappings->count += args.count;
		mappings->ticks += args.ticks;
	} while (!err && args.next);
	return err;
}

void kernel_mappings_release(struct kernel_mappings *mappings)
{
	free(mappings->mappings);
	*mappings = (struct kernel_mappings) { 0 };
}

static int add_run(struct phys_owners *owners, uint64_t pfn, uint64_t pages, unsigned int owner)
{
	int err = reserve_one(&owners->runs, owners->count, &owners->capacity,
			      sizeof(*owners->runs));

	if (!err)
		owners->runs[owners->count++] = (struct owned_pfns) { pfn, pages, owner };
	return err;
}

/* Add the kernel image: the resources of /proc/iomem named "Kernel ...". */
static int add_image(struct phys_owners *owners, uint32_t page_size)
{
	FILE *in = fopen("/proc/iomem", "re");
	char line[256];
	int err = 0;

	while (in && !err && fgets(line, sizeof(line), in)) {
		uint64_t first, last;

		if (strstr(line, " : Kernel ") &&
		    sscanf(line, " %" SCNx64 "-%" SCNx64, &first, &last) == 2 && last)
			err = add_run(owners, first / page_size,
				      last / page_size - first / page_size + 1,
				      KMEMLAB_REGION_IMAGE);
	}
	if (in)
		fclose(in);
	return err;
}

/* Add mapped frames whose region has an owner, except the image: add_image() is more exact. */
static int add_mapped(struct phys_owners *owners, uint64_t *percpu_pages)
{
	int err = 0;

	*percpu_pages = 0;
	for (size_t i = 0; i < owners->mappings.count && !err; i++) {
		const struct kmemlab_mapping *mapping = &owners->mappings.mappings[i];

		if (mapping->region == KMEMLAB_REGION_IMAGE ||
		    mapping->region == KMEMLAB_REGION_FIXED)
			continue;
		err = add_run(owners, mapping->pfn, mapping->pages, mapping->region);
		if (mapping->region == KMEMLAB_REGION_PERCPU)
			*percpu_pages += mapping->pages;
	}
	return err;
}

void phys_owners_init(struct phys_owners *owners)
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

/* Return the first PFN of a CPU's part of the first chunk, or UINT64_MAX if there is none. */
static uint64_t first_chunk_pfn(int device, const struct phys_owners *owners, uint64_t offset,
				uint32_t page_size)
{
	uint64_t address = owners->percpu_start + offset;
	struct kmemlab_lookup lookup = { .status = KMEMLAB_LOOKUP_UNREADABLE };
	struct kmemlab_translate args = {
		.space = KMEMLAB_SPACE_KERNEL, .count = 1, .inputs = (uintptr_t)&address,
		.answers = (uintptr_t)&lookup,
	};

	if (kmemlab_translate(device, &args) || lookup.status)
		return UINT64_MAX;
	return lookup.phys / page_size;
}

/*
 * Add the first chunk of per-CPU memory, which is in the direct map. Its start is known; its
 * size is the total of the allocator minus the pages that it mapped.
 */
static int add_first_chunk(int device, uint32_t page_size, uint64_t mapped,
			   struct phys_owners *owners)
{
	struct kmemlab_cpu_offset cpu = { .index = 0 };
	uint64_t total = proc_read_kib("/proc/meminfo", "Percpu: %" SCNu64) / page_size;
	int err = 0;

	owners->first_chunk_pages = 0;
	while (!kmemlab_get_cpu_offset(device, cpu.index, &cpu))
		cpu.index++;
	if (!owners->percpu_known || !cpu.index || total <= mapped ||
	    (total - mapped) % cpu.index) {
		skip_with(&owners->unattributed, 0,
			  "the first chunk of per-CPU memory is counted as reserved: %s",
			  owners->percpu_known ? "its size is not in /proc/meminfo" :
			  "its address is not in /proc/kallsyms");
		return 0;
	}
	owners->first_chunk_pages = (total - mapped) / cpu.index;
	for (cpu.index = 0; !err && !kmemlab_get_cpu_offset(device, cpu.index, &cpu); cpu.index++) {
		uint64_t pfn = first_chunk_pfn(device, owners, cpu.offset, page_size);

		if (pfn != UINT64_MAX)
			err = add_run(owners, pfn, owners->first_chunk_pages,
				      KMEMLAB_REGION_PERCPU);
	}
	return err;
}

static int compare_runs(const void *a, const void *b)
{
	const struct owned_pfns *x = a, *y = b;

	if (x->pfn != y->pfn)
		return x->pfn < y->pfn ? -1 : 1;
	return (int)x->owner - (int)y->owner;
}

/* Sort the runs, cut overlaps in favor of the run that starts first, and merge neighbors. */
static void merge_runs(struct phys_owners *owners)
{
	struct owned_pfns *merged = owners->runs;
	uint64_t end = 0;
	size_t count = 0;

	qsort(owners->runs, owners->count, sizeof(*owners->runs), compare_runs);
	for (size_t i = 0; i < owners->count; i++) {
		struct owned_pfns run = owners->runs[i];
		const uint64_t run_end = run.pfn + run.pages;

		if (run_end <= end)
			continue;
		if (run.pfn < end)
			run.pfn = end;
		run.pages = run_end - run.pfn;
		if (count && run.pfn == end && merged[count - 1].owner == run.owner)
			merged[count - 1].pages += run.pages;
		else
			merged[count++] = run;
		end = run_end;
	}
	owners->count = count;
}

int phys_owners_read(int device, uint32_t page_size, struct phys_owners *owners)
{
	uint64_t percpu_mapped = 0;
	int err = kernel_mappings_read(device, &owners->mappings);

	owners->count = 0;
	*owners->unattributed.text = '\0';
	if (!err)
		err = add_image(owners, page_size);
	if (!err)
		err = add_mapped(owners, &percpu_mapped);
	if (!err)
		err = add_first_chunk(device, page_size, percpu_mapped, owners);
	if (!err)
		merge_runs(owners);
	return err;
}

static void write_area(struct record_writer *w, uint64_t address, uint64_t bytes)
{
	writer_open(w, NULL, '[');
	writer_hex(w, NULL, address);
	writer_unsigned(w, NULL, bytes);
	writer_close(w, ']');
}

void phys_owners_write_per_cpu(int device, uint32_t page_size, const struct phys_owners *owners,
			       struct record_writer *w, const char *name)
{
	struct kmemlab_cpu_offset cpu = { .index = 0 };

	if (!owners->first_chunk_pages) {
		writer_null(w, name);
		return;
	}
	writer_open(w, name, '[');
	/* Offsets wrap around in the kernel's word. */
	for (; !kmemlab_get_cpu_offset(device, cpu.index, &cpu); cpu.index++)
		write_area(w, (unsigned long)(owners->percpu_start + cpu.offset),
			   owners->first_chunk_pages * page_size);
	for (size_t i = 0; i < owners->mappings.count; i++) {
		const struct kmemlab_mapping *mapping = &owners->mappings.mappings[i];

		if (mapping->region == KMEMLAB_REGION_PERCPU)
			write_area(w, mapping->address, mapping->pages * page_size);
	}
	writer_close(w, ']');
}

void phys_owners_release(struct phys_owners *owners)
{
	kernel_mappings_release(&owners->mappings);
	free(owners->runs);
	*owners = (struct phys_owners) { 0 };
}
