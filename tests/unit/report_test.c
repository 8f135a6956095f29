// SPDX-License-Identifier: GPL-2.0-or-later
/* Reports of results: golden files for each format and kind of document, and special cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "lib/catalog.h"
#include "report/document.h"
#include "report/format.h"
#include "report/metrics.h"
#include "report/report.h"
#include "tests/unit/golden.h"

static const struct run_facts facts = {
	.target = "vm",
	.accelerator = "tcg",
	.input_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	.kernel_sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
	.module_sha256 = "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
	.guest_sha256 = "a4e624d686e03ed2767c0abd85c14426b0b1157d2ce81d27bb4fe4f6f01d688a",
	.command = "./lab run --seed 1",
	.date = "2026-01-02T03:04:05Z",
	.kmemlab_version = "0.1",
	.qemu_version = "7.2.22",
	.kernel_package_version = "6.1.147-1",
	.boot_s = 2.25,
	.total_s = 3.5,
};

static void print_table(const json_t *document, FILE *out)
{
	report_table(document, false, out);
}

static void print_verbose(const json_t *document, FILE *out)
{
	report_table(document, true, out);
}

/* Build a document from tests/golden/NAME.records. */
static json_t *document_of(const char *name)
{
	cleanup_free char *path = xasprintf("tests/golden/%s.records", name);
	size_t bytes;
	cleanup_free char *records = file_read(path, &bytes);
	char *error;
	json_t *document;

	assert_non_null(records);
	document = document_build(records, bytes, &facts, &error);
	if (!document)
		fail_msg("%s: %s", path, error);
	return document;
}

static json_t *result_at(const json_t *document, size_t index)
{
	return json_array_get(document_results(document), index);
}

static void assert_contains(const json_t *document, golden_report *report, const char *text)
{
	cleanup_free char *output = golden_output(report, document);

	if (!strstr(output, text))
		fail_msg("'%s' is missing in:\n%s", text, output);
}

static void assert_lacks(const json_t *document, golden_report *report, const char *text)
{
	cleanup_free char *output = golden_output(report, document);

	if (strstr(output, text))
		fail_msg("'%s' is unexpected in:\n%s", text, output);
}

/* The guest sees less memory than it has: not a multiple of a MiB. */
static void test_memory_format(void **state)
{
	(void)state;
	assert_string_equal(format_memory(466644LL << 10).text, "455 MiB");
	assert_string_equal(format_memory(512LL << 20).text, "512 MiB");
	assert_string_equal(format_memory(16LL << 30).text, "16 GiB");
	assert_string_equal(format_memory(9996LL << 10).text, "9,996 KiB");
}

/* Each format is checked with one document, each kind of document with one format. */
static void test_golden_files(void **state)
{
	static const struct {
		const char *records, *suffix;
		golden_report *report;
	} files[] = {
		{ "default", "table", print_table },
		{ "default", "json", report_json },
		{ "default", "csv", report_csv },
		{ "mixed", "verbose", print_verbose },
		{ "mixed", "html", report_html },
		{ "mixed", "ktap", report_ktap },
		{ "skipped", "table", print_table },
		{ "workloads", "table", print_table },
		{ "partial", "table", print_table },
		{ "plan", "table", print_table },
		{ "cpus", "table", print_table },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_free char *name = xasprintf("%s.%s", files[i].records, files[i].suffix);
		json_t *document = document_of(files[i].records);

		golden_check(name, files[i].report, document);
		json_decref(document);
	}
}

static void set_distribution(json_t *result, const char *pairs)
{
	json_object_set_new(json_at(result, "alloc"), "distribution", json_loads(pairs, 0, NULL));
}

