// SPDX-License-Identifier: GPL-2.0-or-later
/* The table model and its output formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/format.h"
#include "report/table.h"

static void assert_output(const struct table *table,
			  void (*print)(const struct table *table, FILE *out), const char *expected)
{
	cleanup_free char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	print(table, out);
	fclose(out);
	assert_string_equal(text, expected);
}

static void print_text(const struct table *table, FILE *out)
{
	table_text(table, "", out);
}

static void print_indented(const struct table *table, FILE *out)
{
	table_text(table, "    ", out);
}

/* Two columns of numbers share the group "alloc"; one has a unit. */
static struct table costs_table(void)
{
	struct table table = { 0 };

	table_column(&table, NULL, "facility", NULL, TABLE_LEFT);
	table_column(&table, "alloc", "p50", "ticks", TABLE_RIGHT);
	table_columns(&table, ">alloc:p99|>used");
	table_cell(&table, "kmalloc");
	table_cellf(&table, "%d", 114);
	table_cell(&table, "1,180");
	table_cell(&table, "");
	table_cell(&table, "a<b|\"c\", d");
	table_cell(&table, "7");
	table_cell_class(&table, "bad");
	table_cell(&table, "-");
	table_cell(&table, "97.7 %");
	return table;
}

static void test_text_format(void **state)
{
	cleanup_table struct table table = costs_table();

	(void)state;
	assert_output(&table, print_text,
		      "            alloc\n"
		      "facility      p50    p99    used\n"
		      "kmalloc       114  1,180\n"
		      "a<b|\"c\", d      7      -  97.7 %\n");
	assert_output(&table, print_indented,
		      "                alloc\n"
		      "    facility      p50    p99    used\n"
		      "    kmalloc       114  1,180\n"
		      "    a<b|\"c\", d      7      -  97.7 %\n");
}

static void test_markdown_format(void **state)
{
	cleanup_table struct table table = costs_table();

	(void)state;
	assert_output(&table, table_markdown,
		      "| facility | alloc p50 | alloc p99 | used |\n"
		      "|---|---:|---:|---:|\n"
		      "| kmalloc | 114 | 1,180 |  |\n"
		      "| a&#60;b\\|\"c\", d | **7** | - | 97.7 % |\n");
}

static void print_html(const struct table *table, FILE *out)
{
	table_html(table, NULL, out);
}

static void test_html_format(void **state)
{
	cleanup_table struct table table = costs_table();

	(void)state;
	table_cell_depth(&table, 1);
	assert_output(&table, print_html,
		      "<table>\n<thead><tr><th>facility</th><th>alloc p50, ticks</th><th>alloc p99</th>"
		      "<th>used</th></tr></thead>\n<tbody>\n"
		      "<tr><td>kmalloc</td><td>114</td><td>1,180</td><td></td></tr>\n"
		      "<tr><td>a&#60;b|&#34;c&#34;, d</td><td class=\"bad\">7</td><td>-</td>"
		      "<td style=\"padding-left:1.9em\">97.7 %</td></tr>\n</tbody></table>\n");
}

static void test_csv_format(void **state)
{
	cleanup_table struct table table = costs_table();

	(void)state;
	assert_output(&table, table_csv,
		      "facility,alloc p50,alloc p99,used\n"
		      "kmalloc,114,\"1,180\",\n"
		      "\"a<b|\"\"c\"\", d\",7,-,97.7 %\n");
}

/* A section is printed once, above its rows. */
static void test_section_headings(void **state)
{
	static const char *const cells[] = { "one", "cost", "1", "one", "memory", "20", "two", "cost",
					     "3" };
	cleanup_table struct table table = { .has_sections = true };

	(void)state;
	table_columns(&table, "<experiment|<metric|>base");
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		table_cell(&table, cells[i]);
	assert_output(&table, print_text,
		      "  metric  base\none\n  cost       1\n  memory    20\ntwo\n  cost       3\n");
	assert_output(&table, table_csv,
		      "experiment,metric,base\none,cost,1\none,memory,20\ntwo,cost,3\n");
}

/* Widths are counted in characters, not bytes. */
static void test_utf8_width(void **state)
{
	cleanup_table struct table table = { 0 };

	(void)state;
	table_columns(&table, "<a|>b");
	table_cell(&table, "\xc3\xa4\xc3\xb6");
	table_cell(&table, "1");
	assert_output(&table, print_text, "a   b\n\xc3\xa4\xc3\xb6  1\n");
}

/* Long text of the last column continues below itself; no line is longer than LINE_WIDTH. */
static void test_wrapped_column(void **state)
{
	cleanup_table struct table table = { 0 };
	char words[121], expected[200];

	(void)state;
	for (size_t i = 0; i < 120; i++)
		words[i] = i % 10 == 9 ? ' ' : 'x';
	words[119] = '\0';
	table_columns(&table, ">n|~text");
	table_cell(&table, "1");
	table_cell(&table, words);
	snprintf(expected, sizeof(expected), "n  text\n1  %.89s\n   %s\n", words, words + 90);
	assert_output(&table, print_text, expected);
}

/* A number between -1 and 0 keeps its sign; one that is rounded to 0 has none. */
static void test_real_numbers(void **state)
{
	(void)state;
	assert_string_equal(format_real(-0.1).text, "-0.1");
	assert_string_equal(format_real(-0.04).text, "0.0");
	assert_string_equal(format_real(-1234.56).text, "-1,234.6");
	assert_string_equal(format_real(0.96).text, "1.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_numbers),
		cmocka_unit_test(test_text_format),
		cmocka_unit_test(test_markdown_format),
		cmocka_unit_test(test_html_format),
		cmocka_unit_test(test_csv_format),
		cmocka_unit_test(test_section_headings),
		cmocka_unit_test(test_utf8_width),
		cmocka_unit_test(test_wrapped_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
