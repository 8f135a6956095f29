// SPDX-License-Identifier: GPL-2.0-or-later
/* Documents: building them from records, reading them back, and error messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/document.h"
#include "report/report.h"

#define ENVIRONMENT \
	"{\"record\":\"environment\",\"kernel\":{\"release\":\"6.1\",\"arch\":\"x86_64\"," \
	"\"cmdline\":\"quiet\",\"config\":{}},\"page_size\":4096,\"page_table_levels\":4," \
	"\"cpus\":1,\"memory_bytes\":null,\"clock\":{\"unit\":\"ns\",\"source\":\"ktime\"," \
	"\"overhead\":20},\"module\":{\"version\":\"0.1\",\"srcversion\":null}," \
	"\"taint_delta\":0,\"self_check\":{\"null\":0,\"delay_expected\":1,\"delay_measured\":1," \
	"\"ok\":true},\"system\":{\"cpu_model\":null,\"nodes\":1,\"thp\":null," \
	"\"mitigations\":{},\"watermark_min_pages\":1,\"watermark_low_pages\":2," \
	"\"watermark_high_pages\":3,\"free_by_order\":[1,0]}}\n"

#define RESULT_WITH(status, objects) \
	"{\"record\":\"result\",\"workload\":\"pair\",\"facility\":\"page\",\"object_size\":8," \
	"\"objects\":" objects ",\"parameters\":{\"cpus\":[0],\"gfp\":\"kernel\",\"node\":-1," \
	"\"align\":0,\"seed\":1,\"free_order\":\"\",\"bulk\":0,\"free_cpu\":-1," \
	"\"condition\":\"fresh\",\"repeats\":1},\"status\":" status ",\"reason\":\"no\"," \
	"\"alloc\":null,\"free\":null,\"deferred\":null,\"memory\":null," \
	"\"contiguity\":null,\"verification\":null}\n"

static const struct run_facts facts = { .target = "host" };

static void check_error(const char *records, const char *expected)
{
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error);

	assert_null(document);
	assert_string_equal(error, expected);
	free(error);
}

static void test_valid_records(void **state)
{
	const char records[] = ". a heartbeat\n" RESULT_WITH("\"skipped\"", "7") "\n" ENVIRONMENT;
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error);
	json_t *result, *environment;
	const char *first;

	(void)state;
	assert_null(error);
	assert_non_null(document);
	assert_string_equal(json_string_value(json_object_get(document, "schema")),
			    "kmemlab.results/2");
	result = json_array_get(document_results(document), 0);
	first = json_object_iter_key(json_object_iter(result));
	assert_string_equal(first, "facility");
	assert_null(json_object_get(result, "record"));
	assert_true(json_is_null(json_object_get(result, "alloc")));
	environment = document_environment(document);
	assert_string_equal(json_string_value(json_object_get(environment, "target")), "host");
	assert_true(json_is_null(json_object_get(environment, "accelerator")));
	assert_true(json_is_null(json_object_get(environment, "input_sha256")));
	json_decref(document);
}

static void test_invalid_records(void **state)
{
	(void)state;
	check_error("", "the records have no environment");
	check_error("{\"record\"\n", "record line 1: not JSON");
	check_error("[]\n", "record line 1: not JSON");
	check_error("{}\n", "record line 1: missing field 'record'");
	check_error("{\"record\":\"other\"}\n", "record line 1: unknown record 'other'");
	check_error("{\"record\":\"result\"}\n", "record line 1: missing field 'facility'");
	check_error("{\"record\":\"result\",\"color\":1}\n",
		    "record line 1: unknown field 'color'");
	check_error(RESULT_WITH("\"fine\"", "7"),
		    "record line 1: field 'status' must be one of 'ok', 'skipped', 'failed'");
	check_error(RESULT_WITH("\"ok\"", "7.5"),
		    "record line 1: field 'objects' must be an integer from 0 to 9223372036854775807");
	check_error(RESULT_WITH("\"ok\"", "null"),
		    "record line 1: field 'objects' must be an integer from 0 to 9223372036854775807");
	check_error(ENVIRONMENT ENVIRONMENT, "record line 2: duplicate environment");
}

static void test_equal_runs(void **state)
{
	const struct run_facts other = {
		.target = "host", .command = "x", .date = "y", .accelerator_reason = "z",
		.qemu_version = "1", .kernel_package_version = "2", .boot_s = 3, .total_s = 4,
	};
	char *error;
	json_t *a = document_build(ENVIRONMENT, strlen(ENVIRONMENT), &facts, &error);
	json_t *b = document_build(ENVIRONMENT, strlen(ENVIRONMENT), &other, &error);

	(void)state;
	assert_false(json_equal(a, b));
	json_object_del(document_environment(a), "run");
	json_object_del(document_environment(b), "run");
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
}

static json_t *read_back(const json_t *document, char **error)
{
	cleanup_free char *text = json_dumps(document, JSON_COMPACT);

	return document_read("FILE", text, strlen(text), error);
}

/* A document reads back equal; missing nullable fields become null. */
static void test_read_document(void **state)
{
	const char records[] = RESULT_WITH("\"skipped\"", "7") ENVIRONMENT;
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error), *copy;

	(void)state;
	copy = read_back(document, &error);
	assert_null(error);
	assert_true(json_equal(document, copy));
	json_decref(copy);
	json_object_del(document_environment(document), "facilities");
	json_object_del(document_environment(document), "machine");
	copy = read_back(document, &error);
	assert_null(error);
	assert_true(json_is_null(json_object_get(document_environment(copy), "machine")));
	document_join(copy, document);
	assert_int_equal(document_runs(copy), 2);
	json_decref(copy);
	json_decref(document);
}

