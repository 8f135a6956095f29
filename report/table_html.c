// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <string.h>

#include "base/memory.h"

void html_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (strchr("&<>\"'", *text))
			fprintf(out, "&#%d;", *text);
		else
			fputc(*text, out);
	}
}

static void print_head(const struct table *table, FILE *out)
{
	fputs("<thead><tr>", out);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct table_column *column = &table->columns[i];
		cleanup_free char *title = table_column_title(column);

		fputs("<th>", out);
		html_text(title, out);
		if (column->unit) {
			fputs(", ", out);
			html_text(column->unit, out);
		}
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
}

void table_html(const struct table *table, FILE *out)
{
	table_html_class(table, NULL, out);
}

void table_html_class(const struct table *table, const char *class, FILE *out)
{
	fprintf(out, "<table%s%s%s>\n", class ? " class=\"" : "", class ?: "", class ? "\"" : "");
	print_head(table, out);
	for (size_t i = 0; i < table->cell_count; i++) {
		const struct table_cell *cell = &table->cells[i];

		if (i % table->column_count == 0)
			fputs("<tr>", out);
		fputs("<td", out);
		if (cell->class)
			fprintf(out, " class=\"%s\"", cell->class);
		if (cell->depth)
			fprintf(out, " style=\"padding-left:%.1fem\"", 0.7 + cell->depth * 1.2);
		fputc('>', out);
		html_text(cell->text, out);
		fputs("</td>", out);
		if ((i + 1) % table->column_count == 0)
			fputs("</tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}
