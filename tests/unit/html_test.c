// SPDX-License-Identifier: GPL-2.0-or-later
/* HTML pages: nesting of elements, values, limits on size, markup in names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/json_path.h"
#include "base/memory.h"
#include "cli/options.h"
#include "explain/document.h"
#include "report/comparison.h"
#include "report/document.h"
#include "report/format.h"
#include "report/html.h"
#include "report/map.h"
#include "tests/unit/golden.h"
#include "tests/unit/html.h"

#define FACILITIES	19
#define SIZES		14

static const char hostile[] = "<img src=x onerror=alert(1)>\"'&</script><b>";

static json_t *document_of(const char *name)
{
	size_t bytes;
	cleanup_free char *path = xasprintf("tests/golden/%s.json", name);
	cleanup_free char *text = file_read(path, &bytes), *error = NULL;
	json_t *document = document_read(path, text, bytes, &error);

	if (!document)
		fail_msg("%s", error);
	return document;
}

static void assert_well_formed(const char *page)
{
	const char *error = html_error(page);

	if (error)
		fail_msg("not well-formed at: %.100s", error);
	assert_int_equal(html_count(page, "<script"), 1);
	assert_null(strstr(page, "http:"));
	assert_null(strstr(page, "https:"));
}

/* Return pair and batch of 19 facilities with 14 sizes, as "--size 8..65536:x2" measures. */
static json_t *large_document(void)
{
	json_t *document = document_of("default"), *results = json_array();
	json_t *run = json_array_get(json_object_get(document, "runs"), 0);

	for (unsigned int i = 0; i < 2 * FACILITIES * SIZES; i++) {
		const json_t *model = json_array_get(json_object_get(run, "results"), i % 2);
		cleanup_free char *name = xasprintf("facility_%u", i / 2 % FACILITIES);
		json_t *result = json_deep_copy(model);

		json_object_set_new(result, "facility", json_string(name));
		json_object_set_new(result, "object_size",
				    json_integer(8 << i / 2 / FACILITIES));
		json_array_append_new(results, result);
	}
	json_object_set_new(run, "results", results);
	return document;
}

static void test_limits(void **state)
{
	json_t *document = document_of("default"), *large = large_document();
	cleanup_free char *page = golden_output(report_html, document);
	cleanup_free char *large_page = golden_output(report_html, large);

	(void)state;
	assert_well_formed(page);
	assert_in_range(strlen(page), 10000, 150000);
	assert_well_formed(large_page);
	assert_in_range(strlen(large_page), 100000, 700000);
	/* One chart per facility, and cost against memory. */
	assert_in_range(html_count(large_page, "role=\"img\""), FACILITIES, 25);
	assert_int_equal(html_count(large_page, "<figure>"), FACILITIES);
	/* The first pictures show the middle one of the sizes. */
	assert_non_null(strstr(large_page, "19 of 266 rows: 2,000 objects of 1,024 bytes."));
	json_decref(document);
	json_decref(large);
}

/* Return the number of bars that the page draws for the first allocation with these costs. */
static size_t bars_of(unsigned int costs, unsigned int step)
{
	json_t *document = document_of("default"), *distribution = json_array();
	cleanup_free char *page = NULL;
	const char *at, *end;
	size_t bars = 0;

	for (unsigned int i = 0; i < costs; i++)
		json_array_append_new(distribution, json_pack("[i, i]", 100 + i * step, 1));
	json_object_set_new(json_object_get(json_array_get(document_results(document), 0), "alloc"),
			    "distribution", distribution);
	page = golden_output(report_html, document);
	at = strstr(page, "<svg class=\"d\"");
	assert_non_null(at);
	end = strstr(at, "</svg>");
	assert_non_null(end);
	for (; at < end; at++)
		bars += *at == 'M';
	json_decref(document);
	return bars;
}

/* Each cost has a bar, but costs that are too close share one: a page stays small. */
static void test_exact_bars(void **state)
{
	(void)state;
	assert_int_equal(bars_of(1, 1), 1);
	assert_int_equal(bars_of(5, 200), 5);
	assert_in_range(bars_of(1000, 1), 10, 220);
}

