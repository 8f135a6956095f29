// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/anon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/device.h"
#include "runner/statistics.h"
#include "runner/system.h"

#define NO_PFN		UINT64_MAX
#define DMA_LIMIT	(1ULL << 32)	/* any device can address memory below */
#define WALK_BATCH	256		/* addresses per ioctl */

int anon_pages_open(struct anon_pages *pages, size_t objects)
{
	size_t bytes = objects * pages->object_pages * sizeof(*pages->pfns);

	pages->pfns = malloc(bytes);
	pages->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	pages->memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (!pages->pfns)
		return -ENOMEM;
	/* Fault the pages in before anything is timed. */
	memset(pages->pfns, 0xff, bytes);
	return pages->pagemap < 0 || pages->memory < 0 ? -errno : 0;
}

void anon_pages_close(struct anon_pages *pages)
{
	free(pages->pfns);
	if (pages->pagemap >= 0)
		close(pages->pagemap);
	if (pages->memory >= 0)
		close(pages->memory);
}

/* Return the first word of an object's pattern; word w is w * KMEMLAB_PATTERN_STEP more. */
static uint64_t first_word(const struct anon_pages *pages, size_t number)
{
	uint64_t x = pages->seed + number * KMEMLAB_PATTERN_STEP;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 27);
}

static void fill_pattern(char *to, size_t bytes, uint64_t word)
{
	for (; bytes >= sizeof(word); bytes -= sizeof(word), to += sizeof(word)) {
		memcpy(to, &word, sizeof(word));
		word += KMEMLAB_PATTERN_STEP;
	}
	memcpy(to, &word, bytes);
}

static char *object_address(const struct anon_pages *pages, size_t object)
{
	return pages->base + object * pages->object_pages * pages->page_size;
}

/* Return the number of wrong bytes: all of them if the page cannot be read. */
static size_t check_page(const struct anon_pages *pages, const char *page, size_t bytes,
			 uint64_t word)
{
	char found[bytes], expected[bytes];
	size_t wrong = 0;

	fill_pattern(expected, bytes, word);
	if (pread(pages->memory, found, bytes, (off_t)(uintptr_t)page) != (ssize_t)bytes)
		return bytes;
	for (size_t i = 0; i < bytes; i++)
		wrong += found[i] != expected[i];
	return wrong;
}

static int read_pagemap(struct anon_pages *pages, size_t count, struct kmemlab_result *result)
{
	size_t bytes = count * sizeof(*pages->pfns);
	off_t offset = (uintptr_t)pages->base / pages->page_size * sizeof(*pages->pfns);

	if (pread(pages->pagemap, pages->pfns, bytes, offset) != (ssize_t)bytes)
		return -EIO;
	result->routes |= KMEMLAB_ROUTE_PAGEMAP;
	for (size_t i = 0; i < count; i++) {
		uint64_t entry = pages->pfns[i];
		bool known = (entry & PAGEMAP_PRESENT) && (entry & PAGEMAP_PFN);

		/* The page was written but is not mapped, or has no frame. */
		result->route_mismatches += !known;
		pages->pfns[i] = known ? entry & PAGEMAP_PFN : NO_PFN;
	}
	return 0;
}

/* Walk the page tables for up to WALK_BATCH pages and compare with pagemap. */
static int walk_batch(const struct anon_pages *pages, size_t first, size_t count,
		      struct kmemlab_lookup *lookups, struct kmemlab_result *result)
{
	uint64_t inputs[WALK_BATCH];
	struct kmemlab_translate args = {
		.space = KMEMLAB_SPACE_PROCESS,
		.count = count,
		.inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)lookups,
	};
	int err;

	for (size_t i = 0; i < count; i++)
		inputs[i] = (uintptr_t)pages->base + (first + i) * pages->page_size;
	err = kmemlab_translate(pages->device, &args);
	for (size_t i = 0; i < count && !err; i++)
		result->route_mismatches +=
			lookups[i].status != KMEMLAB_LOOKUP_OK ||
			lookups[i].phys / pages->page_size != pages->pfns[first + i];
	return err;
}

/* Compare with the module's page-table walk, unless the kernel is locked down. */
static int compare_walk(const struct anon_pages *pages, size_t count,
			struct kmemlab_result *result)
{
	struct kmemlab_lookup *lookups = calloc(WALK_BATCH, sizeof(*lookups));
	int err = lookups ? 0 : -ENOMEM;

