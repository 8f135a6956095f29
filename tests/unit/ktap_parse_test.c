// SPDX-License-Identifier: GPL-2.0-or-later
/* KTAP in kernel logs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "golden.h"
#include "report/bench.h"

/* Compare the tests of a log, whose lines end with newlines, with "name status\n" for each. */
static void expect_tests(const char *log, const char *expected)
{
	cleanup_free char *copy = xstrdup(log), *result = xstrdup("");
	json_t *lines = json_array(), *tests, *test;
	char *rest = copy, *line;
	size_t i;

	while ((line = strsep(&rest, "\n")))
		json_array_append_new(lines, json_string(line));
	tests = ktap_parse(lines);
	json_array_foreach(tests, i, test) {
		char *longer = xasprintf("%s%s %s\n", result, json_str(test, "name", "-"),
					 json_str(test, "status", "-"));

		free(result);
		result = longer;
	}
	assert_string_equal(result, expected);
	json_decref(tests);
	json_decref(lines);
}

static void test_other_logs(void **state)
{
	(void)state;
	expect_tests("", "");
	expect_tests("[    1.000000] ok 1 - not KTAP\n[", "");
	expect_tests("[    1.000000] KTAP version 1\n[ 1.0] ok\n[ 1.0] ok x\n[ 1.0] not ok -\n", "");
}

static void test_suites(void **state)
{
	(void)state;
	expect_tests("[    1.000000] KTAP version 1\n"
		     "[    1.000001] 1..2\n"
		     "[    1.000002]     KTAP version 1\n"
		     "[    1.000003]     # Subtest: suite\n"
		     "[    1.000004]     1..2\n"
		     "[    1.000005]     ok 1 first\n"
		     "[    1.000006]     # second: EXPECTATION FAILED at x.c:1\n"
		     "[    1.000007]     not ok 2 second\n"
		     "[    1.000008] not ok 1 suite\n"
		     "[    1.000009] other: a message\n"
		     "[    1.000010] ok 2 alone # SKIP no memory\n",
		     "suite.first ok\nsuite.second failed\nalone skipped\n");
	/* Linux 6.1, and a test with parameters */
	expect_tests("TAP version 14\n"
		     "    # Subtest: suite\n"
		     "        # Subtest: sizes\n"
		     "        ok 1 - 8 bytes\n"
		     "        ok 2 - 16 bytes\n"
		     "    ok 1 - sizes\n"
		     "    ok 2 - other\n"
		     "ok 1 - suite\n",
		     "suite.sizes.8 bytes ok\nsuite.sizes.16 bytes ok\nsuite.other ok\n");
	/* A suite that fails although its tests do not */
	expect_tests("KTAP version 1\n    # Subtest: suite\n    ok 1 a\nnot ok 1 suite\n",
		     "suite.a ok\nsuite failed\n");
}

/* KUnit of a module prints no header before Linux 6.6. */
static void test_without_header(void **state)
{
	(void)state;
	expect_tests("[    1.000000] ok 1 other\n"
		     "[    1.000001]     # Subtest: suite\n"
		     "[    1.000002]     1..2\n"
		     "[    1.000003]     ok 1 - first\n"
		     "[    1.000004]     not ok 2 - second\n"
		     "[    1.000005] not ok 1 - suite\n",
		     "suite.first ok\nsuite.second failed\n");
}

static void test_plans(void **state)
{
	(void)state;
	/* A result is missing, and with the end of the log that of the suite, too. */
	expect_tests("KTAP version 1\n1..1\n"
		     "    KTAP version 1\n    # Subtest: suite\n    1..3\n"
		     "    ok 1 a\n    ok 3 c\nok 1 suite\n",
		     "suite.a ok\nsuite.c ok\nsuite failed\n");
	expect_tests("KTAP version 1\n1..2\n"
		     "    KTAP version 1\n    # Subtest: suite\n    1..2\n    ok 1 a\n",
		     "suite.a ok\nsuite failed\nplan failed\n");
	/* A suite begins although the one before has no result. */
	expect_tests("    # Subtest: one\n    1..2\n    ok 1 a\n"
		     "    # Subtest: two\n    1..1\n    ok 1 a\nok 2 two\n",
		     "one.a ok\none failed\ntwo.a ok\n");
	/* Two modules, each with a header; a suite that is skipped */
	expect_tests("KTAP version 1\n1..1\nok 1 a\nKTAP version 1\n1..1\n"
		     "    KTAP version 1\n    # Subtest: b\n    1..0 # SKIP none\nok 1 b # SKIP none\n",
		     "a ok\nb skipped\n");
	expect_tests("KTAP version 1\n1..1\nok 1 a\nok 2 b\n", "a ok\nb ok\nplan failed\n");
}

static void test_written(void **state)
{
	json_t *document = json_loads("{\"tests\":[{\"name\":\"a.b\",\"status\":\"ok\"},"
		"{\"name\":\"a.c\",\"status\":\"skipped\",\"reason\":\"no CPU\"},"
		"{\"name\":\"a\",\"status\":\"failed\",\"reason\":\"2 of 3\"}]}", 0, NULL);
	cleanup_free char *text = golden_output(bench_ktap, document);

	(void)state;
	assert_string_equal(text, "KTAP version 1\n1..3\nok 1 a.b\nok 2 a.c # SKIP no CPU\n"
			    "not ok 3 a\n# 2 of 3\n");
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_logs),
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_without_header),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests_name("ktap_parse", tests, NULL, NULL);
}
