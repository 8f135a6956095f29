// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Golden files: each tests/golden/NAME.records makes exactly NAME.json, .csv,
 * .ktap, .table and .verbose. "KMEMLAB_GOLDEN=update" writes them instead;
 * then read the difference before you commit it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/document.h"
#include "report/figures.h"
#include "report/report.h"
#include "report/verdict.h"
#include "tests/unit/golden.h"

static const struct run_facts facts = {
	.target = "vm",
	.accelerator = "tcg",
	.input_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	.command = "./lab run --seed 1",
	.date = "2026-01-02T03:04:05Z",
	.kmemlab_version = "0.1",
	.qemu_version = "7.2.22",
	.kernel_package_version = "6.1.147-1",
	.boot_s = 2.25,
	.total_s = 3.5,
};

static char *read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = xcalloc(1, 1 << 20);

	if (!in)
		fail_msg("%s cannot be read", path);
	fread(text, 1, (1 << 20) - 1, in);
	fclose(in);
	return text;
}

static void table(const json_t *document, FILE *out)
{
	report_table(document, false, out);
}

static void verbose(const json_t *document, FILE *out)
{
	report_table(document, true, out);
}

static const struct {
	const char *suffix;
	void (*report)(const json_t *document, FILE *out);
} forms[] = {
	{ "json", report_json },
	{ "csv", report_csv },
	{ "ktap", report_ktap },
	{ "html", report_html },
	{ "table", table },
	{ "verbose", verbose },
};

static json_t *document_of(const char *name)
{
	cleanup_free char *path = xasprintf("tests/golden/%s.records", name);
	cleanup_free char *records = read_file(path);
	char *error;
	json_t *document = document_build(records, strlen(records), &facts, &error);

	if (!document)
		fail_msg("%s: %s", path, error);
	return document;
}

static void check_record_set(const char *name)
{
	json_t *document = document_of(name);

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		char *text;
		size_t length;
		FILE *out = open_memstream(&text, &length);

		forms[i].report(document, out);
		fclose(out);
		golden_check(name, forms[i].suffix, text);
		free(text);
	}
	json_decref(document);
}

static void test_default(void **state)
{
	(void)state;
	check_record_set("default");
}

static void test_mixed(void **state)
{
	(void)state;
	check_record_set("mixed");
}

static void test_refused(void **state)
{
	(void)state;
	check_record_set("refused");
}

static void test_workloads(void **state)
{
	(void)state;
	check_record_set("workloads");
}

/* Of one workload: experiments that differ in what a plan alone can ask for. */
static void test_plan(void **state)
{
	(void)state;
	check_record_set("plan");
}

/* How much a ramp took says how far it came, and is no figure of its own. */
static void test_ramp_figures(void **state)
{
	json_t *document = document_of("workloads"), *result;
	size_t i;

	(void)state;
	json_array_foreach(document_results(document), i, result) {
		bool is_ramp = !strcmp(json_string_value(json_object_get(result, "workload")), "ramp");

		if (strcmp(json_string_value(json_object_get(result, "status")), "ok"))
			continue;
		for (size_t f = 0; f < figure_count; f++) {
			bool of_ramps = !strcmp(figures[f].name, "objects");
			bool of_all = figures[f].kind == FIGURE_COST ||
				      figures[f].kind == FIGURE_TAIL;

			assert_int_equal(!!figure_of(result, &figures[f]),
					 of_all || of_ramps == is_ramp);
		}
	}
	json_decref(document);
}

static void test_cpus(void **state)
{
	(void)state;
	check_record_set("cpus");
}

static void test_table_width(void **state)
{
	cleanup_free char *text = read_file("tests/golden/default.table");
	char *rest = text, *line;

	(void)state;
	while ((line = strsep(&rest, "\n"))) {
		assert_true(strlen(line) <= 100);
		assert_true(!*line || line[strlen(line) - 1] != ' ');
	}
}

static char *text_of(const json_t *document, void (*report)(const json_t *document, FILE *out))
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	report(document, out);
	fclose(out);
	return text;
}

