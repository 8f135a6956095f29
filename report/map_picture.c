// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The picture of physical memory: a Hilbert curve, on which frames that are
 * neighbours in memory stay neighbours.
 */
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/memory.h"
#include "map.h"

#define TERMINAL_BITS	6	/* 64 x 64 cells: 64 columns, 32 lines of half blocks */
#define LETTER_BITS	5	/* 32 x 32 letters */
#define PNG_BITS	9

static const struct {
	char letter;
	unsigned char terminal;		/* of 256 colours */
	unsigned char red, green, blue;
} looks[KIND_COUNT] = {
	[KIND_HOLE] = { ' ', 16, 0, 0, 0 },
	[KMEMLAB_PAGE_FREE] = { '.', 252, 208, 208, 208 },
	[KMEMLAB_PAGE_FREE_CPU] = { ',', 245, 138, 138, 138 },
	[KMEMLAB_PAGE_RESERVED] = { 'R', 240, 88, 88, 88 },
	[KMEMLAB_PAGE_SLAB] = { 'S', 208, 255, 135, 0 },
	[KMEMLAB_PAGE_TABLE] = { 'T', 201, 255, 0, 255 },
	[KMEMLAB_PAGE_ANON] = { 'A', 34, 0, 175, 0 },
	[KMEMLAB_PAGE_FILE] = { 'F', 39, 0, 175, 255 },
	[KMEMLAB_PAGE_KERNEL] = { 'K', 220, 255, 215, 0 },
	[KMEMLAB_PAGE_OFFLINE] = { 'O', 52, 95, 0, 0 },
	[KMEMLAB_PAGE_POISONED] = { 'X', 196, 255, 0, 0 },
	[KIND_OF_OWNER(KMEMLAB_REGION_IMAGE)] = { 'I', 54, 95, 0, 135 },
	[KIND_OF_OWNER(KMEMLAB_REGION_MODULES)] = { 'M', 141, 175, 135, 255 },
	[KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC)] = { 'V', 130, 175, 95, 0 },
	[KIND_OF_OWNER(KMEMLAB_REGION_PERCPU)] = { 'P', 37, 0, 175, 175 },
	[KIND_OF_OWNER(KMEMLAB_REGION_MEMMAP)] = { 'm', 60, 95, 95, 135 },
};

/* Where number d of the curve through 2^bits x 2^bits cells lies. */
static void hilbert(unsigned int bits, uint64_t d, unsigned int *x, unsigned int *y)
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

/* What most of a cell's frames are; holes only where there is nothing else. */
static unsigned int main_kind(const uint64_t *kinds)
{
	unsigned int most = KIND_HOLE;

	for (unsigned int kind = 1; kind < KIND_COUNT; kind++)
		if (kinds[kind] && (most == KIND_HOLE || kinds[kind] > kinds[most]))
			most = kind;
	return most;
}

/* Where the picture begins: what memory lacks below its first frame is not shown. */
static uint64_t frames_start(const struct frames *frames)
{
	return frames->count ? frames->runs[0].pfn >> frames->order_max << frames->order_max : 0;
}

/* The kind of each cell, row by row; to be freed. */
static unsigned char *draw(const struct frames *frames, unsigned int bits)
{
	const uint64_t cells = UINT64_C(1) << 2 * bits;
	const uint64_t start = frames_start(frames);
	const uint64_t each = (frames_end(frames) - start + cells - 1) / cells;
	unsigned char *picture = xcalloc(cells, 1);
	size_t i = 0;

	for (uint64_t cell = 0; cell < cells; cell++) {
		const uint64_t first = start + cell * each, end = first + each;
		uint64_t kinds[KIND_COUNT] = { 0 };
		unsigned int x, y;

		for (; i < frames->count && frames->runs[i].pfn < end; i++) {
			const struct frames_run *run = &frames->runs[i];
			uint64_t from = run->pfn > first ? run->pfn : first;
			uint64_t to = run->pfn + run->pages < end ? run->pfn + run->pages : end;

			kinds[run->kind] += to > from ? to - from : 0;
			if (run->pfn + run->pages > end)
				break;
		}
		hilbert(bits, cell, &x, &y);
		picture[((uint64_t)y << bits) + x] = main_kind(kinds);
	}
	return picture;
}

static void print_legend(const struct frames *frames, bool colour, FILE *out)
{
	uint64_t seen[KIND_COUNT] = { 0 };

	for (size_t i = 0; i < frames->count; i++)
		seen[frames->runs[i].kind] += frames->runs[i].pages;
	for (unsigned int kind = 0; kind < KIND_COUNT; kind++) {
		if (!seen[kind])
			continue;
		if (colour)
			fprintf(out, "\033[48;5;%dm  \033[0m %s  ", looks[kind].terminal,
				frames_kind_name(kind));
		else
			fprintf(out, "%c %s  ", looks[kind].letter, frames_kind_name(kind));
	}
	fputs("\n\n", out);
}

static void print_colours(const unsigned char *picture, FILE *out)
{
	const unsigned int side = 1 << TERMINAL_BITS;

	for (unsigned int y = 0; y < side; y += 2) {
		for (unsigned int x = 0; x < side; x++)
			fprintf(out, "\033[38;5;%d;48;5;%dm\u2580",
				looks[picture[y * side + x]].terminal,
				looks[picture[(y + 1) * side + x]].terminal);
		fputs("\033[0m\n", out);
	}
}

static void print_letters(const unsigned char *picture, FILE *out)
{
	const unsigned int side = 1 << LETTER_BITS;

	for (unsigned int y = 0; y < side; y++) {
		for (unsigned int x = 0; x < side; x++) {
			fputc(looks[picture[y * side + x]].letter, out);
			fputc(looks[picture[y * side + x]].letter, out);
		}
		fputc('\n', out);
	}
}

void map_picture_print(const struct frames *frames, bool colour, FILE *out)
{
	unsigned char *picture = draw(frames, colour ? TERMINAL_BITS : LETTER_BITS);

	if (colour)
		print_colours(picture, out);
	else
		print_letters(picture, out);
	print_legend(frames, colour, out);
	free(picture);
}

static char *write_png(const unsigned char *picture, const char *path)
{
	const unsigned int side = 1 << PNG_BITS;
	cleanup_free unsigned char *pixels = xcalloc(3, side * side);
	png_image image = { .version = PNG_IMAGE_VERSION, .width = side, .height = side,
			    .format = PNG_FORMAT_RGB };

	for (unsigned int i = 0; i < side * side; i++) {
		pixels[3 * i] = looks[picture[i]].red;
		pixels[3 * i + 1] = looks[picture[i]].green;
		pixels[3 * i + 2] = looks[picture[i]].blue;
	}
	if (png_image_write_to_file(&image, path, 0, pixels, 0, NULL))
		return NULL;
	return xasprintf("%s cannot be written: %s", path, image.message);
}

char *map_picture_png(const json_t *document, const char *path)
{
	const json_t *maps = json_object_get(document, "maps");
	struct frames frames;
	char *error = frames_read(json_array_get(maps, json_array_size(maps) - 1), &frames);

	if (!error) {
		cleanup_free unsigned char *picture = draw(&frames, PNG_BITS);

		error = write_png(picture, path);
	}
	frames_release(&frames);
	return error;
}
