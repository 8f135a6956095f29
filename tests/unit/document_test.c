// SPDX-License-Identifier: GPL-2.0-or-later
/* Documents: what records may not be, and what may differ between equal runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/document.h"

#define ENVIRONMENT \
	"{\"record\":\"environment\",\"kernel\":{\"release\":\"6.1\",\"arch\":\"x86_64\"," \
	"\"cmdline\":\"quiet\",\"config\":{}},\"page_size\":4096,\"page_table_levels\":4," \
	"\"cpus\":1,\"memory_bytes\":null,\"clock\":{\"unit\":\"ns\",\"source\":\"ktime\"," \
	"\"overhead\":20},\"module\":{\"version\":\"0.1\",\"srcversion\":null}," \
	"\"taint_delta\":0,\"self_check\":{\"null\":0,\"delay_asked\":1,\"delay_read\":1," \
	"\"ok\":true},\"system\":{\"cpu_model\":null,\"nodes\":1,\"thp\":null," \
	"\"mitigations\":{},\"watermark_min_pages\":1,\"watermark_low_pages\":2," \
	"\"watermark_high_pages\":3,\"free_by_order\":[1,0]}}\n"

#define RESULT_WITH(status, objects) \
	"{\"record\":\"result\",\"workload\":\"pair\",\"facility\":\"page\",\"object_size\":8," \
	"\"objects\":" objects ",\"parameters\":{\"cpus\":[0],\"gfp\":\"kernel\",\"node\":-1," \
	"\"align\":0,\"seed\":1,\"free_order\":null,\"bulk\":0,\"free_cpu\":-1," \
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

static void test_good(void **state)
{
	const char records[] = ". a heartbeat\n" RESULT_WITH("\"refused\"", "7") "\n" ENVIRONMENT;
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error);
	json_t *result, *environment;
	const char *first;

	(void)state;
	assert_null(error);
	assert_non_null(document);
	assert_string_equal(json_string_value(json_object_get(document, "schema")),
			    "kmemlab.results/1");
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

static void test_faults(void **state)
{
	(void)state;
	check_error("", "the records have no environment");
	check_error("{\"record\"\n", "record line 1: not JSON");
	check_error("[]\n", "record line 1: not JSON");
	check_error("{}\n", "record line 1: no field 'record'");
	check_error("{\"record\":\"poem\"}\n", "record line 1: unknown record 'poem'");
	check_error("{\"record\":\"result\"}\n", "record line 1: field 'facility' is missing");
	check_error("{\"record\":\"result\",\"colour\":1}\n",
		    "record line 1: field 'colour' is unknown");
	check_error(RESULT_WITH("\"fine\"", "7"),
		    "record line 1: field 'status' is not what it should be");
	check_error(RESULT_WITH("\"ok\"", "7.5"),
		    "record line 1: field 'objects' is not what it should be");
	check_error(RESULT_WITH("\"ok\"", "null"),
		    "record line 1: field 'objects' is not what it should be");
	check_error(ENVIRONMENT ENVIRONMENT, "record line 2: a second environment");
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

	return document_read(text, strlen(text), error);
}

/* What was written is read as it was; what came later than a document is null in it. */
static void test_read(void **state)
{
	const char records[] = RESULT_WITH("\"refused\"", "7") ENVIRONMENT;
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error), *again;

	(void)state;
	again = read_back(document, &error);
	assert_null(error);
	assert_true(json_equal(document, again));
	json_decref(again);
	json_object_del(document_environment(document), "facilities");
	json_object_del(document_environment(document), "machine");
	again = read_back(document, &error);
	assert_null(error);
	assert_true(json_is_null(json_object_get(document_environment(again), "machine")));
	document_join(again, document);
	assert_int_equal(document_runs(again), 2);
	json_decref(again);
	json_decref(document);
}

static void check_unreadable(const char *text, const char *expected)
{
	char *error = NULL;

	assert_null(document_read(text, strlen(text), &error));
	assert_string_equal(error, expected);
	free(error);
}

#define DOCUMENT(runs) "{\"schema\":\"kmemlab.results/1\",\"runs\":" runs "}"

static void test_unreadable(void **state)
{
	const char records[] = RESULT_WITH("\"ok\"", "7") ENVIRONMENT;
	char *error = NULL;
	json_t *document = document_build(records, strlen(records), &facts, &error);

	(void)state;
	check_unreadable("{}", "its schema is not said: kmemlab.results/1 is wanted");
	check_unreadable(DOCUMENT("[]"), "it has no runs");
	check_unreadable(DOCUMENT("[\"\\u001b[2J\"]"), "a text in it has control characters");
	check_unreadable(DOCUMENT("[{\"\xc2\x9b\":1}]"), "a text in it has control characters");
	check_unreadable(DOCUMENT("[7]"), "run 1: it has no environment, or no results");
	check_unreadable(DOCUMENT("[{\"environment\":{},\"results\":[]}]"),
			 "run 1: field 'kernel' is missing");
	json_object_set_new(json_array_get(document_results(document), 0), "alloc", json_integer(1));
	assert_null(read_back(document, &error));
	assert_string_equal(error, "run 1: field 'alloc' is not what it should be");
	free(error);
	json_object_set_new(json_array_get(document_results(document), 0), "alloc", json_null());
	json_object_set_new(document_environment(document), "target", json_null());
	assert_null(read_back(document, &error));
	assert_string_equal(error, "run 1: field 'target' is missing");
	free(error);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_equal_runs),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