/* Few costs have a row each, many share rows; without a distribution, the parts are the rows. */
static void test_histogram(void **state)
{
	json_t *document = document_of("default");
	cleanup_strbuf struct strbuf pairs = STRBUF_INIT;

	(void)state;
	set_distribution(result_at(document, 4), "[[114,1960],[139,30],[2010,1]]");
	strbuf_addstr(&pairs, "[[0,1]");
	for (int i = 0; i < 200; i++)
		strbuf_addf(&pairs, ",[%d,10]", 100 + i);
	strbuf_addstr(&pairs, "]");
	set_distribution(result_at(document, 5), pairs.text);
	assert_contains(document, report_histogram,
			"\nkmalloc pair, 2,000 x 32: alloc, instructions per operation\n"
			"   cost  operations   share\n"
			"    114       1,960  98.4 %  ████████████████████████████████████████\n"
			"    139          30   1.5 %  ▋\n"
			"  2,010           1   0.1 %  ▏\n");
	/* Ranges are as narrow as 20 rows permit: here 1/16 of their start. */
	assert_contains(document, report_histogram,
			"\n           0           1  <0.1 %  ▎\n"
			"  100 to 106          70   3.5 %  ███████████████▌\n");
	assert_contains(document, report_histogram,
			"\nkmalloc batch, 2,000 x 32: free, instructions per operation "
			"(no exact distribution)\n        cost  operations   share\n");
	/* Costs of a file need not ascend. */
	set_distribution(result_at(document, 5), "[[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],"
			 "[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],[0,1],"
			 "[0,1],[7,1],[0,1],[7,1]]");
	assert_contains(document, report_histogram, "\n     0          21  87.5 %  ");
	json_decref(document);
}

/* Control characters, which documents from files cannot have, are escaped or left out. */
static void test_escapes(void **state)
{
	json_t *document = document_of("skipped");
	json_t *result = json_array_get(document_results(document), 0);

	(void)state;
	json_object_set_new(json_at(document_environment(document), "kernel"), "release",
			    json_string("a\nb\"c\\"));
	json_object_set_new(result, "status", json_string("failed"));
	json_object_set_new(result, "reason", json_string("a\x01\x1b\n\t<&>\"'\x7f\xef\xbf\xbf."));
	assert_contains(document, report_openmetrics, ",kernel=\"a\\nb\\\"c\\\\\",arch=");
	assert_contains(document, report_junit, "<failure message=\"a&#10;&#9;&#60;&#38;&#62;&#34;"
			"&#39;\x7f.\"/>\n");
	json_decref(document);
}

/* Each metric is a field of results, of which it has the unit. */
static void test_metric_units(void **state)
{
	json_t *document = document_of("default");

	(void)state;
	for (size_t i = 0; i < metric_count; i++) {
		const char *last = strrchr(metrics[i].path, '.') + 1;
		cleanup_free char *unit = metric_unit(&metrics[i], document_environment(document));

		assert_string_equal(metric_field(&metrics[i])->name, last);
		if (metrics[i].kind == METRIC_COST)
			assert_string_equal(unit, "instructions per object");
		else if (metrics[i].kind == METRIC_P50)
			assert_string_equal(unit, "instructions");
		else if (metrics[i].kind == METRIC_CONTIGUITY)
			assert_null(unit);
	}
	json_decref(document);
}

/* The number of objects is a metric of growing workloads, memory is one of all others. */
static void test_metrics_of_growing_workloads(void **state)
{
	json_t *document = document_of("workloads"), *result;
	size_t i;

	(void)state;
	json_array_foreach(document_results(document), i, result) {
		bool grows = workload_flags(json_str(result, "workload", "")) &
			     KMEMLAB_WORKLOAD_GROWS;

		if (strcmp(json_str(result, "status", ""), "ok"))
			continue;
		for (size_t m = 0; m < metric_count; m++) {
			const char *name = metrics[m].name;
			bool expected = metric_is_cost(&metrics[m]) ||
					!strcmp(name, "objects") == grows;

			if (!strcmp(name, "kept backing bytes"))
				expected = name_number(json_str(result, "workload", ""));

			/* Not every cost has parts and bytes. */
			if (metrics[m].kind == METRIC_PART || metrics[m].kind == METRIC_BYTES)
				continue;
			assert_int_equal(!!metric_value(result, &metrics[m]), expected);
		}
	}
	json_decref(document);
}

