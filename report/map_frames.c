// SPDX-License-Identifier: GPL-2.0-or-later
#include "map_frames.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

const char *frames_kind_name(unsigned int kind)
{
	static const char *const names[KIND_COUNT] = {
		"hole", "free", "free_cpu", "reserved", "slab", "table", "anon", "file", "kernel",
		"offline", "poisoned", "image", "modules", "vmalloc", "percpu", "memmap",
	};

	return kind < KIND_COUNT ? names[kind] : "unknown";
}

static void append(struct frames *frames, const struct frames_run *run)
{
	if (!(frames->count & (frames->count - 1)))
		frames->runs = xrealloc(frames->runs, (frames->count ? 2 * frames->count : 1) *
					sizeof(*frames->runs));
	frames->runs[frames->count++] = *run;
}

/*
 * Whatever of the image was given back serves others. Memory that was reserved at boot may
 * be mapped like what vmalloc gives, and is not for that.
 */
static bool can_own(unsigned int owner, const struct frames_run *run)
{
	switch (owner) {
	case KMEMLAB_REGION_IMAGE:
		return run->kind == KMEMLAB_PAGE_RESERVED;
	case KMEMLAB_REGION_VMALLOC:
	case KMEMLAB_REGION_MODULES:
		return run->kind == KMEMLAB_PAGE_KERNEL;
	default:
		return true;
	}
}

/* Cuts what has an owner out of a run; *next is the first owner that does not end before it. */
static char *append_owned(struct frames *frames, const json_t *owners, size_t *next,
			  struct frames_run run)
{
	const uint64_t end = run.pfn + run.pages;

	for (size_t i = *next; i < json_array_size(owners); i++) {
		const json_t *owner = json_array_get(owners, i);
		uint64_t first = json_integer_value(json_array_get(owner, 0));
		uint64_t last = first + json_integer_value(json_array_get(owner, 1));
		const uint64_t kind = json_integer_value(json_array_get(owner, 2));
		struct frames_run piece = run;

		if (json_array_size(owner) != 3 || kind >= KMEMLAB_REGION_FIXED)
			return xasprintf("owner %zu of the map is not what it should be", i);
		if (first >= end)
			break;
		if (last <= run.pfn) {
			*next = i + 1;
			continue;
		}
		if (!can_own(kind, &run))
			continue;
		first = first > run.pfn ? first : run.pfn;
		last = last < end ? last : end;
		piece.pages = first - run.pfn;
		if (piece.pages)
			append(frames, &piece);
		piece.pfn = first;
		piece.pages = last - first;
		piece.kind = KIND_OF_OWNER(kind);
		append(frames, &piece);
		run.pfn = last;
		run.pages = end - last;
	}
	if (run.pages)
		append(frames, &run);
	return NULL;
}

static bool read_run(const json_t *numbers, struct frames_run *run)
{
	uint64_t values[6];

	if (json_array_size(numbers) != 6)
		return false;
	for (size_t i = 0; i < 6; i++) {
		if (!json_is_integer(json_array_get(numbers, i)))
			return false;
		values[i] = json_integer_value(json_array_get(numbers, i));
	}
	*run = (struct frames_run) { values[0], values[1], values[2], values[3], values[4],
				     values[5], values[2] == KMEMLAB_PAGE_RESERVED };
	return run->kind < KMEMLAB_PAGE_KINDS && run->order < ORDERS_MAX;
}

unsigned int frames_order_max(const json_t *map)
{
	const json_t *told = json_object_get(map, "order_max");
	const json_int_t order = json_is_integer(told) ? json_integer_value(told) : ORDER_MAX_USUAL;

	return order > 0 && order < ORDERS_MAX ? order : ORDER_MAX_USUAL;
}

char *frames_read(const json_t *map, struct frames *frames)
{
	const json_t *runs = json_object_get(map, "runs");
	const json_t *owners = json_object_get(map, "owners");
	size_t i, next_owner = 0;
	char *error = NULL;
	uint64_t end = 0;
	json_t *numbers;

	*frames = (struct frames) { .order_max = frames_order_max(map) };
	if (!json_is_array(runs))
		return xasprintf("the map has no runs");
	json_array_foreach(runs, i, numbers) {
		struct frames_run run;

		if (!read_run(numbers, &run) || run.pfn < end)
			error = xasprintf("run %zu of the map is not what it should be", i);
		else if (run.kind == KMEMLAB_PAGE_RESERVED || run.kind == KMEMLAB_PAGE_KERNEL)
			error = append_owned(frames, owners, &next_owner, run);
		else
			append(frames, &run);
		if (error) {
			frames_release(frames);
			return error;
		}
		end = run.pfn + run.pages;
	}
	return NULL;
}

void frames_release(struct frames *frames)
{
	free(frames->runs);
	*frames = (struct frames) { 0 };
}

