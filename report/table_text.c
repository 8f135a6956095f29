// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables as text: columns as wide as their content, no trailing blanks. */
#include "table.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "format.h"

#define WRAP_MIN	24	/* columns for text that continues on the next line */

struct layout {
	const struct table *table;
	const char *indent;
	size_t first;		/* first column: 1 if column 0 is a section heading */
	size_t from, to;	/* the columns of this part, besides the first one */
	size_t *widths;
	size_t blanks;		/* pending padding: printed only before more text */
	FILE *out;
};

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t *column_widths(const struct table *table, size_t first)
{
	size_t *widths = xcalloc(table->column_count + 1, sizeof(*widths));

	for (size_t i = 0; i < table->column_count; i++) {
		widths[i] = text_width(table->columns[i].title);
		if (table->columns[i].group)
			widths[i] = max_size(widths[i], text_width(table->columns[i].group));
	}
	for (size_t i = 0; i < table->cell_count; i++)
		widths[i % table->column_count] = max_size(widths[i % table->column_count],
							   text_width(table->cells[i].text));
	if (first)
		widths[0] = 0;
	return widths;
}

static bool is_shown(const struct layout *layout, size_t column)
{
	return column == layout->first || (column >= layout->from && column < layout->to);
}

static void print_cell(struct layout *layout, size_t column, const char *text, enum style style)
{
	const enum table_align align = layout->table->columns[column].align;
	size_t padding = layout->widths[column] - text_width(text), used;

	if (!is_shown(layout, column))
		return;
	if (column > layout->first)
		layout->blanks += 2;
	else
		fputs(layout->indent, layout->out);
	if (align == TABLE_RIGHT)
		layout->blanks += padding;
	if (*text) {
		fprintf(layout->out, "%*s%s", (int)layout->blanks, "",
			style_start(layout->out, style));
		layout->blanks = 0;
	}
	if (align == TABLE_WRAP) {
		used = strlen(layout->indent);
		for (size_t i = layout->first; i < column; i++)
			used += is_shown(layout, i) ? layout->widths[i] + 2 : 0;
		text_wrap(text, used, &used, layout->out);
	} else {
		fputs(text, layout->out);
	}
	if (*text)
		fputs(style_end(layout->out, style), layout->out);
	if (align == TABLE_LEFT)
		layout->blanks += padding;
}

static void end_row(struct layout *layout)
{
	fputc('\n', layout->out);
	layout->blanks = 0;
}

static const char *group_of(const struct table *table, size_t column)
{
	return table->columns[column].group ?: "";
}

/* Return true if the column has the same group as the one before. */
static bool continues_group(const struct table *table, size_t column)
{
	return column && *group_of(table, column) &&
	       !strcmp(group_of(table, column), group_of(table, column - 1));
}

static bool has_groups(const struct layout *layout)
{
	for (size_t i = 0; i < layout->table->column_count; i++)
		if (layout->table->columns[i].group && is_shown(layout, i))
			return true;
	return false;
}

/* Print the groups, each above the first of its columns, and the titles. */
static void print_head(struct layout *layout)
{
	const struct table *table = layout->table;

	if (has_groups(layout)) {
		for (size_t i = layout->first; i < table->column_count; i++)
			print_cell(layout, i, continues_group(table, i) && i != layout->from ? "" :
				   group_of(table, i), STYLE_BOLD);
		end_row(layout);
	}
	for (size_t i = layout->first; i < table->column_count; i++)
		print_cell(layout, i, table->columns[i].title, STYLE_BOLD);
	end_row(layout);
}

static void print_rows(struct layout *layout)
{
	const struct table *table = layout->table;
	const char *section = "";

	for (size_t i = 0; i < table->cell_count; i++) {
		size_t column = i % table->column_count;
		const struct table_cell *cell = &table->cells[i];

		if (column < layout->first) {
			if (strcmp(section, cell->text))
				fprintf(layout->out, "%s%s%s\n",
					style_start(layout->out, STYLE_BOLD), cell->text,
					style_end(layout->out, STYLE_BOLD));
			section = cell->text;
			continue;
		}
		print_cell(layout, column, cell->text, cell->style);
		if (column + 1 == table->column_count)
			end_row(layout);
	}
}

/* Return the end of the columns from layout->from on that fit; at least one, groups as a whole. */
static size_t part_end(const struct layout *layout, size_t width)
{
	const struct table *table = layout->table;
	size_t used = strlen(layout->indent) + layout->widths[layout->first], column, end;

	for (column = layout->from; column < table->column_count; column++) {
		size_t needed = layout->widths[column];

		if (table->columns[column].align == TABLE_WRAP && needed > WRAP_MIN)
			needed = WRAP_MIN;
		used += needed + 2;
		if (used > width)
			break;
	}
	if (column == table->column_count)
		return column;
	for (end = column; end > layout->from && continues_group(table, end); end--)
		;
	end = end > layout->from ? end : column;
	return end > layout->from ? end : layout->from + 1;
}

void table_text(const struct table *table, const char *indent, FILE *out)
{
	const size_t first = table->has_sections;
	const size_t width = terminal_width(out, SIZE_MAX / 2);
	cleanup_free size_t *widths = column_widths(table, first);
	struct layout layout = {
		.table = table, .indent = first ? "  " : indent, .first = first,
		.from = first + 1, .widths = widths, .out = out,
	};

	do {
		if (layout.from > first + 1)
			fputc('\n', out);
		layout.to = part_end(&layout, width);
		print_head(&layout);
		print_rows(&layout);
		layout.from = layout.to;
	} while (layout.to < table->column_count);
}