/* percpu has a copy of each object for every possible CPU: none of them is an object. */
static void test_objects_with_copies(void **state)
{
	json_t *result = json_pack("{s:i, s:i, s:{s:i}, s:{s:i, s:i}}", "object_size", 64,
				   "objects", 100, "memory", "requested_bytes", 8 * 300 * 64,
				   "verification", "objects", 300, "bytes", 8 * 300 * 64);

	(void)state;
	assert_int_equal(object_copies(result), 8);
	assert_int_equal(objects_held(result), 300);
	json_decref(result);
}

static void test_line_width(void **state)
{
	json_t *document = document_of("default");
	cleanup_free char *text = golden_output(print_table, document);
	char *rest = text, *line;

	(void)state;
	while ((line = strsep(&rest, "\n"))) {
		assert_true(strlen(line) <= 100);
		assert_true(!*line || line[strlen(line) - 1] != ' ');
	}
	json_decref(document);
}

/* The table shows the largest difference between boots; the other formats show all boots. */
static void test_largest_layout_difference(void **state)
{
	json_t *document = document_of("default"), *other = document_of("default");

	(void)state;
	document_join(document, other);
	assert_contains(document, print_table,
			"Layouts: 2 boots, every mean is the same in all of them\n");
	json_decref(other);
	other = document_of("default");
	json_object_set_new(json_at(result_at(other, 4), "alloc"), "mean", json_real(127.5));
	document_join(document, other);
	assert_contains(document, print_table, "Layouts: 3 boots; largest difference: "
			"kmalloc pair, 2,000 x 32: alloc mean 124.3 to 127.5\n");
	assert_contains(document, report_ktap, "\n1..21\n");
	assert_contains(document, report_ktap, "\nok 21 self_check.run3\n");
	assert_contains(document, report_csv,
			"\n6.1.0-32-amd64,x86_64,vm,instructions,,kmalloc,pair,");
	assert_contains(document, report_html, "run 3 of 3");
	json_decref(document);
	json_decref(other);
}

/* Three objects with eight copies take one or two pages of each CPU. */
static void test_few_objects(void **state)
{
	json_t *document = document_of("default"), *result = result_at(document, 5);

	(void)state;
	json_object_set_new(json_at(result, "verification"), "bytes", json_integer(8 * 64000));
	assert_contains(document, print_table, "\nFew objects: kmalloc batch: 65,536 bytes of "
			"memory, 32,768 more or less by chance (measure more objects)\n");
	json_decref(document);
}

/* The results of kmemlab measure are known by the facilities of its module. */
static void test_operations(void **state)
{
	json_t *document = document_of("default");

	(void)state;
	assert_lacks(document, print_table, "lost what a round of setup");
	json_object_set_new(document_environment(document), "facilities",
			    json_pack("[{s:s, s:[s]}]", "name", "kmalloc", "capabilities",
				      "operation"));
	assert_contains(document, print_table, "\nkmalloc      6.1.0-32-amd64 (x86_64)");
	assert_contains(document, print_table, "lost what a round of setup");
	assert_contains(document, print_verbose, "\nVerification: ");
	json_decref(document);
}

/* At most ten reasons are printed, and a size is named only if other sizes were measured. */
static void test_skipped_results(void **state)
{
	json_t *document = document_of("plan"), *results = document_results(document);

	(void)state;
	assert_contains(document, print_table, "\nSkipped: page of 1 byte: ");
	for (int i = 0; i < 11; i++) {
		json_t *result = json_deep_copy(json_array_get(results, 8));
		char reason[] = "reason a";

		reason[7] += i;
		json_object_set_new(result, "facility", json_string("dma_pool"));
		json_object_set_new(result, "reason", json_string(reason));
		json_array_append_new(results, result);
	}
	assert_contains(document, print_table,
			"; dma_pool: reason i; and 2 more (shown by --verbose)\n");
	assert_lacks(document, print_table, "reason j");
	assert_contains(document, print_verbose, "skipped, reason k\n");
	assert_contains(document, print_verbose, "reason i; and 2 more (see above)\n");
	json_decref(document);
}

