/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in columns that are as wide as what stands in them. */
#ifndef KMEMLAB_GRID_H
#define KMEMLAB_GRID_H

#include <stdbool.h>
#include <stdio.h>

struct grid {
	size_t columns;
	size_t cells;		/* filled, row by row */
	bool ends_in_text;	/* the last column is flush left as well */
	char **text;
};

/* Appends one cell; rows follow from the number of columns. */
void grid_add(struct grid *grid, const char *text);

/* The first column is flush left, all others that are no text flush right. Empties the grid. */
void grid_print(struct grid *grid, const char *indent, FILE *out);

#endif