static void check_unreadable(const char *text, const char *expected)
{
	char *error = NULL;

	assert_null(document_read("FILE", text, strlen(text), &error));
	assert_string_equal(error, expected);
	free(error);
}

#define DOCUMENT(runs) "{\"schema\":\"kmemlab.results/2\",\"runs\":" runs "}"

static void test_invalid_documents(void **state)
{
	const char records[] = RESULT_WITH("\"ok\"", "7") ENVIRONMENT;
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error);

	(void)state;
	check_unreadable("{}", "FILE has no schema (supported: kmemlab.results/2)");
	check_unreadable(DOCUMENT("[]"), "FILE: no runs in the document");
	check_unreadable(DOCUMENT("[\"\\u001b[2J\"]"), "FILE: a string contains control characters");
	check_unreadable(DOCUMENT("[{\"\xc2\x9b\":1}]"), "FILE: a string contains control characters");
	check_unreadable(DOCUMENT("[7]"), "FILE: field 'runs' must be an array of objects");
	check_unreadable(DOCUMENT("[{\"environment\":{},\"results\":[]}]"),
			 "FILE: missing field 'runs[0].environment.kernel'");
	json_object_set_new(json_array_get(document_results(document), 0), "alloc", json_integer(1));
	assert_null(read_back(document, &error));
	assert_string_equal(error, "FILE: field 'runs[0].results[0].alloc' must be an object or null");
	free(error);
	json_object_set_new(json_array_get(document_results(document), 0), "alloc", json_null());
	json_object_set_new(document_environment(document), "target", json_null());
	assert_null(read_back(document, &error));
	assert_string_equal(error, "FILE: missing field 'runs[0].environment.target'");
	free(error);
	json_decref(document);
}

static void test_schema_versions(void **state)
{
	(void)state;
	check_unreadable("{\"schema\":\"kmemlab.results/1\",\"runs\":[]}",
			 "FILE has schema kmemlab.results/1 (supported: kmemlab.results/2)");
	check_unreadable("{\"schema\":\"kmemlab.results/3\",\"runs\":[]}",
			 "FILE has schema kmemlab.results/3 (supported: kmemlab.results/2)");
}

