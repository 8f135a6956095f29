// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <string.h>

#include "base/memory.h"

void markdown_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (strchr("&<>", *text))
			fprintf(out, "&#%d;", *text);
		else if (*text == '\n')
			fputc(' ', out);
		else
			fprintf(out, strchr("\\`*_[]|~", *text) ? "\\%c" : "%c", *text);
	}
}

void table_markdown(const struct table *table, FILE *out)
{
	for (size_t i = 0; i < table->column_count; i++) {
		cleanup_free char *title = table_column_title(&table->columns[i]);

		fputs("| ", out);
		markdown_text(title, out);
		fputc(' ', out);
	}
	fputs("|\n", out);
	for (size_t i = 0; i < table->column_count; i++)
		fputs(table->columns[i].align == TABLE_RIGHT ? "|---:" : "|---", out);
	fputs("|\n", out);
	for (size_t i = 0; i < table->cell_count; i++) {
		const char *emphasis = table->cells[i].class ? "**" : "";

		fprintf(out, "| %s", emphasis);
		markdown_text(table->cells[i].text, out);
		fprintf(out, "%s ", emphasis);
		if ((i + 1) % table->column_count == 0)
			fputs("|\n", out);
	}
}
