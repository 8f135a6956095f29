// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Picture of physical memory: a Hilbert curve, which keeps frames close that are close in
 * memory. A cell shows its most frequent use, the share of free frames and the largest free
 * block, so that fragmentation is visible.
 */
#include "map_picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "format.h"

/* Groups of hues: free is light, movable blue and green, the kernel's yellow to red, reserved gray. */
const struct look map_kind_looks[KIND_COUNT] = {
	[KIND_HOLE] = { "hole", ' ', 255, 255, 255 },
	[KMEMLAB_PAGE_FREE] = { "free", '.', 235, 235, 240 },
	[KIND_FREE_CMA] = { "free_cma", 'c', 205, 225, 205 },
	[KMEMLAB_PAGE_FREE_CPU] = { "free_cpu", ',', 195, 195, 210 },
	[KMEMLAB_PAGE_ANON] = { "anon", 'A', 0, 158, 115 },
	[KMEMLAB_PAGE_FILE] = { "file", 'F', 86, 180, 233 },
	[KMEMLAB_PAGE_HUGETLB] = { "hugetlb", 'H', 0, 110, 90 },
	[KMEMLAB_PAGE_SLAB] = { "slab", 'S', 213, 94, 0 },
	[KMEMLAB_PAGE_TABLE] = { "table", 'T', 150, 40, 20 },
	[KMEMLAB_PAGE_KERNEL] = { "kernel", 'K', 240, 200, 30 },
	[KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC)] = { "vmalloc", 'V', 230, 159, 0 },
	[KIND_OF_OWNER(KMEMLAB_REGION_PERCPU)] = { "percpu", 'P', 170, 110, 40 },
	[KMEMLAB_PAGE_RESERVED] = { "reserved", 'R', 90, 90, 90 },
	[KIND_OF_OWNER(KMEMLAB_REGION_IMAGE)] = { "image", 'I', 60, 60, 75 },
	[KIND_OF_OWNER(KMEMLAB_REGION_MODULES)] = { "modules", 'M', 120, 120, 135 },
	[KIND_OF_OWNER(KMEMLAB_REGION_MEMMAP)] = { "memmap", 'm', 145, 145, 150 },
	[KMEMLAB_PAGE_OFFLINE] = { "offline", 'O', 40, 40, 40 },
	[KMEMLAB_PAGE_POISONED] = { "poisoned", 'X', 0, 0, 0 },
	[KIND_OBJECT] = { "object", '@', 120, 40, 160 },
};

/* Kinds of a difference; changes are shown even if few frames of a cell changed. */
enum { CHANGE_HOLE, CHANGE_FREE, CHANGE_USED, CHANGE_ALLOCATED, CHANGE_FREED, CHANGE_KIND };

const struct look map_change_looks[] = {
	[CHANGE_HOLE] = { "hole", ' ', 255, 255, 255 },
	[CHANGE_FREE] = { "free before", '.', 235, 235, 240 },
	[CHANGE_USED] = { "used before", '#', 160, 160, 165 },
	[CHANGE_ALLOCATED] = { "allocated", '+', 120, 40, 160 },
	[CHANGE_FREED] = { "freed", '-', 0, 158, 115 },
	[CHANGE_KIND] = { "other kind", '~', 230, 159, 0 },
};

/* Set the coordinates of point d of the curve through 2^bits x 2^bits cells. */
static void hilbert_point(unsigned int bits, uint64_t d, unsigned int *x, unsigned int *y)
{
	*x = *y = 0;
	for (unsigned int side = 1; side < 1U << bits; side *= 2, d /= 4) {
		unsigned int rx = d / 2 & 1, ry = (d ^ rx) & 1, old = *x;

		if (!ry) {
			if (rx) {
				*x = side - 1 - *x;
				*y = side - 1 - *y;
				old = *x;
			}
			*x = *y;
			*y = old;
		}
		*x += side * rx;
		*y += side * ry;
	}
}

static uint64_t frames_end(const struct frames *frames)
{
	const struct frames_run *last;

	if (!frames->count)
		return 1;
	last = &frames->runs[frames->count - 1];
	return last->pfn + last->pages;
}

/* Return the first frame of the picture, which omits a hole at the start of memory. */
static uint64_t frames_start(const struct frames *frames)
{
	return frames->count ? frames->runs[0].pfn >> frames->order_max << frames->order_max : 0;
}

