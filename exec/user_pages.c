// SPDX-License-Identifier: GPL-2.0-or-later
#include "user_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/device.h"

#define GOLDEN		0x9e3779b97f4a7c15ULL
#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_FRAME	((1ULL << 55) - 1)
#define NO_FRAME	UINT64_MAX
#define DEVICE_END	(1ULL << 32)	/* any device reaches what is below */
#define WALK_BATCH	256	/* addresses in one call */

int user_pages_open(struct user_pages *pages, size_t objects)
{
	pages->frames = malloc(objects * pages->object_pages * sizeof(*pages->frames));
	pages->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	pages->memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (!pages->frames)
		return -ENOMEM;
	/* Fills what malloc() gave with pages of its own, before anything is timed. */
	memset(pages->frames, 0xff, objects * pages->object_pages * sizeof(*pages->frames));
	return pages->pagemap < 0 || pages->memory < 0 ? -errno : 0;
}

void user_pages_close(struct user_pages *pages)
{
	free(pages->frames);
	if (pages->pagemap >= 0)
		close(pages->pagemap);
	if (pages->memory >= 0)
		close(pages->memory);
}

/* Word w of object k is pattern_of(k) + w * GOLDEN, as in the module. */
static uint64_t pattern_of(const struct user_pages *pages, size_t number)
{
	uint64_t x = pages->seed + number * GOLDEN;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 27);
}

static void fill_pattern(char *to, size_t bytes, uint64_t word)
{
	for (; bytes >= sizeof(word); bytes -= sizeof(word), to += sizeof(word)) {
		memcpy(to, &word, sizeof(word));
		word += GOLDEN;
	}
	memcpy(to, &word, bytes);
}

static char *object_at(const struct user_pages *pages, size_t object)
{
	return pages->base + object * pages->object_pages * pages->page_size;
}

/* Bytes that read back wrong: all of a page that cannot be read. */
static size_t check_page(const struct user_pages *pages, const char *page, size_t bytes,
			 uint64_t word)
{
	char found[bytes], right[bytes];
	size_t wrong = 0;

	fill_pattern(right, bytes, word);
	if (pread(pages->memory, found, bytes, (off_t)(uintptr_t)page) != (ssize_t)bytes)
		return bytes;
	for (size_t i = 0; i < bytes; i++)
		wrong += found[i] != right[i];
	return wrong;
}

static int read_frames(struct user_pages *pages, size_t count, struct kmemlab_result *result)
{
	size_t bytes = count * sizeof(*pages->frames);
	off_t at = (uintptr_t)pages->base / pages->page_size * sizeof(*pages->frames);

	if (pread(pages->pagemap, pages->frames, bytes, at) != (ssize_t)bytes)
		return -EIO;
	result->routes |= KMEMLAB_ROUTE_PAGEMAP;
	for (size_t i = 0; i < count; i++) {
		uint64_t entry = pages->frames[i];
		bool known = (entry & PAGEMAP_PRESENT) && (entry & PAGEMAP_FRAME);

		/* A page that was written and isn't there, or is nobody's. */
		result->route_disagreements += !known;
		pages->frames[i] = known ? entry & PAGEMAP_FRAME : NO_FRAME;
	}
	return 0;
}

/* The module's answers for up to WALK_BATCH pages; they must name pagemap's frames. */
static int walk_batch(const struct user_pages *pages, size_t first, size_t count,
		      struct kmemlab_answer *answers, struct kmemlab_result *result)
{
	uint64_t inputs[WALK_BATCH];
	struct kmemlab_translate ask = {
		.space = KMEMLAB_SPACE_PROCESS,
		.count = count,
		.answer_size = sizeof(*answers),
		.inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
	int error;

	for (size_t i = 0; i < count; i++)
		inputs[i] = (uintptr_t)pages->base + (first + i) * pages->page_size;
	error = kmemlab_translate(pages->device, &ask);
	for (size_t i = 0; i < count && !error; i++)
		result->route_disagreements +=
			answers[i].status != KMEMLAB_ANSWER_OK ||
			answers[i].phys / pages->page_size != pages->frames[first + i];
	return error;
}

/* A second route to each page's frame. A kernel that is locked down has none to offer. */
static int compare_walk(const struct user_pages *pages, size_t count,
			struct kmemlab_result *result)
{
	struct kmemlab_answer *answers = calloc(WALK_BATCH, sizeof(*answers));
	int error = answers ? 0 : -ENOMEM;

