// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"

void table_column(struct table *table, const char *group, const char *title, const char *unit,
		  enum table_align align)
{
	*array_add(&table->columns, &table->column_count) = (struct table_column) {
		.group = group ? xstrdup(group) : NULL, .title = xstrdup(title),
		.unit = unit ? xstrdup(unit) : NULL, .align = align,
	};
}

void table_columns(struct table *table, const char *titles)
{
	cleanup_free char *copy = xstrdup(titles);
	char *rest = copy, *title;

	while ((title = strsep(&rest, "|"))) {
		enum table_align align = *title == '<' ? TABLE_LEFT :
					 *title == '>' ? TABLE_RIGHT : TABLE_WRAP;
		char *colon = strchr(title, ':');

		if (colon)
			*colon = '\0';
		table_column(table, colon ? title + 1 : NULL, colon ? colon + 1 : title + 1, NULL,
			     align);
	}
}

void table_cell(struct table *table, const char *text)
{
	array_add(&table->cells, &table->cell_count)->text = xstrdup(text);
}

void table_cellf(struct table *table, const char *format, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	array_add(&table->cells, &table->cell_count)->text = strbuf_detach(&text);
}

void table_bar(struct table *table, long long part, long long total, size_t width)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	const bool blocks = terminal_utf8();
	long long length = total ? llround(8.0 * width * part / total) : 0;
	cleanup_strbuf struct strbuf bar = STRBUF_INIT;

	if (!blocks)
		length += 4;
	for (long long i = 0; i < length / 8; i++)
		strbuf_addstr(&bar, blocks ? "█" : "#");
	strbuf_addstr(&bar, blocks ? eighths[length % 8] : "");
	table_cell(table, bar.text);
}

void table_cell_class(struct table *table, const char *class)
{
	table->cells[table->cell_count - 1].class = class;
}

void table_cell_depth(struct table *table, unsigned int depth)
{
	table->cells[table->cell_count - 1].depth = depth;
}

void table_cell_style(struct table *table, enum style style)
{
	table->cells[table->cell_count - 1].style = style;
}

void table_release(struct table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		free(table->columns[i].group);
		free(table->columns[i].title);
		free(table->columns[i].unit);
	}
	for (size_t i = 0; i < table->cell_count; i++)
		free(table->cells[i].text);
	free(table->columns);
	free(table->cells);
	*table = (struct table) { 0 };
}

/* Return the title with its group, as in "alloc p50"; the caller frees it. */
static char *column_title(const struct table_column *column)
{
	return xasprintf("%s%s%s", column->group ?: "", column->group ? " " : "", column->title);
}

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
		cleanup_free char *title = column_title(&table->columns[i]);

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

void html_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (strchr("&<>\"'", *text))
			fprintf(out, "&#%d;", *text);
		else
			fputc(*text, out);
	}
}

void html_printf(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%')
			fputc(*format, out);
		else if (*++format == 's')
			html_text(va_arg(args, const char *), out);
		else if (*format == 'd')
			fprintf(out, "%d", va_arg(args, int));
		else
			fputc('%', out);
	}
	va_end(args);
}

static void print_head(const struct table *table, FILE *out)
{
	fputs("<thead><tr>", out);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct table_column *column = &table->columns[i];
		cleanup_free char *title = column_title(column);

		html_printf(out, "<th>%s%s%s</th>", title, column->unit ? ", " : "",
			    column->unit ?: "");
	}
	fputs("</tr></thead>\n<tbody>\n", out);
}

void table_html(const struct table *table, const char *class, FILE *out)
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
		html_printf(out, ">%s</td>", cell->text);
		if ((i + 1) % table->column_count == 0)
			fputs("</tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

/* CSV is as in RFC 4180, but lines end with a newline alone. */
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
		cleanup_free char *title = column_title(&table->columns[i]);

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