/* Two boots: the table tells how far they lie apart, the other forms have both. */
static void test_layouts(void **state)
{
	json_t *document = document_of("default"), *other = document_of("default"), *alloc;
	cleanup_free char *table_text = NULL, *ktap = NULL, *csv = NULL;
	const char *same = "Layouts: 2 boots, and every p50 is the same in each\n";

	(void)state;
	document_join(document, other);
	table_text = text_of(document, table);
	assert_non_null(strstr(table_text, same));
	json_decref(other);
	other = document_of("default");
	alloc = json_object_get(json_array_get(document_results(other), 4), "alloc");
	json_object_set_new(json_object_get(alloc, "clean"), "p50", json_integer(117));
	document_join(document, other);
	free(table_text);
	table_text = text_of(document, table);
	assert_non_null(strstr(table_text, "Layouts: 3 boots; furthest apart: kmalloc pair, "
					   "2,000 x 32: alloc p50 114 to 117\n"));
	ktap = text_of(document, report_ktap);
	assert_non_null(strstr(ktap, "\n1..21\n"));
	assert_non_null(strstr(ktap, "\nok 21 self_check.run3\n"));
	csv = text_of(document, report_csv);
	assert_non_null(strstr(csv, "\n6.1.0-32-amd64,x86_64,vm,instructions,,kmalloc,pair,"));
	json_decref(document);
	json_decref(other);
}

/* A dozen reasons are more than a line takes; what all sizes give names no size. */
static void test_refusals(void **state)
{
	json_t *document = document_of("plan"), *results = document_results(document);
	cleanup_free char *text = text_of(document, table), *full = NULL;

	(void)state;
	assert_non_null(strstr(text, "\nRefused: page of 1 byte: no objects of so few bytes\n"));
	for (int i = 0; i < 11; i++) {
		json_t *result = json_deep_copy(json_array_get(results, 8));
		char reason[] = "reason a";

		reason[7] += i;
		json_object_set_new(result, "facility", json_string("dma_pool"));
		json_object_set_new(result, "reason", json_string(reason));
		json_array_append_new(results, result);
	}
	free(text);
	text = text_of(document, table);
	assert_non_null(strstr(text, "; dma_pool: reason i; and 2 more; "
				     "--verbose has them\n"));
	assert_null(strstr(text, "reason j"));
	full = text_of(document, verbose);
	assert_non_null(strstr(full, "refused, reason k\n"));
	assert_non_null(strstr(full, "reason i; and 2 more, above\n"));
	json_decref(document);
}

/* Few operations have decimals, and one CPU is never said to have missed another. */
static void test_throughput(void **state)
{
	json_t *document = document_of("cpus"), *results = document_results(document), *result;
	cleanup_free char *text = NULL;
	const char *missed = "one CPU was through before another began";
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
	text = text_of(document, table);
	assert_null(strstr(text, missed));
	assert_non_null(strstr(text, "  0.500\n"));
	result = json_array_get(results, 1);
	json_object_set_new(json_object_get(result, "throughput"), "operations", json_integer(25));
	json_object_set_new(json_object_get(result, "alloc"), "objects_per_operation",
			    json_integer(16));
	free(text);
	text = text_of(document, table);
	assert_non_null(strstr(text, "  2.5\n"));
	assert_non_null(strstr(text, "objects (page), in the last column too\n"));
	json_object_set_new(json_object_get(result, "throughput"), "operations", json_null());
	free(text);
	text = text_of(document, table);
	assert_non_null(strstr(text, missed));
	json_decref(document);
}

static bool suggests(json_t *document, const char *command, bool verbose, const char *option)
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	bool does;

	json_object_set_new(json_object_get(document_environment(document), "run"), "command",
			    json_string(command));
	report_table(document, verbose, out);
	fclose(out);
	does = option ? strstr(text, option) : strstr(text, "\nNext:");
	free(text);
	return does;
}

/* What to try next is nothing that the command has. */
static void test_next(void **state)
{
	json_t *document = document_of("default");

	(void)state;
	assert_true(suggests(document, "kmemlab run", true, "\nNext: add --size "));
	assert_true(suggests(document, "kmemlab run --size 64", false, "\nNext: add --verbose "));
	assert_true(suggests(document, "kmemlab run --plan p", false, "\nNext: add --verbose "));
	assert_false(suggests(document, "kmemlab run --size 64 --verbose", false, NULL));
	assert_false(suggests(document, "kmemlab run --plan p", true, NULL));
	json_decref(document);
}