static bool is_free(unsigned int kind)
{
	return kind == KMEMLAB_PAGE_FREE || kind == KIND_FREE_CMA || kind == KMEMLAB_PAGE_FREE_CPU;
}

/*
 * Return the kind that a cell shows: the most frequent one of its used frames, if it has more
 * of these than free ones. Holes count only if there is nothing else.
 */
static unsigned int main_kind(const struct picture *picture, const uint64_t *kinds, bool used)
{
	unsigned int main = KIND_HOLE;
	unsigned int first = picture->is_change && kinds[CHANGE_ALLOCATED] + kinds[CHANGE_FREED] +
			     kinds[CHANGE_KIND] ? CHANGE_ALLOCATED : 1;

	for (unsigned int kind = first; kind < KIND_COUNT; kind++)
		if (kinds[kind] && (picture->is_change || is_free(kind) != used) &&
		    (main == KIND_HOLE || kinds[kind] > kinds[main]))
			main = kind;
	return main;
}

static struct cell make_cell(const struct picture *picture, const struct cell_frames *frames)
{
	struct cell cell = { .order = frames->order, .zone = frames->zone };
	uint64_t all = 0, free = 0;

	for (unsigned int kind = 1; kind < KIND_COUNT; kind++) {
		all += frames->kinds[kind];
		free += is_free(kind) ? frames->kinds[kind] : 0;
	}
	cell.free_share = all && !picture->is_change ? (double)free / all : 0;
	cell.kind = main_kind(picture, frames->kinds, 2 * free < all);
	if (picture->is_change)
		cell.order = -1;
	return cell;
}

static void mark_borders(struct picture *picture)
{
	const unsigned int side = 1U << picture->bits;

	for (unsigned int i = 0; i < side * side; i++) {
		struct cell *cell = &picture->cells[i];
		const struct cell *left = i % side ? cell - 1 : cell;
		const struct cell *above = i >= side ? cell - side : cell;

		cell->border = cell->kind && ((left->kind && left->zone != cell->zone) ||
					      (above->kind && above->zone != cell->zone));
	}
}

/*
 * Return the number of frames that the cells of a picture stand for: a whole number for each cell,
 * so that cells do not straddle blocks, unless that would leave much of the picture empty.
 */
static uint64_t round_span(uint64_t span, uint64_t cells)
{
	const uint64_t whole = (span + cells - 1) / cells * cells;

	return whole - span <= span / 16 ? whole : span;
}

struct cell_walk map_cells(const struct frames *frames, unsigned int bits)
{
	struct cell_walk walk = { .frames = frames, .start = frames_start(frames) };
	const uint64_t span = frames_end(frames) - walk.start;

	while (bits && UINT64_C(1) << 2 * bits > span)
		bits--;
	walk.bits = bits;
	walk.span = round_span(span, UINT64_C(1) << 2 * bits);
	return walk;
}

static uint64_t cell_start(const struct cell_walk *walk, uint64_t cell)
{
	return walk->start + (uint64_t)((__uint128_t)walk->span * cell >> 2 * walk->bits);
}

bool map_cell_next(struct cell_walk *walk, struct cell_frames *cell)
{
	const uint64_t first = cell_start(walk, walk->next), end = cell_start(walk, walk->next + 1);
	const struct frames *frames = walk->frames;

	if (walk->next >> 2 * walk->bits)
		return false;
	*cell = (struct cell_frames) { .order = -1 };
	hilbert_point(walk->bits, walk->next++, &cell->x, &cell->y);
	for (; walk->run < frames->count && frames->runs[walk->run].pfn < end; walk->run++) {
		const struct frames_run *run = &frames->runs[walk->run];
		uint64_t from = run->pfn > first ? run->pfn : first;
		uint64_t to = run->pfn + run->pages < end ? run->pfn + run->pages : end;

		if (to > from) {
			cell->kinds[run->kind] += to - from;
			cell->zone = run->zone | (unsigned int)run->node << 8;
			if (is_free(run->kind) && (int)run->order > cell->order)
				cell->order = run->order;
		}
		if (run->pfn + run->pages > end)
			break;
	}
	return true;
}