/* Read a document whose alloc group is replaced, with its fields and distribution from text. */
static void check_costs(const char *fields, const char *distribution, const char *expected)
{
	const char records[] = RESULT_WITH("\"ok\"", "7") ENVIRONMENT;
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error), *copy;
	json_t *alloc = json_pack("{s:i, s:i, s:i, s:o, s:{s:i}}", "objects_per_operation", 1,
				  "interrupted", 0, "slept", 0, "uninterrupted",
				  json_loads(fields, 0, NULL), "all", "samples", 0);

	json_object_set_new(alloc, "distribution", json_loads(distribution, JSON_DECODE_ANY, NULL));
	json_object_set_new(json_array_get(document_results(document), 0), "alloc", alloc);
	copy = read_back(document, &error);
	if (expected)
		assert_string_equal(error, expected);
	else
		assert_non_null(copy);
	free(error);
	json_decref(copy);
	json_decref(document);
}

static void check_alloc(const char *fields, const char *expected)
{
	check_costs(fields, "null", expected);
}

static void test_distributions(void **state)
{
	static const char expected[] = "FILE: field 'runs[0].results[0].alloc.distribution' must be "
				       "an array of pairs of integers or null";

	(void)state;
	check_costs("{\"samples\":0}", "[]", NULL);
	check_costs("{\"samples\":0}", "[[1, 2], [3, 4]]", NULL);
	check_costs("{\"samples\":0}", "[[1, 2], [3]]", expected);
	check_costs("{\"samples\":0}", "[[1, -2]]", expected);
	check_costs("{\"samples\":0}", "[1, 2]", expected);
}

/* Only pairs are printed on one line, and text is not changed. */
static void test_printed_pairs(void **state)
{
	json_t *document = json_loads("{\"a\": [[463, 1960], [6812, 39]], \"b\": [1, 2, 3], \"c\": [],"
				      " \"d\": [1.5, 2], \"e\": \"[1 ,  2] \\\" [3 , 4]\\\\\","
				      " \"f\": [7]}", 0, NULL);
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	report_json(document, out);
	fclose(out);
	json_decref(document);
	assert_string_equal(text, "{\n \"a\": [\n  [463,1960],\n  [6812,39]\n ],\n"
			    " \"b\": [\n  1,\n  2,\n  3\n ],\n \"c\": [],\n"
			    " \"d\": [\n  1.5,\n  2\n ],\n"
			    " \"e\": \"[1 ,  2] \\\" [3 , 4]\\\\\",\n \"f\": [\n  7\n ]\n}\n");
}

static void test_number_limits(void **state)
{
	(void)state;
	check_alloc("{\"samples\":1,\"min\":1,\"p50\":1,\"p90\":2,\"p99\":2,\"p999\":2,"
		    "\"max\":9007199254740991,\"mean\":1.5}", NULL);
	check_alloc("{\"samples\":-1}", "FILE: field 'runs[0].results[0].alloc.uninterrupted.samples' "
		    "must be an integer from 0 to 9007199254740991");
	check_alloc("{\"samples\":1,\"min\":9007199254740992}",
		    "FILE: field 'runs[0].results[0].alloc.uninterrupted.min' "
		    "must be an integer from 0 to 9007199254740991 or null");
	check_alloc("{\"samples\":1,\"min\":1,\"p50\":3,\"p90\":2,\"p99\":3,\"p999\":3,\"max\":3}",
		    "FILE: field 'runs[0].results[0].alloc.uninterrupted.p90' "
		    "must not be less than 'p50'");
	check_alloc("{\"samples\":0,\"p95\":1}",
		    "FILE: unknown field 'runs[0].results[0].alloc.uninterrupted.p95'");
	check_error(RESULT_WITH("\"ok\"", "9223372036854775807"),
		    "record line 1: field 'objects' x object_size must be less than 2^63 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid_records),
		cmocka_unit_test(test_invalid_records),
		cmocka_unit_test(test_equal_runs),
		cmocka_unit_test(test_read_document),
		cmocka_unit_test(test_invalid_documents),
		cmocka_unit_test(test_schema_versions),
		cmocka_unit_test(test_distributions),
		cmocka_unit_test(test_printed_pairs),
		cmocka_unit_test(test_number_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
