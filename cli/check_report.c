// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "report/format.h"
#include "report/table.h"
#include "report/test_list.h"

static size_t finding_count(const json_t *module)
{
	return json_array_size(json_object_get(module, "findings"));
}

/* Return a number that orders verdicts, the worst first. */
static int rank(const json_t *module)
{
	static const char *const verdicts[] = { "not checked", "does not build", "wrong", "right" };
	const char *verdict = json_str(module, "verdict", "");

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (!strcmp(verdict, verdicts[i]))
			return i;
	return 0;
}

static int compare_modules(const void *a, const void *b)
{
	const json_t *one = *(json_t *const *)a, *other = *(json_t *const *)b;
	size_t findings = finding_count(one), others = finding_count(other);

	if (rank(one) != rank(other))
		return rank(one) - rank(other);
	if (findings != others)
		return findings > others ? -1 : 1;
	return strcmp(json_str(one, "module", ""), json_str(other, "module", ""));
}

static int compare_groups(const void *a, const void *b)
{
	const json_t *one = *(json_t *const *)a, *other = *(json_t *const *)b;
	long long difference = json_int(other, "count", 0) - json_int(one, "count", 0);

	if (difference)
		return difference > 0 ? 1 : -1;
	return strcmp(json_str(one, "title", ""), json_str(other, "title", ""));
}

/* Count a module in the group of a title. */
static void add_to_group(json_t *groups, const char *title)
{
	json_t *group = json_find(groups, "title", title);

	if (group)
		json_object_set_new(group, "count", json_integer(json_int(group, "count", 0) + 1));
	else
		json_array_append_new(groups, json_pack("{s:s, s:i}", "title", title, "count", 1));
}

/* Return whether an earlier finding of the module has the same title. */
static bool is_repeated(const json_t *findings, size_t index)
{
	const char *title = json_str(json_array_get(findings, index), "title", "");

	for (size_t i = 0; i < index; i++)
		if (json_is(json_array_get(findings, i), "title", title))
			return true;
	return false;
}

void check_document_finish(json_t *document)
{
	json_t *modules = json_object_get(document, "modules"), *groups = json_array(), *module;
	size_t i;

	json_sort(modules, compare_modules);
	json_array_foreach(modules, i, module) {
		const json_t *findings = json_object_get(module, "findings");

		for (size_t j = 0; j < json_array_size(findings); j++)
			if (!is_repeated(findings, j))
				add_to_group(groups, json_str(json_array_get(findings, j), "title", ""));
	}
	json_sort(groups, compare_groups);
	json_object_set_new(document, "groups", groups);
}

/* Return the findings of a module in one line, which the caller frees. */
static char *summary(const json_t *module)
{
	const json_t *findings = json_object_get(module, "findings"), *finding;
	struct strbuf text = STRBUF_INIT;
	size_t i;

	if (json_str(module, "error", NULL) && !json_array_size(findings))
		strbuf_addstr(&text, json_str(module, "error", ""));
	json_array_foreach(findings, i, finding) {
		const char *line = json_str(finding, "line", NULL);

		strbuf_separate(&text, ", ");
		strbuf_addf(&text, "%s%s%s%s", json_str(finding, "title", ""), line ? " (" : "",
			    line ?: "", line ? ")" : "");
	}
	return strbuf_detach(&text);
}

static void make_table(const json_t *document, struct table *table)
{
	const json_t *module;
	size_t i;

	table_columns(table, "<module|<verdict|>failures|~what");
	json_array_foreach(json_object_get(document, "modules"), i, module) {
		cleanup_free char *what = summary(module);
		bool right = json_is(module, "verdict", "right");

		table_cell(table, json_str(module, "module", ""));
		table_cell(table, json_str(module, "verdict", ""));
		table_cell_style(table, right ? STYLE_GREEN : STYLE_RED);
		table_cellf(table, "%zu", finding_count(module));
		table_cell(table, what);
	}
}