/* Return the text of the next cell at *pos and move *pos behind it; the caller frees it. */
static char *next_cell(const char **pos)
{
	const char *start = strstr(*pos, "<td>") + 4, *end = strstr(start, "</td>");

	*pos = end;
	return xstrndup(start, end - start);
}

static const json_t *result_of(const json_t *document, const char *facility, const char *workload)
{
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result)
		if (!strcmp(json_str(result, "facility", ""), facility) &&
		    !strcmp(json_str(result, "workload", ""), workload))
			return result;
	return NULL;
}

/* Compare the cells of a facility's row with its results of batch and of pair. */
static void assert_costs(const char **pos, const json_t *document, const char *facility)
{
	static const char *const columns[][2] = {
		{ "batch", "alloc.mean" }, { "batch", "free.mean" },
		{ "pair", "alloc.mean" }, { "pair", "free.mean" },
	};

	for (size_t i = 0; i < 4; i++) {
		const json_t *result = result_of(document, facility, columns[i][0]);
		cleanup_free char *cell = next_cell(pos);

		assert_string_equal(cell, format_real(json_num(result, columns[i][1], -1)).text);
	}
}

static size_t assert_rows(const char *page, const json_t *document)
{
	const char *pos = strstr(page, "aria-label=\"Cost of an object\"");
	const char *end = strstr(pos, "</tbody>");
	size_t rows = 0;

	while ((pos = strstr(pos, "<th scope=\"row\">")) && pos < end) {
		cleanup_free char *facility = NULL;

		pos += strlen("<th scope=\"row\">");
		facility = xstrndup(pos, strcspn(pos, "*<"));
		assert_costs(&pos, document, facility);
		rows++;
	}
	return rows;
}

/* One row per facility has the costs of batch and of pair; the picture is in its own cell. */
static void test_values(void **state)
{
	json_t *document = document_of("default");
	cleanup_free char *page = golden_output(report_html, document);

	(void)state;
	assert_int_equal(assert_rows(page, document),
			 json_array_size(document_results(document)) / 2);
	json_decref(document);
}

static void test_markup_in_names(void **state)
{
	static const char *const in_result[] = { "facility", "workload", "reason", "status" };
	static const char *const in_environment[][2] = {
		{ "kernel", "release" }, { "kernel", "cmdline" }, { "kernel", "arch" },
		{ "system", "cpu_model" }, { "run", "command" }, { "run", "qemu_version" },
		{ "run", "kmemlab_version" }, { "clock", "source" },
	};
	json_t *document = document_of("default"), *environment = document_environment(document);
	json_t *result = json_array_get(document_results(document), 0);
	char *page;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(in_result); i++) {
		json_object_set_new(result, in_result[i], json_string(hostile));
		page = golden_output(report_html, document);
		assert_well_formed(page);
		assert_null(strstr(page, "<img"));
		free(page);
	}
	for (size_t i = 0; i < ARRAY_SIZE(in_environment); i++)
		json_object_set_new(json_object_get(environment, in_environment[i][0]),
				    in_environment[i][1], json_string(hostile));
	json_object_set_new(json_at(environment, "kernel.config"), hostile, json_string(hostile));
	page = golden_output(report_html, document);
	assert_well_formed(page);
	assert_non_null(strstr(page, "&#60;img "));
	free(page);
	json_decref(document);
}

static void scale_mean(json_t *result, const char *direction, double factor)
{
	json_t *costs = json_object_get(result, direction);

	json_object_set_new(costs, "mean", json_real(factor * json_num(costs, "mean", 0)));
}

