// SPDX-License-Identifier: GPL-2.0-or-later
#include "map.h"

#include <limits.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"

#define MIGRATE_TYPES_MAX	8

/* Migrate types of blocks that not every allocation may use. */
enum { TYPE_CMA = 1, TYPE_HIGHATOMIC = 2, TYPE_ISOLATE = 4 };

const char *frames_kind_name(unsigned int kind)
{
	static const char *const names[KIND_COUNT] = {
		"hole", "free", "free_cpu", "reserved", "slab", "table", "anon", "file", "kernel",
		"offline", "poisoned", "hugetlb", "image", "modules", "vmalloc", "percpu", "memmap",
		"free_cma", "object",
	};

	return kind < KIND_COUNT ? names[kind] : "unknown";
}

/*
 * Parts of the kernel image that were freed have other users. Memory reserved at boot may be
 * mapped like vmalloc memory, but does not belong to vmalloc.
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

static bool read_numbers(const json_t *array, uint64_t *values, size_t count)
{
	if (json_array_size(array) != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!json_is_integer(json_array_get(array, i)))
			return false;
		values[i] = json_integer_value(json_array_get(array, i));
	}
	return true;
}

static bool is_used(unsigned int kind)
{
	return kind != KMEMLAB_PAGE_FREE && kind != KMEMLAB_PAGE_FREE_CPU && kind != KIND_FREE_CMA;
}

static void append_run(struct frames *frames, const struct frames_run *run)
{
	*array_add(&frames->runs, &frames->count) = *run;
}

/* Numbers of each owner, [pfn, pages, owner], and of the objects of an experiment, [pfn, pages]. */
enum { OWNER_NUMBERS = 3, OBJECT_NUMBERS = 2 };

/*
 * Append a run, split at its owners, or if these are objects, at them. *next is the first one that
 * does not end before the run.
 */
static void append_owned(struct frames *frames, const json_t *owners, size_t numbers, size_t *next,
			 struct frames_run run)
{
	const uint64_t end = run.pfn + run.pages;

	for (size_t i = *next; i < json_array_size(owners); i++) {
		uint64_t owner[3] = { 0 }, first, last;
		struct frames_run piece = run;

		read_numbers(json_array_get(owners, i), owner, numbers);
		first = owner[0];
		last = first + owner[1];
		if (first >= end)
			break;
		if (last <= run.pfn) {
			*next = i + 1;
			continue;
		}
		if (numbers == OBJECT_NUMBERS ? !is_used(run.kind) : !can_own(owner[2], &run))
			continue;
		first = first > run.pfn ? first : run.pfn;
		last = last < end ? last : end;
		piece.pages = first - run.pfn;
		if (piece.pages)
			append_run(frames, &piece);
		piece.pfn = first;
		piece.pages = last - first;
		piece.kind = numbers == OBJECT_NUMBERS ? KIND_OBJECT : KIND_OF_OWNER(owner[2]);
		append_run(frames, &piece);
		run.pfn = last;
		run.pages = end - last;
	}
	if (run.pages)
		append_run(frames, &run);
}

/* PFNs are less than this, so that sums of frames cannot overflow. */
#define PFN_END		(UINT64_C(1) << 52)

static bool is_valid_range(uint64_t pfn, uint64_t pages)
{
	return pages && pages <= PFN_END && pfn <= PFN_END - pages;
}

static char *check_owners(const json_t *owners, size_t numbers)
{
	uint64_t end = 0, values[OWNER_NUMBERS] = { 0 };
	json_t *owner;
	size_t i;

	json_array_foreach(owners, i, owner) {
		if (!read_numbers(owner, values, numbers) || values[0] < end ||
		    !is_valid_range(values[0], values[1]) || values[2] >= KMEMLAB_REGION_FIXED)
			return xasprintf("%s %zu of the map is invalid",
					 numbers == OBJECT_NUMBERS ? "object" : "owner", i);
		end = values[0] + values[1];
	}
	return NULL;
}

/*
 * Return the migrate types of blocks that a GFP profile may use: CMA serves only movable pages,
 * and highatomic is a reserve for allocations that cannot sleep.
 */
static unsigned int usable_types(const char *gfp)
{
	return (!strcmp(gfp, "movable") ? TYPE_CMA : 0) |
	       (!strcmp(gfp, "atomic") ? TYPE_HIGHATOMIC : 0);
}

