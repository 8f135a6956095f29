/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of a picture of physical memory, for all forms of the picture; internal to report/. */
#ifndef KMEMLAB_REPORT_MAP_PICTURE_H
#define KMEMLAB_REPORT_MAP_PICTURE_H

#include "map.h"

struct look {
	const char *name;
	char letter;
	unsigned char red, green, blue;
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

/* The frames of a cell by kind. Kinds of a difference have no meaning for order. */
struct cell_frames {
	unsigned int x, y;
	uint64_t kinds[KIND_COUNT];
	int order;			/* of the largest free block; -1: none */
	unsigned int zone;		/* of the last frame; the node is in the bits from 8 on */
};

/* The cells of 2^bits x 2^bits in the order of memory. */
struct cell_walk {
	const struct frames *frames;
	unsigned int bits;
	uint64_t start, span;		/* frames of the whole picture */
	uint64_t next;			/* cell */
	size_t run;
};

#define PICTURE_BITS	9	/* of a picture in pixels: 512 x 512 */

/* Colors and letters of the kinds of frames, and of the kinds of a difference. */
extern const struct look map_kind_looks[], map_change_looks[];

/* Return the first of at most 2^bits x 2^bits cells. */
struct cell_walk map_cells(const struct frames *frames, unsigned int bits);

/* Set *cell to the next cell. Return false behind the last one. */
bool map_cell_next(struct cell_walk *walk, struct cell_frames *cell);

/* Draw the frames in at most 2^bits x 2^bits cells; the caller frees the cells. */
struct picture map_picture_draw(const struct frames *frames, unsigned int bits,
				const struct look *looks);

/* Set the red, green and blue of a cell. */
void map_cell_color(const struct picture *picture, const struct cell *cell, unsigned char *rgb);

/* Return a cell that shows a kind, or a free block of an order, in a legend. */
struct cell map_legend_cell(unsigned int kind, int order);

/* Fill kinds with those of the frames, without holes. Return: their number. */
size_t map_kinds_seen(const struct frames *frames, unsigned int kinds[static KIND_COUNT]);

/* Return "1 cell = 32 frames = 128 KiB"; the caller frees it. */
char *map_scale_text(const struct picture *picture, uint64_t page_size);

/*
 * Set *changes to the frames that both maps have, as kinds of map_change_looks. Return NULL or an
 * error of one line, which the caller frees.
 */
char *map_changes_read(const json_t *before, const json_t *after, struct frames *changes);

#endif