/* A mean is marked only if quarters of the operations differ by more than 10 %. */
static void test_drift(void **state)
{
	json_t *document = document_of("default");
	json_t *free_costs = json_at(result_at(document, 5), "free");

	(void)state;
	json_object_set_new(free_costs, "quarter_min", json_integer(100));
	json_object_set_new(free_costs, "quarter_max", json_integer(109));
	assert_lacks(document, print_table, "~");
	json_object_set_new(free_costs, "quarter_max", json_integer(111));
	assert_contains(document, print_table, "  ~81.3 ");
	assert_contains(document, print_table, "\n~ not stationary: the mean differs ");
	json_decref(document);
}

/* A low throughput has decimals; the note about CPUs that missed each other needs two CPUs. */
static void test_throughput(void **state)
{
	json_t *document = document_of("cpus"), *results = document_results(document), *result;
	const char *note = "the CPUs did not run at the same time";
	size_t i;

	(void)state;
	json_array_foreach(results, i, result) {
		json_t *throughput = json_object_get(result, "throughput");
		json_t *cpus = json_object_get(throughput, "per_cpu");

		json_object_set_new(throughput, "operations", json_integer(i ? 5 : 25));
		json_object_set_new(throughput, "ticks", json_integer(10000000));
		if (json_array_size(cpus) == 1)
			json_object_set_new(throughput, "operations", json_null());
	}
	assert_lacks(document, print_table, note);
	assert_contains(document, print_table, "  0.500\n");
	result = json_array_get(results, 1);
	json_object_set_new(json_object_get(result, "throughput"), "operations", json_integer(25));
	json_object_set_new(json_object_get(result, "alloc"), "objects_per_operation",
			    json_integer(16));
	assert_contains(document, print_table, "  2.5\n");
	assert_contains(document, print_table, "objects (page), in the last column as well\n");
	json_object_set_new(json_object_get(result, "throughput"), "operations", json_null());
	assert_contains(document, print_table, note);
	json_decref(document);
}

static void assert_suggests(json_t *document, const char *command, bool verbose,
			    const char *option)
{
	cleanup_free char *text = NULL;

	json_object_set_new(json_at(document_environment(document), "run"), "command",
			    json_string(command));
	text = golden_output(verbose ? print_verbose : print_table, document);
	if (option)
		assert_non_null(strstr(text, option));
	else
		assert_null(strstr(text, "\nNext:"));
}

/* An option is suggested only if the command does not have it. */
static void test_suggestions(void **state)
{
	json_t *document = document_of("default");

	(void)state;
	assert_suggests(document, "kmemlab run", true, "\nNext: add --size ");
	assert_suggests(document, "kmemlab run --size 64", false, "\nNext: add --verbose ");
	assert_suggests(document, "kmemlab run --plan p", false, "\nNext: add --verbose ");
	assert_suggests(document, "kmemlab run --size 64 --verbose", false, NULL);
	assert_suggests(document, "kmemlab run --plan p", true, NULL);
	json_decref(document);
}

/* Two boots that differ in init_on_alloc are not layouts: the cost of clearing is shown. */
static void test_init_cost(void **state)
{
	json_t *document = document_of("default"), *other = document_of("default"), *run;
	json_t *config = json_at(document_environment(other), "kernel.config");

	(void)state;
	json_object_set_new(config, "init_on_alloc", json_string("off"));
	json_object_set_new(json_at(result_at(other, 4), "alloc.uninterrupted"), "p50",
			    json_integer(95));
	json_object_set_new(json_at(result_at(other, 5), "alloc.uninterrupted"), "p50",
			    json_integer(1141));
	document_join(document, other);
	assert_lacks(document, print_table, "Layouts:");
	assert_contains(document, print_table, "\nalloc p50 ");
	assert_contains(document, print_table,
			"  init_on_alloc=1  init_on_alloc=0  clearing cost   share\n");
	assert_contains(document, print_table, "kmalloc pair, 2,000 x 32 ");
	assert_contains(document, print_table, "   114               95             19  16.7 %\n");
	/* An allocation that costs more without the option was not cleared by it. */
	assert_contains(document, print_table, "   1,141           none    none\n");
	assert_contains(document, report_html, "<td>95</td><td>19</td><td>16.7 %</td>");
	/* Memory that is cleared in any case has no such cost. */
	for (size_t i = 0; i < 2; i++) {
		run = document_run(document, i);
		json_object_set_new(json_at(result_at(run, 4), "parameters"), "gfp",
				    json_string("zeroed"));
		json_decref(run);
	}
	assert_contains(document, print_table, "   114               95           none   none\n");
	json_decref(document);
	json_decref(other);
}