/* Read which migrate types are usable; maps without their names know no types. */
static void read_migrate_types(const json_t *map, struct frames *frames)
{
	static const struct {
		const char *name;
		unsigned int type;
	} types[] = {
		{ "cma", TYPE_CMA }, { "highatomic", TYPE_HIGHATOMIC }, { "isolate", TYPE_ISOLATE },
	};
	const unsigned int usable = usable_types(json_str(map, "gfp", "kernel"));
	json_t *name;
	size_t i;

	frames->usable_types = UINT_MAX;
	frames->cma_types = 0;
	json_array_foreach(json_object_get(map, "migrate_types"), i, name) {
		for (size_t j = 0; j < ARRAY_SIZE(types); j++) {
			if (i >= MIGRATE_TYPES_MAX ||
			    strcmp(json_string_value(name) ?: "", types[j].name))
				continue;
			if (!(usable & types[j].type))
				frames->usable_types &= ~(1U << i);
			if (types[j].type == TYPE_CMA)
				frames->cma_types |= 1U << i;
		}
	}
}

/* Read [pfn, pages, kind, order, zone, node, migrate type]; older maps lack the last one. */
static bool read_run(const json_t *numbers, const struct frames *frames, struct frames_run *run)
{
	uint64_t values[7] = { 0 };

	if ((!read_numbers(numbers, values, 6) && !read_numbers(numbers, values, 7)) ||
	    !is_valid_range(values[0], values[1]) || values[2] >= KMEMLAB_PAGE_KINDS ||
	    values[3] >= ORDERS_MAX || values[4] >= ZONES_MAX ||
	    (int64_t)values[5] != (int)values[5] || values[6] >= MIGRATE_TYPES_MAX)
		return false;
	*run = (struct frames_run) { values[0], values[1], values[2], values[3], values[4],
				     values[5], values[2] == KMEMLAB_PAGE_RESERVED,
				     frames->usable_types >> values[6] & 1,
				     frames->cma_types >> values[6] & 1 };
	if (run->kind == KMEMLAB_PAGE_FREE && run->cma)
		run->kind = KIND_FREE_CMA;
	return true;
}

unsigned int frames_order_max(const json_t *map)
{
	const long long order = json_int(map, "order_max", ORDER_MAX_DEFAULT);

	return order > 0 && order < ORDERS_MAX ? order : ORDER_MAX_DEFAULT;
}

/* Give the used frames of the objects a kind of their own. */
static void mark_objects(struct frames *frames, const json_t *objects)
{
	struct frames old = *frames;
	size_t next = 0;

	frames->runs = NULL;
	frames->count = 0;
	for (size_t i = 0; i < old.count; i++)
		append_owned(frames, objects, OBJECT_NUMBERS, &next, old.runs[i]);
	free(old.runs);
}

char *frames_read(const json_t *map, struct frames *frames)
{
	const json_t *runs = json_object_get(map, "runs");
	const json_t *owners = json_object_get(map, "owners");
	const json_t *objects = json_object_get(map, "objects");
	size_t i, next_owner = 0;
	char *error = check_owners(owners, OWNER_NUMBERS) ?:
		      check_owners(objects, OBJECT_NUMBERS);
	uint64_t end = 0;
	json_t *numbers;

	*frames = (struct frames) { .order_max = frames_order_max(map) };
	if (error)
		return error;
	if (!json_is_array(runs))
		return xasprintf("the map has no runs");
	read_migrate_types(map, frames);
	json_array_foreach(runs, i, numbers) {
		struct frames_run run;

		if (!read_run(numbers, frames, &run) || run.pfn < end) {
			frames_release(frames);
			return xasprintf("run %zu of the map is invalid", i);
		}
		if (run.kind == KMEMLAB_PAGE_RESERVED || run.kind == KMEMLAB_PAGE_KERNEL)
			append_owned(frames, owners, OWNER_NUMBERS, &next_owner, run);
		else
			append_run(frames, &run);
		end = run.pfn + run.pages;
	}
	if (json_array_size(objects))
		mark_objects(frames, objects);
	return NULL;
}

void frames_release(struct frames *frames)
{
	free(frames->runs);
	*frames = (struct frames) { 0 };
}

static struct zone_stats *find_zone(struct zone_stats *zones, size_t *count, size_t room,
				      const struct frames_run *run)
{
	for (size_t i = 0; i < *count; i++)
		if (zones[i].zone == run->zone && zones[i].node == run->node)
			return &zones[i];
	if (*count == room)
		return NULL;
	zones[*count] = (struct zone_stats) { .zone = run->zone, .node = run->node,
						.largest_order = -1 };
	return &zones[(*count)++];
}