/* Return the comparison of a document with one whose kmalloc costs twice, and half as much. */
static json_t *comparison_of(const char *label, const json_t *document, size_t boots)
{
	const struct comparison_gate gate = { 0 };
	json_t *before = json_deep_copy(document), *after = json_deep_copy(document), *comparison;
	struct input inputs[] = { { "base", before }, { label, after } };
	json_t *result;
	size_t i;

	json_array_foreach(document_results(after), i, result) {
		if (strcmp(json_str(result, "facility", ""), "kmalloc"))
			continue;
		scale_mean(result, "alloc", 2);
		scale_mean(result, "free", 0.5);
	}
	/* A second boot of the first input spreads more than the change. */
	if (boots > 1) {
		json_t *other = json_deep_copy(before);

		json_array_foreach(document_results(other), i, result)
			scale_mean(result, "alloc", 4);
		document_join(before, other);
		json_decref(other);
	}
	comparison = comparison_build(inputs, 2, false, &gate);
	json_object_set_new(comparison, "command", json_string("kmemlab compare --html a b c"));
	json_decref(before);
	json_decref(after);
	return comparison;
}

static void assert_has(const char *page, const char *text)
{
	if (!strstr(page, text))
		fail_msg("'%s' is missing in:\n%s", text, page);
}

static void test_comparison(void **state)
{
	json_t *document = document_of("default");
	json_t *comparison = comparison_of(hostile, document, 1);
	cleanup_free char *page = golden_output(comparison_html, comparison);
	const char *first, *last;

	(void)state;
	assert_well_formed(page);
	assert_null(strstr(page, "<img"));
	assert_has(page, "<code>kmemlab compare b c</code>");
	/* Twice the allocations and half the frees have a geometric mean of 1. */
	first = strstr(page, "<th scope=\"row\">kmalloc</th>");
	assert_non_null(first);
	assert_has(first, "</td><td>=</td><td>=</td></tr>");
	/* The largest change comes first. */
	first = strstr(page, "data-kind=\"cost\" data-change=\"worse\"><th scope=\"row\">kmalloc");
	last = strstr(page, "data-change=\"better\"><th scope=\"row\">kmalloc");
	assert_true(first && last && first < last);
	assert_has(first, ">+100.0 %</td>");
	assert_has(last, ">-50.0 %</td>");
	json_decref(comparison);
	json_decref(document);
}

static void test_comparison_within_noise(void **state)
{
	json_t *document = document_of("default");
	json_t *comparison = comparison_of("other", document, 2);
	cleanup_free char *page = golden_output(comparison_html, comparison);

	(void)state;
	assert_well_formed(page);
	assert_has(page, "data-change=\"not significant\"");
	assert_has(page, ">(-20.0 %)</td>");
	assert_has(page, "<i class=\"a h\" ");
	json_decref(comparison);
	json_decref(document);
}

/* Return a metric of a comparison with one change. */
static json_t *metric_of(const char *name, const char *kind, double before, double after,
			 bool significant)
{
	json_t *percent = before ? json_real(100 * (after - before) / before) : json_null();

	return json_pack("{s:s, s:s, s:f, s:[{s:f, s:f, s:o, s:b}]}", "metric", name, "kind", kind,
			 "before", before, "changes", "value", after, "change", after - before,
			 "change_percent", percent, "significant", significant);
}

/* Print a comparison of kmalloc whose metrics this takes. */
static char *page_of(json_t *metrics)
{
	json_t *comparison = json_pack("{s:[{s:s}, {s:s}], s:[{s:s, s:[s, s], s:o}]}", "inputs",
				       "label", "old", "label", "new", "experiments", "facility",
				       "kmalloc", "status", "ok", "ok", "metrics", metrics);
	char *page = golden_output(comparison_html, comparison);

	json_decref(comparison);
	assert_well_formed(page);
	return page;
}

/* More objects in the same memory are not more memory. */
static void test_summary_of_growth(void **state)
{
	json_t *metrics = json_pack("[o, o, o]",
				    metric_of("alloc mean", "cost", 100, 120, true),
				    metric_of("backing bytes", "memory", 4096, 4096, false),
				    metric_of("objects", "memory", 100, 150, true));
	cleanup_free char *page = page_of(metrics);

	(void)state;
	assert_has(page, "<i class=\"f\" ");
	assert_has(page, "</td><td>+20.0 %</td><td>=</td></tr>");
	assert_null(strstr(page, "Experiments that were not measured"));
	assert_null(strstr(page, "Differences of the environments"));
}