/* The page refers to no other file, and text of the document cannot become markup. */
static void test_html_page(void **state)
{
	static const char *const forbidden[] = { "http:", "https:", "src=", "href=", "<script src",
						 "url(", "@import", "<b>", "onload" };
	json_t *document = document_of("mixed");

	(void)state;
	json_object_set_new(result_at(document, 0), "reason",
			    json_string("<script src=x>\"&'</script>"));
	json_object_set_new(json_at(document_environment(document), "run"), "command",
			    json_string("kmemlab run --append '<b>'"));
	assert_contains(document, report_html,
			"&#60;script src=x&#62;&#34;&#38;&#39;&#60;/script&#62;");
	assert_contains(document, report_html, "&#60;b&#62;");
	json_object_set_new(result_at(document, 0), "reason", json_null());
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		assert_lacks(document, report_html, forbidden[i]);
	json_decref(document);
}

static void test_result_summary(void **state)
{
	json_t *document = document_of("mixed");
	struct summary summary = summarize(document);

	(void)state;
	assert_int_equal(summary.ok, 3);
	assert_int_equal(summary.skipped, 2);
	assert_int_equal(summary.failed, 1);
	assert_int_equal(summary.mismatched_bytes, 3);
	assert_int_equal(summary.routes_min, 2);
	assert_int_equal(summary.routes_max, 4);
	assert_false(summary.self_check_ok);
	json_decref(document);
}

static void assert_verified(struct summary summary, const char *expected)
{
	cleanup_free char *text = verification_summary(&summary);

	assert_string_equal(text, expected);
}

static void test_verification_summary(void **state)
{
	struct summary summary = {
		.ok = 1, .verified = 1, .objects = 2000, .objects_requested = 2000,
		.objects_min = 2000, .objects_max = 2000, .routes_min = 3, .routes_max = 3,
	};

	(void)state;
	assert_verified(summary, "2,000 objects via 3 translation routes, 0 bytes wrong");
	summary.objects = 1;
	assert_verified(summary, "1 of 2,000 objects via 3 translation routes, 0 bytes wrong");
	summary.objects = 2000;
	summary.ok = 3;
	assert_verified(summary, "2,000 objects via 3 translation routes, 0 bytes wrong; "
				 "2 experiments without objects to verify");
	summary.routes_min = 2;
	summary.verified = summary.ok = 2;
	summary.objects = summary.objects_requested = 4000;
	assert_verified(summary, "2,000 objects of each experiment via 2 to 3 translation routes, "
				 "0 bytes wrong");
	summary.objects_min = 1000;
	assert_verified(summary, "4,000 objects of 2 experiments via 2 to 3 translation routes, "
				 "0 bytes wrong");
	summary.failed = 1;
	assert_verified(summary, "FAILED: 1 experiment failed (see above)");
	summary.route_mismatches = 1;
	assert_verified(summary, "FAILED: 0 bytes read back wrong, routes disagree about 1 address");
	assert_verified((struct summary) { .ok = 2, .verified = 1, .objects = 1,
					   .objects_requested = 1, .objects_min = 1,
					   .objects_max = 1, .routes_min = 1, .routes_max = 1 },
			"1 object via 1 translation route, 0 bytes wrong; "
			"1 experiment without objects to verify");
	assert_verified((struct summary) { 0 }, "no objects to verify");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_format),
		cmocka_unit_test(test_golden_files),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_metric_units),
		cmocka_unit_test(test_metrics_of_growing_workloads),
		cmocka_unit_test(test_objects_with_copies),
		cmocka_unit_test(test_line_width),
		cmocka_unit_test(test_largest_layout_difference),
		cmocka_unit_test(test_few_objects),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_skipped_results),
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_throughput),
		cmocka_unit_test(test_suggestions),
		cmocka_unit_test(test_init_cost),
		cmocka_unit_test(test_html_page),
		cmocka_unit_test(test_result_summary),
		cmocka_unit_test(test_verification_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