/* A boot that clears and one that doesn't: no layouts, but what clearing costs. */
static void test_zeroing(void **state)
{
	json_t *document = document_of("default"), *other = document_of("default"), *part;
	cleanup_free char *text = NULL;

	(void)state;
	part = json_object_get(json_object_get(document_environment(other), "kernel"), "config");
	json_object_set_new(part, "init_on_alloc", json_string("off"));
	part = json_object_get(json_array_get(document_results(other), 4), "alloc");
	json_object_set_new(json_object_get(part, "clean"), "p50", json_integer(95));
	part = json_object_get(json_array_get(document_results(other), 5), "alloc");
	json_object_set_new(json_object_get(part, "clean"), "p50", json_integer(1141));
	document_join(document, other);
	text = text_of(document, table);
	assert_null(strstr(text, "Layouts:"));
	assert_non_null(strstr(text, "\nalloc p50 "));
	assert_non_null(strstr(text, "  init_on_alloc=1  init_on_alloc=0  clearing by it   share\n"));
	assert_non_null(strstr(text, "kmalloc pair, 2,000 x 32 "));
	/* Of frees there is nothing, and what is dearer without is no clearing. */
	assert_non_null(strstr(text, "   114               95              19  16.7 %\n"));
	assert_non_null(strstr(text, "   1,141            none    none\n"));
	/* Nor is what has to be clear anyway. */
	for (size_t run = 0; run < 2; run++) {
		json_t *one = document_run(document, run);

		part = json_array_get(document_results(one), 4);
		json_object_set_new(json_object_get(part, "parameters"), "gfp", json_string("zeroed"));
		json_decref(one);
	}
	free(text);
	text = text_of(document, table);
	assert_non_null(strstr(text, "   114               95            none   none\n"));
	json_decref(document);
	json_decref(other);
}

/* A page alone: it fetches nothing, runs nothing, and text in it stays text. */
static void test_html(void **state)
{
	static const char *const never[] = { "http:", "https:", "src=", "href=", "<script", "url(",
					     "@import", "<b>", "onload" };
	json_t *document = document_of("mixed");
	cleanup_free char *text = NULL;

	(void)state;
	json_object_set_new(json_array_get(document_results(document), 0), "reason",
			    json_string("<script src=x>\"&'</script>"));
	json_object_set_new(json_object_get(document_environment(document), "run"), "command",
			    json_string("kmemlab run --append '<b>'"));
	text = text_of(document, report_html);
	assert_non_null(strstr(text, "&#60;script src=x&#62;&#34;&#38;&#39;&#60;/script&#62;"));
	assert_non_null(strstr(text, "&#60;b&#62;"));
	json_object_set_new(json_array_get(document_results(document), 0), "reason", json_null());
	free(text);
	text = text_of(document, report_html);
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		assert_null(strstr(text, never[i]));
	json_decref(document);
}

static void test_verdict(void **state)
{
	json_t *document = document_of("mixed");
	struct verdict verdict = verdict_of(document);

	(void)state;
	assert_int_equal(verdict.ok, 3);
	assert_int_equal(verdict.refused, 2);
	assert_int_equal(verdict.failed, 1);
	assert_int_equal(verdict.mismatches, 3);
	assert_int_equal(verdict.routes_least, 2);
	assert_int_equal(verdict.routes_most, 4);
	assert_false(verdict.self_check_ok);
	json_decref(document);
}

static void check_proof(struct verdict verdict, const char *expected)
{
	cleanup_free char *proof = verdict_proof(&verdict);

	assert_string_equal(proof, expected);
}

static void test_proof(void **state)
{
	struct verdict verdict = {
		.ok = 1, .proved = 1, .objects = 2000, .objects_asked = 2000,
		.objects_least = 2000, .objects_most = 2000, .routes_least = 3, .routes_most = 3,
	};

	(void)state;
	check_proof(verdict, "all 2,000 objects proved by 3 routes, 0 bytes wrong");
	verdict.objects = 1;
	check_proof(verdict, "1 of 2,000 objects proved by 3 routes, 0 bytes wrong");
	verdict.objects = 2000;
	verdict.ok = 3;
	check_proof(verdict, "all 2,000 objects proved by 3 routes, 0 bytes wrong; "
			     "2 experiments had nothing to prove");
	verdict.routes_least = 2;
	verdict.proved = verdict.ok = 2;
	verdict.objects = verdict.objects_asked = 4000;
	check_proof(verdict, "all 2,000 objects of each experiment proved by 2 to 3 routes, "
			     "0 bytes wrong");
	verdict.route_disagreements = 1;
	check_proof(verdict, "FAILED: 0 bytes read back wrong, 1 address that routes "
			     "translate differently");
	check_proof((struct verdict) { .ok = 2, .proved = 1, .objects = 1, .objects_asked = 1,
				       .objects_least = 1, .objects_most = 1, .routes_least = 1,
				       .routes_most = 1 },
		    "the one object proved by 1 route, 0 bytes wrong; "
		    "1 experiment had nothing to prove");
	check_proof((struct verdict) { 0 }, "nothing was there to be proved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_workloads),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_ramp_figures),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_table_width),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_throughput),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_zeroing),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