static void test_summary_within_noise(void **state)
{
	json_t *metrics = json_pack("[o, o]",
				    metric_of("alloc mean", "cost", 100, 110, false),
				    metric_of("backing bytes", "memory", 4096, 8192, true));
	cleanup_free char *page = page_of(metrics);
	const char *row = strstr(page, "<th scope=\"row\">kmalloc</th>");

	(void)state;
	assert_non_null(row);
	assert_has(row, "<i class=\"f h\" ");
	assert_has(row, "</td><td>(+10.0 %)</td><td>+100.0 %</td></tr>");
}

/* A mean is significant only if the significant changes have its direction. */
static void test_summary_of_several_changes(void **state)
{
	json_t *metrics = json_pack("[o, o, o, o]",
				    metric_of("alloc mean", "cost", 100, 80, true),
				    metric_of("free mean", "cost", 100, 140, false),
				    metric_of("backing bytes", "memory", 4096, 8192, true),
				    metric_of("system bytes", "memory", 4096, 4000, false));
	cleanup_free char *page = page_of(metrics);
	const char *row = strstr(page, "<th scope=\"row\">kmalloc</th>");

	(void)state;
	assert_non_null(row);
	assert_has(row, "</td><td>(+5.8 %)</td><td>+39.8 %</td></tr>");
	assert_has(row, "<i class=\"f h\" ");
	assert_has(page, "in parentheses: not significant");
}

/* A small significant change does not make a large insignificant one significant. */
static void test_summary_of_noise(void **state)
{
	json_t *metrics = json_pack("[o, o]",
				    metric_of("alloc mean", "cost", 100, 101, true),
				    metric_of("free mean", "cost", 100, 160, false));
	cleanup_free char *page = page_of(metrics);
	const char *row = strstr(page, "<th scope=\"row\">kmalloc</th>");

	(void)state;
	assert_non_null(row);
	assert_has(row, "</td><td>(+27.1 %)</td>");
}

/* A change has a color only if it has a direction, and parentheses if it is not significant. */
static void test_small_changes(void **state)
{
	json_t *metrics = json_pack("[o, o, o]",
				    metric_of("alloc mean", "cost", 10000, 10001, true),
				    metric_of("free mean", "cost", 0, 3, false),
				    metric_of("objects", "memory", 100, 100, false));
	cleanup_free char *page = page_of(metrics);
	const char *row = strstr(page, "<th scope=\"row\">kmalloc</th>");

	(void)state;
	assert_non_null(row);
	assert_has(row, "<i class=\"n\" ");
	assert_has(row, "</td><td>=</td><td>-</td></tr>");
	assert_has(page, ">+&#60;0.1 %</td>");
	assert_has(page, ">(new)</td>");
}

static void test_large_comparison(void **state)
{
	json_t *document = large_document();
	cleanup_free char *page = NULL;
	json_t *comparison, *result;
	size_t i;

	(void)state;
	json_array_foreach(document_results(document), i, result)
		json_object_set_new(result, "facility", json_string("kmalloc"));
	comparison = comparison_of("other", document, 1);
	page = golden_output(comparison_html, comparison);
	assert_well_formed(page);
	assert_in_range(strlen(page), 100000, 700000);
	assert_has(page, " more have smaller changes; --json has all.");
	json_decref(comparison);
	json_decref(document);
}

/* Return the explanation of an operation whose only call has this name. */
static json_t *explanation_of(const char *kernel, json_int_t self, const char *callee,
			      json_int_t callee_self)
{
	json_t *leaf = json_pack("{s:s, s:I, s:I, s:[]}", "name", callee, "self", callee_self,
				 "total", callee_self, "children");

	return json_pack("{s:{s:s, s:s, s:s}, s:I, s:{s:s, s:I, s:I, s:[o]}, s:[]}",
			 "experiment", "facility", hostile, "op", "alloc", "kernel", kernel,
			 "sum", self + callee_self, "tree", "name", "root", "self", self,
			 "total", self + callee_self, "children", leaf, "paths");
}

