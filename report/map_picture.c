// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Picture of physical memory: a Hilbert curve, which keeps frames close that are close in
 * memory. A cell shows its most frequent use, the share of free frames and the largest free
 * block, so that fragmentation is visible.
 */
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "format.h"
#include "map.h"

#define TERMINAL_BITS	6	/* 64 x 64 cells: 64 columns, 32 lines of half blocks */
#define LETTER_BITS	5	/* 32 x 32 cells of two letters */
#define PNG_BITS	9

struct look {
	const char *name;
	char letter;
	unsigned char red, green, blue;
};

/* Groups of hues: free is light, movable blue and green, the kernel's yellow to red, reserved gray. */
static const struct look kind_looks[KIND_COUNT] = {
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

static const struct look change_looks[] = {
	[CHANGE_HOLE] = { "hole", ' ', 255, 255, 255 },
	[CHANGE_FREE] = { "free before", '.', 235, 235, 240 },
	[CHANGE_USED] = { "used before", '#', 160, 160, 165 },
	[CHANGE_ALLOCATED] = { "allocated", '+', 120, 40, 160 },
	[CHANGE_FREED] = { "freed", '-', 0, 158, 115 },
	[CHANGE_KIND] = { "other kind", '~', 230, 159, 0 },
};

/* The frames that one cell of a picture stands for. */
struct cell {
	unsigned int kind;	/* the most frequent one */
	double free_share;
	int order;		/* of the largest free block; -1: none */
	bool border;		/* the zone differs from the one to the left or above */
	unsigned int zone;
};

struct picture {
	const struct look *looks;
	unsigned int bits;
	struct cell *cells;	/* row by row */
	double frames_per_cell;
	bool is_change;
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

static struct cell make_cell(const struct picture *picture, const uint64_t *kinds, int order,
			     unsigned int zone)
{
	struct cell cell = { .order = order, .zone = zone };
	uint64_t all = 0, free = 0;

	for (unsigned int kind = 1; kind < KIND_COUNT; kind++) {
		all += kinds[kind];
		free += is_free(kind) ? kinds[kind] : 0;
	}
	cell.free_share = all && !picture->is_change ? (double)free / all : 0;
	cell.kind = main_kind(picture, kinds, 2 * free < all);
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

/* Draw the frames in at most 2^bits x 2^bits cells; picture_release() the result. */
static struct picture draw_picture(const struct frames *frames, unsigned int bits,
				   const struct look *looks)
{
	struct picture picture = { .looks = looks, .is_change = looks == change_looks };
	const uint64_t start = frames_start(frames), span = frames_end(frames) - start;
	uint64_t cells;
	size_t i = 0;

	while (bits && UINT64_C(1) << 2 * bits > span)
		bits--;
	cells = UINT64_C(1) << 2 * bits;
	picture.bits = bits;
	picture.cells = xcalloc(cells, sizeof(*picture.cells));
	picture.frames_per_cell = (double)span / cells;
	for (uint64_t cell = 0; cell < cells; cell++) {
		const uint64_t first = start + (uint64_t)((__uint128_t)span * cell / cells);
		const uint64_t end = start + (uint64_t)((__uint128_t)span * (cell + 1) / cells);
		uint64_t kinds[KIND_COUNT] = { 0 };
		unsigned int x, y, zone = 0;
		int order = -1;

		for (; i < frames->count && frames->runs[i].pfn < end; i++) {
			const struct frames_run *run = &frames->runs[i];
			uint64_t from = run->pfn > first ? run->pfn : first;
			uint64_t to = run->pfn + run->pages < end ? run->pfn + run->pages : end;

			if (to > from) {
				kinds[run->kind] += to - from;
				zone = run->zone | (unsigned int)run->node << 8;
				if (!picture.is_change && is_free(run->kind) &&
				    (int)run->order > order)
					order = run->order;
			}
			if (run->pfn + run->pages > end)
				break;
		}
		hilbert_point(bits, cell, &x, &y);
		picture.cells[((uint64_t)y << bits) + x] = make_cell(&picture, kinds, order, zone);
	}
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
static void cell_color(const struct picture *picture, const struct cell *cell, unsigned char *rgb)
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

/* Return the closest color of the 6 x 6 x 6 cube of a terminal with 256 colors. */
static int terminal_color(const unsigned char *rgb)
{
	int index = 0;

	for (int i = 0; i < 3; i++)
		index = index * 6 + (rgb[i] < 48 ? 0 : rgb[i] < 115 ? 1 : (rgb[i] - 35) / 40);
	return 16 + index;
}

static struct cell legend_cell(unsigned int kind, int order)
{
	return (struct cell) { .kind = kind, .order = order, .free_share = is_free(kind) };
}

static void print_swatch(const struct picture *picture, const struct cell *cell, bool color,
			 FILE *out)
{
	unsigned char rgb[3];

	cell_color(picture, cell, rgb);
	if (color)
		fprintf(out, "\033[48;5;%dm  \033[0m ", terminal_color(rgb));
	else
		fprintf(out, "%c ", picture->looks[cell->kind].letter);
}

/* Count the frames of each kind. */
static void count_kinds(const struct frames *frames, uint64_t *seen)
{
	for (size_t i = 0; i < frames->count; i++)
		seen[frames->runs[i].kind] += frames->runs[i].pages;
}

/* Print the size of a cell: "1 cell = 32 frames = 128 KiB". */
static char *scale_text(const struct picture *picture, uint64_t page_size)
{
	const double frames = picture->frames_per_cell;
	const bool whole = frames == (uint64_t)frames;

	if (!whole)
		return xasprintf("1 cell = %s frames", format_real(frames).text);
	return xasprintf("1 cell = %s = %s", format_counted(frames, "frame").text,
			 format_bytes(frames * page_size).text);
}

static void print_shades(const struct picture *picture, bool color, FILE *out)
{
	if (!color) {
		fputs("Second character: order of the largest free block in the cell (+: 10 and "
		      "more),\n  | border of a zone\n", out);
		return;
	}
	fputs("largest free block of order", out);
	for (int order = 0; order <= 9; order += 3) {
		struct cell cell = legend_cell(KMEMLAB_PAGE_FREE, order);

		fprintf(out, " %d%s", order, order == 9 ? "+ " : " ");
		print_swatch(picture, &cell, true, out);
	}
	fputs(" mixed: partly free; black: border of a zone\n", out);
}

static void print_legend(const struct picture *picture, const struct frames *frames,
			 uint64_t page_size, bool color, FILE *out)
{
	const size_t width = terminal_width(out, 80);
	cleanup_free char *scale = scale_text(picture, page_size);
	uint64_t seen[KIND_COUNT] = { 0 };
	size_t column = 0;

	if (!frames->count)
		return;
	count_kinds(frames, seen);
	for (unsigned int kind = 1; kind < KIND_COUNT; kind++) {
		struct cell cell = legend_cell(kind, 9);

		if (!seen[kind])
			continue;
		if (column + strlen(picture->looks[kind].name) + 5 > width) {
			fputc('\n', out);
			column = 0;
		}
		print_swatch(picture, &cell, color, out);
		column += fprintf(out, "%s  ", picture->looks[kind].name) + (color ? 3 : 2);
	}
	fputc('\n', out);
	if (!picture->is_change)
		print_shades(picture, color, out);
	fprintf(out, "%s\n\n", scale);
}

static void print_colors(const struct picture *picture, FILE *out)
{
	const unsigned int side = 1 << picture->bits;

	for (unsigned int y = 0; y < side; y += 2) {
		for (unsigned int x = 0; x < side; x++) {
			const struct cell *upper = &picture->cells[y * side + x];
			const struct cell *lower = y + 1 < side ? upper + side : upper;
			unsigned char top[3], bottom[3];

			cell_color(picture, upper, top);
			cell_color(picture, lower, bottom);
			fprintf(out, "\033[38;5;%d;48;5;%dm\u2580", terminal_color(top),
				terminal_color(bottom));
		}
		fputs("\033[0m\n", out);
	}
}

/* Print the kind, and the order of the largest free block in the cell. */
static void print_letters(const struct picture *picture, FILE *out)
{
	const unsigned int side = 1 << picture->bits;

	for (unsigned int y = 0; y < side; y++) {
		for (unsigned int x = 0; x < side; x++) {
			const struct cell *cell = &picture->cells[y * side + x];
			const char letter = picture->looks[cell->kind].letter;

			fputc(letter, out);
			fputc(cell->border ? '|' : cell->order < 0 ? letter :
			      cell->order > 9 ? '+' : '0' + cell->order, out);
		}
		fputc('\n', out);
	}
}

static void print_picture(const struct frames *frames, const struct look *looks,
			  uint64_t page_size, bool color, FILE *out)
{
	const bool narrow = terminal_width(out, 80) < 2 << LETTER_BITS;
	struct picture picture = draw_picture(frames, (color ? TERMINAL_BITS : LETTER_BITS) -
					      narrow, looks);

	if (color)
		print_colors(&picture, out);
	else
		print_letters(&picture, out);
	print_legend(&picture, frames, page_size, color, out);
	free(picture.cells);
}

void map_picture_print(const struct frames *frames, uint64_t page_size, bool color, FILE *out)
{
	print_picture(frames, kind_looks, page_size, color, out);
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

/* Read two maps and compare them. Return NULL or an error. */
static char *read_changes(const json_t *before, const json_t *after, struct frames *changes)
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

void map_picture_print_diff(const json_t *before, const json_t *after, bool color, FILE *out)
{
	struct frames changes;
	char *error = read_changes(before, after, &changes);

	if (!error)
		print_picture(&changes, change_looks, json_int(after, "page_size", 0), color, out);
	free(error);
	frames_release(&changes);
}

/* PNG: panels in a row, each with a title above and a legend below. */

#define PANEL		(1 << PNG_BITS)
#define MARGIN		12
#define TITLE_ROWS	24
#define LEGEND_ROWS	130
#define LEGEND_STEP	16
#define LEGEND_COLUMNS	4
#define FONT_SCALE	2
#define GLYPH_WIDTH	(4 * FONT_SCALE)

struct canvas {
	unsigned char *pixels;	/* RGB */
	unsigned int width, height;
};

static void set_pixel(struct canvas *canvas, unsigned int x, unsigned int y,
		      const unsigned char *rgb)
{
	if (x < canvas->width && y < canvas->height)
		memcpy(canvas->pixels + 3 * ((size_t)y * canvas->width + x), rgb, 3);
}

static void fill(struct canvas *canvas, unsigned int x, unsigned int y, unsigned int width,
		 unsigned int height, const unsigned char *rgb)
{
	for (unsigned int i = 0; i < height; i++)
		for (unsigned int j = 0; j < width; j++)
			set_pixel(canvas, x + j, y + i, rgb);
}

/* A font of 3 x 5 pixels: one hexadecimal digit for each row of a character. */
static const char font_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:=-/+_";
static const unsigned int font[] = {
	0x25755, 0x65656, 0x34443, 0x65556, 0x74647, 0x74644, 0x34553, 0x55755, 0x72227, 0x11152,
	0x55655, 0x44447, 0x57755, 0x65555, 0x25552, 0x65644, 0x25563, 0x65655, 0x34216, 0x72222,
	0x55553, 0x55552, 0x55775, 0x55255, 0x55222, 0x71247, 0x75557, 0x26227, 0x71747, 0x71717,
	0x55711, 0x74717, 0x74757, 0x71111, 0x75757, 0x75717, 0x00002, 0x00024, 0x02020, 0x07070,
	0x00700, 0x11244, 0x02720, 0x00007,
};

static void draw_text(struct canvas *canvas, unsigned int x, unsigned int y, const char *text)
{
	static const unsigned char black[3];

	for (; *text; text++, x += GLYPH_WIDTH) {
		const char upper = *text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text;
		const char *found = strchr(font_characters, upper);
		unsigned int glyph = found ? font[found - font_characters] : 0;

		for (unsigned int bit = 0; bit < 15; bit++)
			if (glyph >> (4 * (4 - bit / 3) + 2 - bit % 3) & 1)
				fill(canvas, x + bit % 3 * FONT_SCALE, y + bit / 3 * FONT_SCALE,
				     FONT_SCALE, FONT_SCALE, black);
	}
}

static void draw_cells(struct canvas *canvas, unsigned int left, unsigned int top,
		       const struct picture *picture)
{
	const unsigned int side = 1U << picture->bits, scale = PANEL / side;
	unsigned char rgb[3];

	for (unsigned int i = 0; i < side * side; i++) {
		cell_color(picture, &picture->cells[i], rgb);
		fill(canvas, left + i % side * scale, top + i / side * scale, scale, scale, rgb);
	}
}

static void draw_swatch(struct canvas *canvas, unsigned int x, unsigned int y,
			const struct picture *picture, const struct cell *cell, const char *name)
{
	static const unsigned char black[3];
	unsigned char rgb[3];

	cell_color(picture, cell, rgb);
	fill(canvas, x, y, LEGEND_STEP, 12, black);
	fill(canvas, x + 1, y + 1, LEGEND_STEP - 2, 10, rgb);
	draw_text(canvas, x + LEGEND_STEP + 4, y + 1, name);
}

static void draw_legend(struct canvas *canvas, unsigned int left, unsigned int top,
			const struct picture *picture, const struct frames *frames,
			uint64_t page_size)
{
	cleanup_free char *scale = scale_text(picture, page_size);
	uint64_t seen[KIND_COUNT] = { 0 };
	unsigned int shown = 0, y;

	count_kinds(frames, seen);
	for (unsigned int kind = 1; kind < KIND_COUNT; kind++) {
		struct cell cell = legend_cell(kind, 9);

		if (!seen[kind])
			continue;
		draw_swatch(canvas, left + shown % LEGEND_COLUMNS * (PANEL / LEGEND_COLUMNS),
			    top + shown / LEGEND_COLUMNS * LEGEND_STEP, picture, &cell,
			    picture->looks[kind].name);
		shown++;
	}
	y = top + (shown + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * LEGEND_STEP;
	for (int order = 0; order <= 9 && !picture->is_change; order += 3) {
		struct cell cell = legend_cell(KMEMLAB_PAGE_FREE, order);
		cleanup_free char *name = xasprintf("order %d%s", order, order == 9 ? "+" : "");

		draw_swatch(canvas, left + order / 3 * (PANEL / LEGEND_COLUMNS), y, picture, &cell,
			    name);
	}
	draw_text(canvas, left, y + LEGEND_STEP + 1, scale);
	if (!picture->is_change)
		draw_text(canvas, left + PANEL / 2, y + LEGEND_STEP + 1, "black: border of zone");
}

static void draw_panel(struct canvas *canvas, unsigned int panel, const char *title,
		       const struct frames *frames, const struct look *looks, uint64_t page_size)
{
	const unsigned int left = MARGIN + panel * (PANEL + MARGIN);
	struct picture picture = draw_picture(frames, PNG_BITS, looks);

	draw_text(canvas, left, MARGIN / 2 + 2, title);
	draw_cells(canvas, left, TITLE_ROWS, &picture);
	draw_legend(canvas, left, TITLE_ROWS + PANEL + MARGIN, &picture, frames, page_size);
	free(picture.cells);
}

static char *write_png(const struct canvas *canvas, const char *path)
{
	png_image image = { .version = PNG_IMAGE_VERSION, .width = canvas->width,
			    .height = canvas->height, .format = PNG_FORMAT_RGB };

	if (png_image_write_to_file(&image, path, 0, canvas->pixels, 0, NULL))
		return NULL;
	return xasprintf("cannot write '%s': %s", path, image.message);
}

char *map_picture_png(const json_t *document, const char *path)
{
	const json_t *maps = json_object_get(document, "maps");
	const bool has_objects = json_array_size(maps) > 1;
	const json_t *map = json_array_get(maps, has_objects);
	const uint64_t page_size = json_int(map, "page_size", 0);
	struct canvas canvas = {
		.width = MARGIN + (PANEL + MARGIN) * (1 + has_objects),
		.height = TITLE_ROWS + PANEL + LEGEND_ROWS,
	};
	struct frames frames = { 0 }, changes = { 0 };
	char *error = frames_read(map, &frames);

	if (!error && has_objects)
		error = read_changes(json_array_get(maps, 0), map, &changes);
	if (!error) {
		canvas.pixels = xcalloc(3 * canvas.width, canvas.height);
		memset(canvas.pixels, 255, (size_t)3 * canvas.width * canvas.height);
		draw_panel(&canvas, 0, json_str(map, "phase", ""), &frames, kind_looks, page_size);
		if (has_objects)
			draw_panel(&canvas, 1, "difference: before and held", &changes,
				   change_looks, page_size);
		error = write_png(&canvas, path);
	}
	free(canvas.pixels);
	frames_release(&frames);
	frames_release(&changes);
	return error;
}
