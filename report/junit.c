// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests as JUnit XML. No test has a time: an instruction count is none, and the experiments are
 * not timed one by one.
 */
#include <string.h>

#include "comparison.h"
#include "report.h"
#include "table.h"
#include "test_list.h"

/*
 * Print the text of an attribute or element. XML has no control characters but tab, carriage
 * return and newline, not even escaped ones, and neither U+FFFE nor U+FFFF.
 */
static void xml_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		const unsigned char c = *text;

		if (!strncmp(text, "\xef\xbf\xbe", 3) || !strncmp(text, "\xef\xbf\xbf", 3))
			text += 2;
		else if (strchr("&<>\"'\t\r\n", c))
			fprintf(out, "&#%d;", c);
		else if (c >= 0x20)
			fputc(c, out);
	}
}

static void print_attribute(const char *name, const char *value, FILE *out)
{
	fprintf(out, " %s=\"", name);
	xml_text(value, out);
	fputc('"', out);
}

static void print_counts(const struct test_suite *suites, size_t count, FILE *out)
{
	size_t tests = 0, failures = 0, skipped = 0;

	for (size_t i = 0; i < count; i++) {
		tests += suites[i].count;
		failures += suite_tests(&suites[i], TEST_FAILED);
		skipped += suite_tests(&suites[i], TEST_SKIPPED);
	}
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", tests,
		failures, skipped);
}

static void print_test(const struct test_suite *suite, const struct test *test, FILE *out)
{
	static const char *const elements[TEST_OUTCOMES] = {
		[TEST_SKIPPED] = "skipped", [TEST_FAILED] = "failure",
	};
	const char *element = elements[test->outcome];

	fputs("  <testcase", out);
	print_attribute("classname", suite->name, out);
	print_attribute("name", test->name, out);
	if (!element) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, ">\n   <%s", element);
	print_attribute("message", test->text ?: "failed", out);
	fputs("/>\n  </testcase>\n", out);
}

static void print_tests(const struct test_list *list, FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kmemlab\"", out);
	print_counts(list->suites, list->count, out);
	for (size_t i = 0; i < list->count; i++) {
		const struct test_suite *suite = &list->suites[i];

		fputs(" <testsuite", out);
		print_attribute("name", suite->name, out);
		print_counts(suite, 1, out);
		for (size_t j = 0; j < suite->count; j++)
			print_test(suite, &suite->tests[j], out);
		fputs(" </testsuite>\n", out);
	}
	fputs("</testsuites>\n", out);
}

void report_junit(const json_t *document, FILE *out)
{
	cleanup_test_list struct test_list list = results_tests(document);

	print_tests(&list, out);
}

void comparison_junit(const json_t *comparison, FILE *out)
{
	cleanup_test_list struct test_list list = comparison_tests(comparison);

	print_tests(&list, out);
}