static void test_differential_flames(void **state)
{
	json_t *kernels = json_array(), *document;
	char *page;

	(void)state;
	json_array_append_new(kernels, explanation_of("5.10", 4, hostile, 6));
	json_array_append_new(kernels, explanation_of("6.1", 5, "new", 3));
	document = explain_diff_document(kernels);
	page = golden_output(report_explanation_html, document);
	assert_well_formed(page);
	assert_null(strstr(page, "<img"));
	assert_int_equal(html_count(page, "class=\"flames\""), 2);
	/* 8 of 10 instructions, on the scale of the larger one; the new function's share of 8. */
	assert_has(page, "<div style=\"width:80.0000%\"><ul class=\"flames\"");
	assert_has(page, "style=\"width:37.5000%\" data-n=\"3\"><span class=\"more2\"");
	assert_has(page, "new 3 (+3)</span>");
	assert_has(page, "root 8 (+1)</span>");
	assert_has(page, "<tr><td>new</td><td>-</td><td>3</td><td class=\"changed\">+3</td></tr>");
	assert_has(page, "</td><td>6</td><td>-</td><td class=\"changed\">-6</td></tr>");
	free(page);
	json_decref(document);
	json_decref(kernels);
}

/* The golden maps, with markup in the names of zones. */
static void test_map(void **state)
{
	size_t bytes;
	cleanup_free char *text = file_read("tests/golden/map.json", &bytes), *error = NULL;
	json_t *document = map_read("map", text, bytes, &error);
	json_t *zones = json_object_get(json_array_get(json_object_get(document, "maps"), 0), "zones");
	char *page;

	(void)state;
	assert_null(error);
	json_array_set_new(zones, 1, json_string(hostile));
	page = golden_output(map_html, document);
	assert_well_formed(page);
	assert_null(strstr(page, "<img"));
	assert_int_equal(html_count(page, "<figure class=\"map\">"), 3);
	/* 1,599 frames from 0 on; a hole, 15 reserved frames, and a free block of order 4. */
	assert_has(page, "data-side=\"32\" data-start=\"0\" data-span=\"1600\" data-page=\"4096\" "
		   "data-cells=\"1 0 -1;");
	assert_has(page, "<td>512</td><td>2 MiB</td><td>32.0 %</td></tr>");
	assert_has(page, "Change from held to after, frames: free +512, reserved +40, vmalloc -512, "
		   "percpu -40");
	free(page);
	json_decref(document);
}

static void test_repeat_command(void **state)
{
	static const char *const cases[][2] = {
		{ "./lab run", "./lab run" },
		{ "./lab run --json a.json --html=b.html --size 8", "./lab run --size 8" },
		{ "kmemlab run --name 'a '\\''b' --csv 'x y.csv' --append 'a  --json b' -v",
		  "kmemlab run --append 'a  --json b'" },
		{ "kmemlab run --quiet --no-store --tag a,b --verbose", "kmemlab run" },
		{ "kmemlab run --console --color always -qv -v --size 8", "kmemlab run --size 8" },
		{ "kmemlab compare -- a - b", "kmemlab compare -- a - b" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *command = html_repeat_command(cases[i][0]);

		assert_string_equal(command, cases[i][1]);
	}
}

/* The page cannot read the option table, so its own list must be complete. */
static void test_output_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *option = &option_table[i];
		const bool measures = option->group < GROUP_OUTPUT ||
				      !strcmp(option->name, "no-config");
		const char *kept = measures ? option->name : NULL;
		cleanup_free char *line = xasprintf("kmemlab run --%s%s --size 8", option->name,
						    option->metavar ? " x" : "");
		cleanup_free char *letter = xasprintf("kmemlab run -%c", option->letter ?: 'v');
		cleanup_free char *command = html_repeat_command(line);
		cleanup_free char *rest = html_repeat_command(letter);

		/* "list --tag" selects results; its documents have no page. */
		if (kept && strcmp(kept, "tag")) {
			assert_string_equal(command, line);
		} else {
			assert_string_equal(command, "kmemlab run --size 8");
			assert_string_equal(rest, "kmemlab run");
		}
	}
}