	for (size_t first = 0; first < count && !err; first += WALK_BATCH) {
		size_t remaining = count - first;

		err = walk_batch(pages, first, remaining < WALK_BATCH ? remaining : WALK_BATCH,
				 lookups, result);
	}
	free(lookups);
	if (!err)
		result->routes |= KMEMLAB_ROUTE_WALK;
	return err == -EACCES ? 0 : err;
}

static void check_object(const struct anon_pages *pages, size_t object, size_t number,
			 struct kmemlab_result *result)
{
	const uint64_t *pfns = pages->pfns + object * pages->object_pages;
	const char *address = object_address(pages, object);
	uint64_t word = first_word(pages, number);
	bool contiguous = true, below_limit = true;

	for (size_t pos = 0; pos < pages->object_size; pos += pages->page_size) {
		size_t page = pos / pages->page_size, bytes = pages->object_size - pos;

		if (bytes > pages->page_size)
			bytes = pages->page_size;
		result->mismatched_bytes +=
			check_page(pages, address + pos, bytes,
				   word + pos / sizeof(word) * KMEMLAB_PATTERN_STEP);
		contiguous = contiguous && pfns[page] == pfns[0] + page;
		below_limit = below_limit && pfns[page] < DMA_LIMIT / pages->page_size;
	}
	result->contiguous_objects += contiguous;
	/* Objects start at page boundaries, so they share no cache line. */
	result->device_ready_objects += contiguous && below_limit;
	result->verified_objects++;
	result->verified_bytes += pages->object_size;
}

static unsigned int order_of(uint64_t pages)
{
	unsigned int order = 63 - __builtin_clzll(pages);

	return order < KMEMLAB_ORDERS_MAX ? order : KMEMLAB_ORDERS_MAX - 1;
}

/* Count the largest naturally aligned blocks in [pfn, end). */
static void add_aligned_blocks(struct kmemlab_result *result, uint64_t pfn, uint64_t end)
{
	while (pfn < end) {
		unsigned int order = order_of(end - pfn);

		if (pfn && (unsigned int)__builtin_ctzll(pfn) < order)
			order = __builtin_ctzll(pfn);
		result->aligned_by_order[order]++;
		pfn += 1ULL << order;
	}
}

static void add_extent(struct kmemlab_result *result, uint64_t last_pfn, uint64_t count,
		       size_t page_size)
{
	add_aligned_blocks(result, last_pfn + 1 - count, last_pfn + 1);
	result->extents++;
	result->extents_by_order[order_of(count)]++;
	if (count * page_size > result->largest_extent_bytes)
		result->largest_extent_bytes = count * page_size;
}

/* Sort the PFNs and find the extents. A PFN that occurs twice is a mismatch, counted once. */
static void find_extents(struct anon_pages *pages, size_t count, struct kmemlab_result *result)
{
	uint64_t *pfns = pages->pfns;
	uint64_t run = 1, distinct = 1;

	qsort(pfns, count, sizeof(*pfns), compare_u64);
	while (count && pfns[count - 1] == NO_PFN)
		count--;
	if (!count)
		return;
	for (size_t i = 1; i < count; i++) {
		if (pfns[i] == pfns[i - 1]) {
			result->route_mismatches++;
			continue;
		}
		distinct++;
		if (pfns[i] == pfns[i - 1] + 1) {
			run++;
			continue;
		}
		add_extent(result, pfns[i - 1], run, pages->page_size);
		run = 1;
	}
	add_extent(result, pfns[count - 1], run, pages->page_size);
	result->backing_bytes = distinct * pages->page_size;
}

int anon_pages_verify(struct anon_pages *pages, size_t objects, size_t first, bool all_objects,
		      struct kmemlab_result *result)
{
	size_t page_count = objects * pages->object_pages;
	int err;

	for (size_t i = 0; i < objects; i++)
		fill_pattern(object_address(pages, i), pages->object_size,
			     first_word(pages, first + i));
	err = read_pagemap(pages, page_count, result);
	if (!err)
		err = compare_walk(pages, page_count, result);
	if (err)
		return err;
	for (size_t i = 0; i < objects; i++)
		check_object(pages, i, first + i, result);
	if (all_objects)
		find_extents(pages, page_count, result);
	return 0;
}