	for (size_t first = 0; first < count && !error; first += WALK_BATCH) {
		size_t rest = count - first;

		error = walk_batch(pages, first, rest < WALK_BATCH ? rest : WALK_BATCH, answers,
				   result);
	}
	free(answers);
	if (!error)
		result->routes |= KMEMLAB_ROUTE_WALK;
	return error == -EACCES ? 0 : error;
}

static void check_object(const struct user_pages *pages, size_t object, size_t number,
			 struct kmemlab_result *result)
{
	const uint64_t *frames = pages->frames + object * pages->object_pages;
	const char *address = object_at(pages, object);
	uint64_t word = pattern_of(pages, number);
	bool contiguous = true, below = true;

	for (size_t at = 0; at < pages->object_size; at += pages->page_size) {
		size_t page = at / pages->page_size, bytes = pages->object_size - at;

		if (bytes > pages->page_size)
			bytes = pages->page_size;
		result->mismatches += check_page(pages, address + at, bytes,
						 word + at / sizeof(word) * GOLDEN);
		contiguous = contiguous && frames[page] == frames[0] + page;
		below = below && frames[page] < DEVICE_END / pages->page_size;
	}
	result->contiguous_objects += contiguous;
	/* Each begins at a page: it shares no cache line. */
	result->device_ready_objects += contiguous && below;
	result->verified_objects++;
	result->verified_bytes += pages->object_size;
}

static int compare_frames(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static unsigned int order_of(uint64_t frames)
{
	unsigned int order = 63 - __builtin_clzll(frames);

	return order < KMEMLAB_ORDERS_MAX ? order : KMEMLAB_ORDERS_MAX - 1;
}

/* The largest blocks that the buddy allocator could have there. */
static void add_aligned(struct kmemlab_result *result, uint64_t at, uint64_t end)
{
	while (at < end) {
		unsigned int order = order_of(end - at);

		if (at && (unsigned int)__builtin_ctzll(at) < order)
			order = __builtin_ctzll(at);
		result->aligned_by_order[order]++;
		at += 1ULL << order;
	}
}

/* last: its last frame */
static void add_extent(struct kmemlab_result *result, uint64_t last, uint64_t frames,
		       size_t page_size)
{
	unsigned int order = order_of(frames);

	add_aligned(result, last + 1 - frames, last + 1);
	result->extents++;
	result->extents_by_order[order]++;
	if (frames * page_size > result->largest_extent_bytes)
		result->largest_extent_bytes = frames * page_size;
}

/* Sorts the frames; one that two pages have is a disagreement and counts once. */
static void sum_up(struct user_pages *pages, size_t count, struct kmemlab_result *result)
{
	uint64_t *frames = pages->frames;
	uint64_t run = 1, different = 1;

	qsort(frames, count, sizeof(*frames), compare_frames);
	while (count && frames[count - 1] == NO_FRAME)
		count--;
	if (!count)
		return;
	for (size_t i = 1; i < count; i++) {
		if (frames[i] == frames[i - 1]) {
			result->route_disagreements++;
			continue;
		}
		different++;
		if (frames[i] == frames[i - 1] + 1) {
			run++;
			continue;
		}
		add_extent(result, frames[i - 1], run, pages->page_size);
		run = 1;
	}
	add_extent(result, frames[count - 1], run, pages->page_size);
	result->backing_bytes = different * pages->page_size;
}

int user_pages_prove(struct user_pages *pages, size_t objects, size_t first_number, bool whole,
		     struct kmemlab_result *result)
{
	size_t i;
	int error;

	for (i = 0; i < objects; i++)
		fill_pattern(object_at(pages, i), pages->object_size,
			     pattern_of(pages, first_number + i));
	error = read_frames(pages, objects * pages->object_pages, result);
	if (!error)
		error = compare_walk(pages, objects * pages->object_pages, result);
	if (error)
		return error;
	for (i = 0; i < objects; i++)
		check_object(pages, i, first_number + i, result);
	if (whole)
		sum_up(pages, objects * pages->object_pages, result);
	return 0;
}
