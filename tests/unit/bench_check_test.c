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
static enum exit_code check(const char *text)
{
	static struct module_info list[] = { { .name = "a" }, { .name = "b" } };
	const struct bench_modules modules = { .list = list, .count = 2 };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),
	};

	return cmocka_run_group_tests_name("bench_check", tests, NULL, NULL);
}
