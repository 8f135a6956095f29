// SPDX-License-Identifier: GPL-2.0-or-later
/* The exit status of kmemlab bench. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/bench_check.h"

#define CLOCK	"'clock': {}, "
#define LOADED(name, errno) "{'name': '" name "', 'errno': " #errno "}"

/* Check a document, in which ' stands for ", after modules a and b were to be loaded. */
static enum exit_code check_with(const char *text, bool kunit)
{
	struct vm_file files[] = { { .option = "--add " }, { .option = "" } };
	struct module_info list[] = { { .name = "a" }, { .name = "b", .has_kunit_tests = kunit } };
	const struct bench_modules modules = { .list = list, .count = 2, .files = files };
	static const struct options options;
	char copy[1024] = "";
	enum exit_code code;
	json_t *document;

	for (size_t i = 0; text[i]; i++)
		copy[i] = text[i] == '\'' ? '"' : text[i];
	document = json_loads(copy, 0, NULL);
	assert_non_null(document);
	code = bench_check(document, &options, &modules);
	json_decref(document);
	return code;
}

static enum exit_code check(const char *text)
{
	return check_with(text, false);
}

static void test_modules(void **state)
{
	(void)state;
	assert_int_equal(check("{" CLOCK "'modules': [" LOADED("a", 0) ", " LOADED("b", 0) "]}"),
			 EXIT_OK);
	/* -EAGAIN is what benchmarks return that have ended, -EINVAL is not. */
	assert_int_equal(check("{" CLOCK "'modules': [" LOADED("a", 11) ", " LOADED("b", 11) "]}"),
			 EXIT_OK);
	assert_int_equal(check("{" CLOCK "'modules': [" LOADED("a", 11) ", " LOADED("b", 22) "]}"),
			 EXIT_CHECK_FAILED);
	assert_int_equal(check("{" CLOCK "'modules': [" LOADED("a", 11) "]}"), EXIT_CHECK_FAILED);
	assert_int_equal(check("{" CLOCK "'modules': []}"), EXIT_HOST_ERROR);
	assert_int_equal(check("{'modules': [" LOADED("a", 0) "]}"), EXIT_HOST_ERROR);
}

#define RAN	"{" CLOCK "'modules': [" LOADED("a", 0) ", " LOADED("b", 0) "], "
#define TEST(status) "'tests': [{'name': 'suite.test', 'status': '" status "'}]"

static void test_kunit(void **state)
{
	(void)state;
	assert_int_equal(check_with(RAN TEST("ok") "}", true), EXIT_OK);
	assert_int_equal(check_with(RAN TEST("skipped") "}", true), EXIT_OK);
	assert_int_equal(check(RAN TEST("failed") "}"), EXIT_CHECK_FAILED);
	/* No result */
	assert_int_equal(check_with(RAN "'tests': []}", true), EXIT_CHECK_FAILED);
	assert_int_equal(check_with(RAN "'log': ['[ 1.0] kunit: disabled'], 'tests': []}", true),
			 EXIT_CHECK_FAILED);
	assert_int_equal(check(RAN "'tests': []}"), EXIT_OK);
	/* Messages were lost, and results may have been among them. */
	assert_int_equal(check(RAN "'log_lost': true, 'tests': []}"), EXIT_OK);
	assert_int_equal(check(RAN "'log_lost': true, " TEST("ok") "}"), EXIT_CHECK_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_kunit),
	};

	return cmocka_run_group_tests_name("bench_check", tests, NULL, NULL);
}
