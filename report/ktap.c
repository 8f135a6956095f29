// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests as KTAP. */
#include <string.h>

#include "base/memory.h"
#include "comparison.h"
#include "report.h"
#include "test_list.h"

/* Print each line of a text as a diagnostic. */
static void print_diagnostics(const char *text, FILE *out)
{
	cleanup_free char *copy = xstrdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		fprintf(out, "# %s\n", line);
}

static void print_test(const struct test *test, size_t number, FILE *out)
{
	const bool failed = test->outcome == TEST_FAILED;

	fprintf(out, "%s %zu %s", failed ? "not ok" : "ok", number, test->name);
	if (test->outcome == TEST_SKIPPED)
		fprintf(out, " # SKIP %s", test->text);
	fputc('\n', out);
	if (failed && test->text)
		print_diagnostics(test->text, out);
}

static void print_tests(const struct test_list *list, FILE *out)
{
	size_t total = 0, number = 0;

	for (size_t i = 0; i < list->count; i++)
		total += list->suites[i].count;
	fprintf(out, "KTAP version 1\n1..%zu\n", total);
	for (size_t i = 0; i < list->count; i++)
		for (size_t j = 0; j < list->suites[i].count; j++)
			print_test(&list->suites[i].tests[j], ++number, out);
}

void report_ktap(const json_t *document, FILE *out)
{
	cleanup_test_list struct test_list list = results_tests(document);

	print_tests(&list, out);
}

void comparison_ktap(const json_t *comparison, FILE *out)
{
	cleanup_test_list struct test_list list = comparison_tests(comparison);

	print_tests(&list, out);
}
