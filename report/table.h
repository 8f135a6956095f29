/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of text, and its output formats. A table is built once, column by column and then
 * cell by cell, so all formats show the same values.
 */
#ifndef KMEMLAB_REPORT_TABLE_H
#define KMEMLAB_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/terminal.h"

enum table_align {
	TABLE_RIGHT,
	TABLE_LEFT,
	TABLE_WRAP,	/* left-aligned last column; long text continues on the next line */
};

struct table_column {
	char *group;	/* first part of the title, shared by adjacent columns; or NULL */
	char *title;
	char *unit;	/* omitted in text output; or NULL */
	enum table_align align;
};

struct table_cell {
	char *text;
	const char *class;	/* class in HTML; emphasized in Markdown; or NULL */
	unsigned int depth;	/* levels of indentation in HTML */
	enum style style;	/* in text */
};

struct table {
	struct table_column *columns;
	size_t column_count;
	struct table_cell *cells;	/* row by row */
	size_t cell_count;
	bool has_sections;	/* text output shows the first column as a heading of its rows */
};

#define cleanup_table	__attribute__((cleanup(table_release)))

/* Append a column to an empty table. group and unit may be NULL. */
void table_column(struct table *table, const char *group, const char *title, const char *unit,
		  enum table_align align);

/*
 * Append columns without a unit: titles separated by '|', each with '<' (left), '>' (right) or
 * '~' (wrapped) before it, and with "group:" before the title if it has a group.
 */
void table_columns(struct table *table, const char *titles);

/* Append the next cell of the current row. */
void table_cell(struct table *table, const char *text);
void table_cellf(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Append a bar whose length is the part of the total, which is width columns, in eighths of a
 * character, rounded to the nearest; of "#" in a locale without block characters.
 */
void table_bar(struct table *table, long long part, long long total, size_t width);

/* Set the class or the depth of the last cell. */
void table_cell_class(struct table *table, const char *class);
void table_cell_depth(struct table *table, unsigned int depth);

void table_cell_style(struct table *table, enum style style);

/*
 * On a terminal, print a table that is too wide in several parts, each with the first column, and
 * the titles in bold.
 */
void table_text(const struct table *table, const char *indent, FILE *out);
void table_markdown(const struct table *table, FILE *out);
void table_html(const struct table *table, const char *class, FILE *out);
void table_csv(const struct table *table, FILE *out);

void table_release(struct table *table);

/* Print text with all markup characters escaped. */
void markdown_text(const char *text, FILE *out);
void html_text(const char *text, FILE *out);

/* Print markup. The format has no conversion but %s, whose text is escaped, %d and %%. */
void html_printf(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
