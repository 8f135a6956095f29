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

void ktap_plan(size_t count, FILE *out)
{
	fprintf(out, "KTAP version 1\n1..%zu\n", count);
}

void ktap_test(size_t number, const char *name, enum test_outcome outcome, const char *text,
	       FILE *out)
{
	const bool failed = outcome == TEST_FAILED;

	fprintf(out, "%s %zu %s", failed ? "not ok" : "ok", number, name);
	if (outcome == TEST_SKIPPED)
		fprintf(out, " # SKIP %s", text);
	fputc('\n', out);
	if (failed && text)
		print_diagnostics(text, out);
}

static void print_tests(const struct test_list *list, FILE *out)
{
	size_t total = 0, number = 0;

	for (size_t i = 0; i < list->count; i++)
		total += list->suites[i].count;
	ktap_plan(total, out);
	for (size_t i = 0; i < list->count; i++) {
		const struct test_suite *suite = &list->suites[i];

		for (size_t j = 0; j < suite->count; j++)
			ktap_test(++number, suite->tests[j].name, suite->tests[j].outcome,
				  suite->tests[j].text, out);
	}
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
