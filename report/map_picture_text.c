// SPDX-License-Identifier: GPL-2.0-or-later
/* Pictures of physical memory as text: half blocks in color for terminals, or letters. */
#include "map_picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/terminal.h"

#define TERMINAL_BITS	6	/* 64 x 64 cells: 64 columns, 32 lines of half blocks */
#define LETTER_BITS	5	/* 32 x 32 cells of two letters */

/* Return the closest color of the 6 x 6 x 6 cube of a terminal with 256 colors. */
static int terminal_color(const unsigned char *rgb)
{
	int index = 0;

	for (int i = 0; i < 3; i++)
		index = index * 6 + (rgb[i] < 48 ? 0 : rgb[i] < 115 ? 1 : (rgb[i] - 35) / 40);
	return 16 + index;
}

static void print_swatch(const struct picture *picture, const struct cell *cell, bool color,
			 FILE *out)
{
	unsigned char rgb[3];

	map_cell_color(picture, cell, rgb);
	if (color)
		fprintf(out, "\033[48;5;%dm  \033[0m ", terminal_color(rgb));
	else
		fprintf(out, "%c ", picture->looks[cell->kind].letter);
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
		struct cell cell = map_legend_cell(KMEMLAB_PAGE_FREE, order);

		fprintf(out, " %d%s", order, order == 9 ? "+ " : " ");
		print_swatch(picture, &cell, true, out);
	}
	fputs(" mixed: partly free; black: border of a zone\n", out);
}

static void print_legend(const struct picture *picture, const struct frames *frames,
			 uint64_t page_size, bool color, FILE *out)
{
	const size_t width = terminal_width(out, 80);
	cleanup_free char *scale = map_scale_text(picture, page_size);
	unsigned int kinds[KIND_COUNT];
	const size_t count = map_kinds_seen(frames, kinds);
	size_t column = 0;

	if (!frames->count)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *name = picture->looks[kinds[i]].name;
		struct cell cell = map_legend_cell(kinds[i], 9);

		if (column + strlen(name) + 5 > width) {
			fputc('\n', out);
			column = 0;
		}
		print_swatch(picture, &cell, color, out);
		column += fprintf(out, "%s  ", name) + (color ? 3 : 2);
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

			map_cell_color(picture, upper, top);
			map_cell_color(picture, lower, bottom);
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
	struct picture picture = map_picture_draw(frames, (color ? TERMINAL_BITS : LETTER_BITS) -
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
	print_picture(frames, map_kind_looks, page_size, color, out);
}

void map_picture_print_diff(const json_t *before, const json_t *after, bool color, FILE *out)
{
	struct frames changes;
	char *error = map_changes_read(before, after, &changes);

	if (!error)
		print_picture(&changes, map_change_looks, json_int(after, "page_size", 0), color, out);
	free(error);
	frames_release(&changes);
}