static void print_finding(const json_t *finding, FILE *out)
{
	const char *line = json_str(finding, "line", NULL);
	const json_t *values = json_object_get(finding, "values"), *value;
	cleanup_strbuf struct strbuf list = STRBUF_INIT;
	size_t i, column;

	json_array_foreach(values, i, value) {
		strbuf_separate(&list, ", ");
		strbuf_addstr(&list, json_string_value(value));
	}
	fprintf(out, "  %s%s%s (%s)\n", style_start(out, STYLE_RED), json_str(finding, "title", ""),
		style_end(out, STYLE_RED), list.text);
	if (line)
		fprintf(out, "    %s: %s\n", line, json_str(finding, "code", ""));
	column = fprintf(out, "    ");
	text_wrap(json_str(finding, "text", ""), column, &column, out);
	fputc('\n', out);
}

static void print_module(const json_t *module, FILE *out)
{
	const json_t *findings = json_object_get(module, "findings"), *item;
	const char *error = json_str(module, "error", NULL);
	size_t i;

	fprintf(out, "%s: %s%s%s\n", json_str(module, "module", ""), json_str(module, "verdict", ""),
		error && !json_array_size(findings) ? ": " : "",
		error && !json_array_size(findings) ? error : "");
	json_array_foreach(findings, i, item)
		print_finding(item, out);
	json_array_foreach(json_object_get(module, "notes"), i, item)
		fprintf(out, "  Note: %s.\n", json_string_value(item));
}

static void print_groups(const json_t *document, const char *mark, FILE *out)
{
	size_t count = json_array_size(json_object_get(document, "modules")), i;
	const json_t *group;

	json_array_foreach(json_object_get(document, "groups"), i, group)
		fprintf(out, "%s%lld of %zu: %s\n", mark, json_int(group, "count", 0), count,
			json_str(group, "title", ""));
}

void check_text(const json_t *document, FILE *out)
{
	const json_t *modules = json_object_get(document, "modules"), *module;
	cleanup_table struct table table = { 0 };
	size_t i;

	json_array_foreach(modules, i, module)
		if (finding_count(module) ||
		    (json_array_size(modules) == 1 && !json_str(module, "error", NULL)))
			print_module(module, out);
	if (json_array_size(modules) == 1)
		return;
	fputs("\n", out);
	make_table(document, &table);
	table_text(&table, "", out);
	fputs("\n", out);
	print_groups(document, "", out);
}

void check_markdown(const json_t *document, FILE *out)
{
	cleanup_table struct table table = { 0 };

	make_table(document, &table);
	table_markdown(&table, out);
	fputs("\n", out);
	print_groups(document, "- ", out);
}

/* Write one row for each failure, and one for a module without any. */
void check_csv(const json_t *document, FILE *out)
{
	cleanup_table struct table table = { 0 };
	const json_t *module, *finding;
	size_t i, j;

	table_columns(&table, "<module|<verdict|<failure|<line|<text");
	json_array_foreach(json_object_get(document, "modules"), i, module) {
		const json_t *findings = json_object_get(module, "findings");

		json_array_foreach(findings, j, finding) {
			table_cell(&table, json_str(module, "module", ""));
			table_cell(&table, json_str(module, "verdict", ""));
			table_cell(&table, json_str(finding, "title", ""));
			table_cell(&table, json_str(finding, "line", ""));
			table_cell(&table, json_str(finding, "text", ""));
		}
		if (json_array_size(findings))
			continue;
		table_cell(&table, json_str(module, "module", ""));
		table_cell(&table, json_str(module, "verdict", ""));
		table_cell(&table, "");
		table_cell(&table, "");
		table_cell(&table, json_str(module, "error", ""));
	}
	table_csv(&table, out);
}

void check_ktap(const json_t *document, FILE *out)
{
	const json_t *modules = json_object_get(document, "modules"), *module, *finding;
	size_t i, j;

	ktap_plan(json_array_size(modules), out);
	json_array_foreach(modules, i, module) {
		const char *verdict = json_str(module, "verdict", "");
		cleanup_strbuf struct strbuf text = STRBUF_INIT;

		json_array_foreach(json_object_get(module, "findings"), j, finding) {
			strbuf_separate(&text, "\n");
			strbuf_addf(&text, "%s: %s", json_str(finding, "line", "-"),
				    json_str(finding, "text", ""));
		}
		ktap_test(i + 1, json_str(module, "module", ""),
			  strcmp(verdict, "right") ? TEST_FAILED : TEST_PASSED,
			  text.length ? text.text : verdict, out);
	}
}
