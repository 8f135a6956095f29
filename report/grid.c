// SPDX-License-Identifier: GPL-2.0-or-later
#include "grid.h"

#include <string.h>

#include "base/memory.h"

void grid_add(struct grid *grid, const char *text)
{
	grid->text = xrealloc(grid->text, (grid->cells + 1) * sizeof(*grid->text));
	grid->text[grid->cells++] = xstrdup(text);
}

static int column_width(const struct grid *grid, size_t column)
{
	size_t width = 0;

	for (size_t i = column; i < grid->cells; i += grid->columns)
		if (strlen(grid->text[i]) > width)
			width = strlen(grid->text[i]);
	return width;
}

void grid_print(struct grid *grid, const char *indent, FILE *out)
{
	cleanup_free int *widths = xcalloc(grid->columns, sizeof(*widths));
	int blanks = 0;	/* of short and empty cells: held back, so that no line ends in blanks */

	for (size_t column = 0; column < grid->columns - grid->ends_in_text; column++)
		widths[column] = column_width(grid, column);
	for (size_t i = 0; i < grid->cells; i++) {
		size_t column = i % grid->columns;

		if (column == 0) {
			fprintf(out, "%s%s", indent, grid->text[i]);
			blanks = widths[column] - (int)strlen(grid->text[i]);
		} else if (!*grid->text[i]) {
			blanks += 2 + widths[column];
		} else {
			fprintf(out, "%*s  %*s", blanks, "", widths[column], grid->text[i]);
			blanks = 0;
		}
		if (column + 1 == grid->columns)
			fputc('\n', out);
		free(grid->text[i]);
	}
	free(grid->text);
	*grid = (struct grid) { .columns = grid->columns, .ends_in_text = grid->ends_in_text };
}
