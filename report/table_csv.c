// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables as CSV (RFC 4180, but lines end with a newline alone). */
#include "table.h"

#include <string.h>

#include "base/memory.h"

static void print_field(const char *text, FILE *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void table_csv(const struct table *table, FILE *out)
{
	for (size_t i = 0; i < table->column_count; i++) {
		cleanup_free char *title = table_column_title(&table->columns[i]);

		fputs(i ? "," : "", out);
		print_field(title, out);
	}
	fputc('\n', out);
	for (size_t i = 0; i < table->cell_count; i++) {
		fputs(i % table->column_count ? "," : "", out);
		print_field(table->cells[i].text, out);
		if ((i + 1) % table->column_count == 0)
			fputc('\n', out);
	}
}