struct picture map_picture_draw(const struct frames *frames, unsigned int bits,
				const struct look *looks)
{
	struct cell_walk walk = map_cells(frames, bits);
	struct picture picture = {
		.looks = looks, .is_change = looks == map_change_looks, .bits = walk.bits,
		.frames_per_cell = (double)walk.span / (UINT64_C(1) << 2 * walk.bits),
		.cells = xcalloc(UINT64_C(1) << 2 * walk.bits, sizeof(struct cell)),
	};
	struct cell_frames cell;

	while (map_cell_next(&walk, &cell))
		picture.cells[((uint64_t)cell.y << walk.bits) + cell.x] = make_cell(&picture, &cell);
	mark_borders(&picture);
	return picture;
}

static unsigned char mix(unsigned char a, unsigned char b, double share)
{
	return a + (b - a) * share + 0.5;
}

/*
 * Set the color: of the use, mixed with that of the free frames, which is light for a large free
 * block and blue for single frames. A few free frames are visible as well.
 */
void map_cell_color(const struct picture *picture, const struct cell *cell, unsigned char *rgb)
{
	static const unsigned char single[] = { 60, 110, 180 };
	const struct look *look = &picture->looks[cell->kind], *free = &picture->looks[1];
	const double dark = 1 - (cell->order > 9 ? 9 : cell->order < 0 ? 0 : cell->order) / 9.0;
	const unsigned char base[] = { look->red, look->green, look->blue };
	const unsigned char light[] = { free->red, free->green, free->blue };
	const bool used = !is_free(cell->kind);

	for (int i = 0; i < 3; i++) {
		rgb[i] = base[i];
		if (cell->free_share > 0)
			rgb[i] = mix(base[i], mix(used ? light[i] : base[i], single[i], dark),
				     used ? 0.3 + 0.5 * cell->free_share : 1);
	}
	if (cell->border)
		memset(rgb, 0, 3);
}

struct cell map_legend_cell(unsigned int kind, int order)
{
	return (struct cell) { .kind = kind, .order = order, .free_share = is_free(kind) };
}

size_t map_kinds_seen(const struct frames *frames, unsigned int kinds[static KIND_COUNT])
{
	bool seen[KIND_COUNT] = { false };
	size_t count = 0;

	for (size_t i = 0; i < frames->count; i++)
		seen[frames->runs[i].kind] = true;
	for (unsigned int kind = 1; kind < KIND_COUNT; kind++)
		if (seen[kind])
			kinds[count++] = kind;
	return count;
}

char *map_scale_text(const struct picture *picture, uint64_t page_size)
{
	const double frames = picture->frames_per_cell;
	const bool whole = frames == (uint64_t)frames;

	if (!whole)
		return xasprintf("1 cell = about %s frames", format_real(frames).text);
	return xasprintf("1 cell = %s = %s", format_counted(frames, "frame").text,
			 format_bytes(frames * page_size).text);
}

static unsigned int change_of(const struct frames_run *a, const struct frames_run *b)
{
	if (is_free(a->kind) && is_free(b->kind))
		return CHANGE_FREE;
	if (is_free(a->kind) != is_free(b->kind))
		return is_free(a->kind) ? CHANGE_ALLOCATED : CHANGE_FREED;
	return a->kind == b->kind ? CHANGE_USED : CHANGE_KIND;
}

/* Set *changes to the frames that both maps have, with the kinds CHANGE_*. */
static void frames_compare(const struct frames *before, const struct frames *after,
			   struct frames *changes)
{
	size_t i = 0, j = 0;

	*changes = (struct frames) { .order_max = after->order_max };
	while (i < before->count && j < after->count) {
		const struct frames_run *a = &before->runs[i], *b = &after->runs[j];
		const uint64_t a_end = a->pfn + a->pages, b_end = b->pfn + b->pages;
		struct frames_run run = *b;

		run.pfn = a->pfn > b->pfn ? a->pfn : b->pfn;
		if (run.pfn < a_end && run.pfn < b_end) {
			run.pages = (a_end < b_end ? a_end : b_end) - run.pfn;
			run.kind = change_of(a, b);
			*array_add(&changes->runs, &changes->count) = run;
		}
		i += a_end <= b_end;
		j += b_end <= a_end;
	}
}

char *map_changes_read(const json_t *before, const json_t *after, struct frames *changes)
{
	struct frames a, b = { 0 };
	char *error = frames_read(before, &a);

	if (!error)
		error = frames_read(after, &b);
	*changes = (struct frames) { 0 };
	if (!error)
		frames_compare(&a, &b, changes);
	frames_release(&a);
	frames_release(&b);
	return error;
}
