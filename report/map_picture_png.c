// SPDX-License-Identifier: GPL-2.0-or-later
/* Pictures of physical memory in a PNG file: panels in a row with titles and legends. */
#include "map_picture.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/json_path.h"
#include "base/memory.h"

#define PANEL		(1 << PICTURE_BITS)
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
		map_cell_color(picture, &picture->cells[i], rgb);
		fill(canvas, left + i % side * scale, top + i / side * scale, scale, scale, rgb);
	}
}

static void draw_swatch(struct canvas *canvas, unsigned int x, unsigned int y,
			const struct picture *picture, const struct cell *cell, const char *name)
{
	static const unsigned char black[3];
	unsigned char rgb[3];

	map_cell_color(picture, cell, rgb);
	fill(canvas, x, y, LEGEND_STEP, 12, black);
	fill(canvas, x + 1, y + 1, LEGEND_STEP - 2, 10, rgb);
	draw_text(canvas, x + LEGEND_STEP + 4, y + 1, name);
}

static void draw_legend(struct canvas *canvas, unsigned int left, unsigned int top,
			const struct picture *picture, const struct frames *frames,
			uint64_t page_size)
{
	cleanup_free char *scale = map_scale_text(picture, page_size);
	unsigned int kinds[KIND_COUNT], y;
	const size_t count = map_kinds_seen(frames, kinds);

	for (size_t i = 0; i < count; i++) {
		struct cell cell = map_legend_cell(kinds[i], 9);

		draw_swatch(canvas, left + i % LEGEND_COLUMNS * (PANEL / LEGEND_COLUMNS),
			    top + i / LEGEND_COLUMNS * LEGEND_STEP, picture, &cell,
			    picture->looks[kinds[i]].name);
	}
	y = top + (count + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * LEGEND_STEP;
	for (int order = 0; order <= 9 && !picture->is_change; order += 3) {
		struct cell cell = map_legend_cell(KMEMLAB_PAGE_FREE, order);
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
	struct picture picture = map_picture_draw(frames, PICTURE_BITS, looks);

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
		error = map_changes_read(json_array_get(maps, 0), map, &changes);
	if (!error) {
		canvas.pixels = xcalloc(3 * canvas.width, canvas.height);
		memset(canvas.pixels, 255, (size_t)3 * canvas.width * canvas.height);
		draw_panel(&canvas, 0, json_str(map, "phase", ""), &frames, map_kind_looks, page_size);
		if (has_objects)
			draw_panel(&canvas, 1, "difference: before and held", &changes,
				   map_change_looks, page_size);
		error = write_png(&canvas, path);
	}
	free(canvas.pixels);
	frames_release(&frames);
	frames_release(&changes);
	return error;
}