/* An aligned block while the runs are scanned. */
struct aligned_block {
	uint64_t index;		/* pfn >> order */
	uint64_t covered, used;
	bool fixed;		/* contains frames that cannot be freed */
	size_t first_run;
};

static bool is_fixed(const struct frames_run *run)
{
	return run->reserved || run->kind == KIND_HOLE || run->kind == KMEMLAB_PAGE_OFFLINE ||
	       run->kind == KMEMLAB_PAGE_POISONED;
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
		if (next->used ? is_used(run.kind) : run.kind == KMEMLAB_PAGE_FREE_CPU)
			next->runs[next->count++] = run;
	}
}

static void consider_block(const struct frames *frames, const struct aligned_block *block,
		  struct next_block *next)
{
	if (block->fixed || block->covered != UINT64_C(1) << next->order ||
	    block->used >= next->used)
		return;
	next->used = block->used;
	next->pfn = block->index << next->order;
	list_blockers(frames, block->first_run, next);
}

/*
 * Return the PFN to continue at: of the blocks that are entirely within a run, only the first one
 * needs to be considered.
 */
static uint64_t skip_equal_blocks(const struct frames_run *run, const struct aligned_block *block,
				  unsigned int order, uint64_t pfn)
{
	const uint64_t last = (run->pfn + run->pages) >> order << order;

	return block->index << order >= run->pfn && pfn < last ? last : pfn;
}

/* Find the block of the next larger order with the fewest frames in use. */
static void find_next_block(const struct frames *frames, struct zone_stats *zone)
{
	struct next_block *next = &zone->next;
	struct aligned_block block = { .index = UINT64_MAX };

	next->order = zone->largest_order + 1;
	next->used = UINT64_MAX;
	for (size_t i = 0; i < frames->count; i++) {
		const struct frames_run *run = &frames->runs[i];
		const bool in_zone = run->zone == zone->zone && run->node == zone->node;

		for (uint64_t pfn = run->pfn; pfn < run->pfn + run->pages;) {
			uint64_t stop = ((pfn >> next->order) + 1) << next->order;

			if (stop > run->pfn + run->pages)
				stop = run->pfn + run->pages;
			if (pfn >> next->order != block.index) {
				consider_block(frames, &block, next);
				block = (struct aligned_block) { .index = pfn >> next->order,
							     .first_run = i };
			}
			block.covered += stop - pfn;
			block.used += is_used(run->kind) ? stop - pfn : 0;
			block.fixed |= !in_zone || is_fixed(run) || !run->usable;
			pfn = skip_equal_blocks(run, &block, next->order, stop);
		}
	}
	consider_block(frames, &block, next);
	if (next->used == UINT64_MAX)
		*next = (struct next_block) { 0 };
}

size_t frames_zone_stats(const struct frames *frames, struct zone_stats *zones, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < frames->count; i++) {
		const struct frames_run *run = &frames->runs[i];
		struct zone_stats *zone = find_zone(zones, &count, room, run);

		if (!zone)
			break;
		zone->pages += run->pages;
		zone->kinds[run->kind] += run->pages;
		if (run->cma) {
			zone->cma_pages += run->pages;
			zone->cma_kinds[run->kind] += run->pages;
		}
		if (run->kind != KMEMLAB_PAGE_FREE && run->kind != KIND_FREE_CMA)
			continue;
		zone->free_blocks[run->order] += run->pages >> run->order;
		if (!run->usable)
			continue;
		zone->usable_blocks[run->order] += run->pages >> run->order;
		if ((int)run->order > zone->largest_order)
			zone->largest_order = run->order;
	}
	for (size_t i = 0; i < count; i++)
		if (zones[i].largest_order < (int)frames->order_max)
			find_next_block(frames, &zones[i]);
	return count;
}

static uint64_t usable_pages_from(const struct zone_stats *zone, unsigned int order)
{
	uint64_t pages = 0;

	for (; order < ORDERS_MAX; order++)
		pages += zone->usable_blocks[order] << order;
	return pages;
}

double zone_unusable(const struct zone_stats *zone, unsigned int order)
{
	uint64_t all = usable_pages_from(zone, 0);

	return all ? (double)(all - usable_pages_from(zone, order)) / all : 0;
}

double zone_fragmentation(const struct zone_stats *zone, unsigned int order)
{
	uint64_t blocks = 0;

	for (unsigned int i = 0; i < ORDERS_MAX; i++)
		blocks += zone->usable_blocks[i];
	if (!blocks)
		return 0;
	if (usable_pages_from(zone, order))
		return -1;
	return 1 - (1 + (double)usable_pages_from(zone, 0) / (UINT64_C(1) << order)) / blocks;
}
