/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in columns that are as wide as what stands in them. */
#ifndef KMEMLAB_GRID_H
#define KMEMLAB_GRID_H

#include <stdio.h>

struct grid {
	size_t columns;
	size_t cells;		/* filled, row by row */
	char **text;
};

/* Appends one cell; rows follow from the number of columns. */
void grid_add(struct grid *grid, const char *text);

/* The first column is flush left, all others flush right. Empties the grid. */
void grid_print(struct grid *grid, const char *indent, FILE *out);

#endif