/* Cost and memory of a row are of batch, so its title is not that of pair. */
static void test_title_of_two_workloads(void **state)
{
	json_t *document = document_of("default");
	json_t *run = json_array_get(json_object_get(document, "runs"), 0);
	json_t *results = json_array();
	char *page;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		json_t *result = json_deep_copy(result_of(document, "kmalloc",
							  i % 2 ? "batch" : "pair"));

		json_object_set_new(result, "object_size", json_integer(i < 2 ? 32 : 64));
		json_array_append_new(results, result);
	}
	json_object_set_new(run, "results", results);
	page = golden_output(report_html, document);
	assert_well_formed(page);
	assert_has(page, "<tr><th scope=\"row\">kmalloc, 2,000 x 32</th>");
	assert_null(strstr(page, "<tr><th scope=\"row\">kmalloc pair"));
	free(page);
	/* Without the pair of one size, its row is of batch alone. */
	json_array_remove(results, 2);
	page = golden_output(report_html, document);
	assert_has(page, "<tr><th scope=\"row\">kmalloc, 2,000 x 32</th>");
	assert_has(page, "<tr><th scope=\"row\">kmalloc batch, ");
	free(page);
	json_decref(document);
}

/* Only the labels that fit are drawn in the picture of cost against memory. */
static void test_scatter_labels(void **state)
{
	json_t *document = document_of("default");
	json_t *run = json_array_get(json_object_get(document, "runs"), 0);
	const json_t *model = result_of(document, "kmalloc", "batch");
	json_t *results = json_array();
	const char *picture, *end;
	cleanup_free char *page = NULL;

	(void)state;
	for (unsigned int i = 0; i < 40; i++) {
		cleanup_free char *name = xasprintf("f%u%s", i, i == 39 ? hostile : "");
		json_t *result = json_deep_copy(model);

		json_object_set_new(result, "facility", json_string(name));
		json_array_append_new(results, result);
	}
	json_object_set_new(run, "results", results);
	page = golden_output(report_html, document);
	assert_well_formed(page);
	picture = strstr(page, "<h2>Cost against memory</h2>");
	assert_non_null(picture);
	end = strstr(picture, "</svg>");
	assert_has(picture, "Point at a dot to see its whole name.");
	page[end - page] = 0;
	assert_int_equal(html_count(picture, "<circle"), 40);
	assert_int_equal(html_count(picture, "class=\"lead\""), 24);
	assert_has(picture, ">f38: ");
	assert_null(strstr(picture, "&#60;img src=x onerror=alert(1)&#62;</text>"));
	json_decref(document);
}

static void test_scales(void **state)
{
	struct html_scale decades = html_scale_log(2, 5000), one = html_scale_log(7, 7);
	struct html_scale percent = html_scale_linear(-45, 81);

	(void)state;
	assert_int_equal(decades.steps, 4);
	assert_true(html_position(&decades, 100) == 50);
	assert_true(html_position(&decades, 0) == 0);
	assert_int_equal(one.steps, 1);
	assert_true(percent.low <= -45 && percent.high >= 81);
	assert_in_range(percent.steps, 3, 10);
	assert_string_equal(html_short(65536).text, "65.5k");
	assert_string_equal(html_short(1000000).text, "1M");
	assert_string_equal(html_short(0.1).text, "0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_exact_bars),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_markup_in_names),
		cmocka_unit_test(test_comparison),
		cmocka_unit_test(test_comparison_within_noise),
		cmocka_unit_test(test_summary_of_growth),
		cmocka_unit_test(test_summary_within_noise),
		cmocka_unit_test(test_small_changes),
		cmocka_unit_test(test_summary_of_several_changes),
		cmocka_unit_test(test_summary_of_noise),
		cmocka_unit_test(test_large_comparison),
		cmocka_unit_test(test_differential_flames),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_repeat_command),
		cmocka_unit_test(test_output_options),
		cmocka_unit_test(test_title_of_two_workloads),
		cmocka_unit_test(test_scatter_labels),
		cmocka_unit_test(test_scales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