static struct zone_figures *find_zone(struct zone_figures *zones, size_t *count, size_t room,
				      const struct frames_run *run)
{
	for (size_t i = 0; i < *count; i++)
		if (zones[i].zone == run->zone && zones[i].node == run->node)
			return &zones[i];
	if (*count == room)
		return NULL;
	zones[*count] = (struct zone_figures) { .zone = run->zone, .node = run->node,
						.largest_order = -1 };
	return &zones[(*count)++];
}

/* One aligned block on the way through the runs. */
struct candidate {
	uint64_t index;		/* pfn >> order */
	uint64_t covered, used;
	bool fixed;		/* something in it can never be freed */
	size_t first_run;
};

static bool is_fixed(const struct frames_run *run)
{
	return run->reserved || run->kind == KIND_HOLE || run->kind == KMEMLAB_PAGE_OFFLINE ||
	       run->kind == KMEMLAB_PAGE_POISONED;
}

static bool is_used(unsigned int kind)
{
	return kind != KMEMLAB_PAGE_FREE && kind != KMEMLAB_PAGE_FREE_CPU;
}

static void list_blockers(const struct frames *frames, size_t i, struct next_block *next)
{
	const uint64_t end = next->pfn + (UINT64_C(1) << next->order);

	next->count = 0;
	for (; i < frames->count && frames->runs[i].pfn < end && next->count < BLOCKERS_MAX; i++) {
		struct frames_run run = frames->runs[i];
		uint64_t last = run.pfn + run.pages < end ? run.pfn + run.pages : end;

		run.pfn = run.pfn > next->pfn ? run.pfn : next->pfn;
		run.pages = last - run.pfn;
		if (is_used(run.kind))
			next->runs[next->count++] = run;
	}
}

static void judge(const struct frames *frames, const struct candidate *block,
		  struct next_block *next)
{
	if (block->fixed || block->covered != UINT64_C(1) << next->order ||
	    block->used >= next->used)
		return;
	next->used = block->used;
	next->pfn = block->index << next->order;
	list_blockers(frames, block->first_run, next);
}

/* The block of the order above the largest free one with the fewest frames in use. */
static void find_next(const struct frames *frames, struct zone_figures *zone)
{
	struct next_block *next = &zone->next;
	struct candidate block = { .index = UINT64_MAX };

	next->order = zone->largest_order + 1;
	next->used = UINT64_MAX;
	for (size_t i = 0; i < frames->count; i++) {
		const struct frames_run *run = &frames->runs[i];
		const bool mine = run->zone == zone->zone && run->node == zone->node;

		for (uint64_t pfn = run->pfn; pfn < run->pfn + run->pages;) {
			uint64_t stop = ((pfn >> next->order) + 1) << next->order;

			if (stop > run->pfn + run->pages)
				stop = run->pfn + run->pages;
			if (pfn >> next->order != block.index) {
				judge(frames, &block, next);
				block = (struct candidate) { .index = pfn >> next->order,
							     .first_run = i };
			}
			block.covered += stop - pfn;
			block.used += is_used(run->kind) ? stop - pfn : 0;
			block.fixed |= !mine || is_fixed(run);
			pfn = stop;
		}
	}
	judge(frames, &block, next);
	if (next->used == UINT64_MAX)
		*next = (struct next_block) { 0 };
}

size_t frames_figures(const struct frames *frames, struct zone_figures *zones, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < frames->count; i++) {
		const struct frames_run *run = &frames->runs[i];
		struct zone_figures *zone = find_zone(zones, &count, room, run);

		if (!zone)
			break;
		zone->pages += run->pages;
		zone->kinds[run->kind] += run->pages;
		if (run->kind != KMEMLAB_PAGE_FREE)
			continue;
		zone->free_blocks[run->order] += run->pages >> run->order;
		if ((int)run->order > zone->largest_order)
			zone->largest_order = run->order;
	}
	for (size_t i = 0; i < count; i++)
		if (zones[i].largest_order < (int)frames->order_max)
			find_next(frames, &zones[i]);
	return count;
}

static uint64_t free_pages_from(const struct zone_figures *zone, unsigned int order)
{
	uint64_t pages = 0;

	for (; order < ORDERS_MAX; order++)
		pages += zone->free_blocks[order] << order;
	return pages;
}

double zone_unusable(const struct zone_figures *zone, unsigned int order)
{
	uint64_t all = free_pages_from(zone, 0);

	return all ? (double)(all - free_pages_from(zone, order)) / all : 0;
}

double zone_fragmentation(const struct zone_figures *zone, unsigned int order)
{
	uint64_t blocks = 0;

	for (unsigned int i = 0; i < ORDERS_MAX; i++)
		blocks += zone->free_blocks[i];
	if (!blocks)
		return 0;
	if (free_pages_from(zone, order))
		return -1;
	return 1 - (1 + (double)free_pages_from(zone, 0) / (UINT64_C(1) << order)) / blocks;
}
