// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results and comparisons as tests, in KTAP and JUnit XML. Results: one test per experiment,
 * skipped where the experiment was, and the self-check as the last test of each run. Comparisons:
 * one test per experiment, which fails if the gate does.
 */
#include "test_list.h"

#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "comparison.h"
#include "document.h"
#include "metrics.h"
#include "named_results.h"
#include "report.h"
#include "table.h"

struct test {
	char *name;	/* unique in the list: "kmalloc.pair.2000x32.run2" */
	enum test_outcome outcome;
	char *text;	/* lines with the reason of the outcome, or NULL */
};

/* The tests of one run, or of a comparison. */
struct test_suite {
	char *name;
	struct test *tests;
	size_t count;
};

struct test_list {
	struct test_suite *suites;
	size_t count;
};

#define cleanup_test_list	__attribute__((cleanup(test_list_release)))

static struct test_suite *add_suite(struct test_list *list, char *name)
{
	struct test_suite *suite = array_add(&list->suites, &list->count);

	suite->name = name;
	return suite;
}

/* Takes ownership of name. text may be NULL. */
static void add_test(struct test_suite *suite, char *name, enum test_outcome outcome,
		     const char *text)
{
	*array_add(&suite->tests, &suite->count) = (struct test) {
		name, outcome, text ? xstrdup(text) : NULL
	};
}

enum test_outcome test_outcome(const char *status)
{
	return !strcmp(status, "failed") ? TEST_FAILED :
	       !strcmp(status, "skipped") ? TEST_SKIPPED : TEST_PASSED;
}

static void add_result(struct test_suite *suite, const struct named_result *named)
{
	const char *status = json_str(named->result, "status", "-");
	const enum test_outcome outcome = test_outcome(status);

	add_test(suite, xstrdup(named->name), outcome, outcome == TEST_PASSED ? NULL :
		 json_str(named->result, "reason", status));
}

static void add_self_check(struct test_suite *suite, const json_t *environment, size_t run)
{
	cleanup_free char *suffix = run_suffix(run);

	add_test(suite, xasprintf("self_check%s", suffix),
		 json_flag(environment, "self_check.ok") ? TEST_PASSED : TEST_FAILED, NULL);
}

static char *run_title(const json_t *environment, size_t run)
{
	cleanup_free char *suffix = run_suffix(run);

	return xasprintf("%s %s%s", json_str(environment, "kernel.release", "-"),
			 json_str(environment, "kernel.arch", "-"), suffix);
}

static struct test_list results_tests(const json_t *document)
{
	cleanup_named_results struct named_results results = named_results_of(document);
	struct test_list list = { 0 };
	size_t next = 0;

	for (size_t run = 0; run < document_runs(document); run++) {
		const json_t *entry = json_array_get(json_at(document, "runs"), run);
		const json_t *environment = json_at(entry, "environment");
		struct test_suite *suite = add_suite(&list, run_title(environment, run));

		for (; next < results.count && results.list[next].run == run; next++)
			add_result(suite, &results.list[next]);
		add_self_check(suite, environment, run);
	}
	return list;
}

static bool any_ok(const json_t *experiment)
{
	json_t *status;
	size_t i;

	json_array_foreach(json_at(experiment, "status"), i, status)
		if (!strcmp(json_string_value(status), "ok"))
			return true;
	return false;
}

/* Append a line for each change that fails the gate. */
static void add_failures(struct strbuf *text, const json_t *comparison, const json_t *metric)
{
	const json_t *inputs = json_at(comparison, "inputs");
	json_t *change;
	size_t i;

	json_array_foreach(json_at(metric, "changes"), i, change) {
		if (!json_flag(change, "fails_gate"))
			continue;
		strbuf_separate(text, "\n");
		strbuf_addf(text, "%s: %s: %s, was %s (%s)",
			    json_str(json_array_get(inputs, i + 1), "label", "-"),
			    json_str(metric, "metric", "-"), format_at(change, "value").text,
			    format_at(metric, "before").text, change_percent(change).text);
	}
}

static void add_experiment(struct test_suite *suite, const json_t *comparison,
			   const json_t *experiment)
{
	cleanup_strbuf struct strbuf failures = STRBUF_INIT;
	json_t *metric;
	size_t i;

	if (json_flag(experiment, "status_fails_gate")) {
		cleanup_free char *statuses = status_text(comparison, experiment);

		strbuf_addstr(&failures, statuses ?: "");
	}
	json_array_foreach(json_at(experiment, "metrics"), i, metric)
		add_failures(&failures, comparison, metric);
	if (failures.length)
		add_test(suite, experiment_test_name(experiment), TEST_FAILED, failures.text);
	else if (any_ok(experiment))
		add_test(suite, experiment_test_name(experiment), TEST_PASSED, NULL);
	else
		add_test(suite, experiment_test_name(experiment), TEST_SKIPPED, "not measured");
}

static struct test_list comparison_tests(const json_t *comparison)
{
	cleanup_strbuf struct strbuf labels = STRBUF_INIT;
	struct test_list list = { 0 };
	struct test_suite *suite;
	json_t *input, *experiment;
	size_t i;

	json_array_foreach(json_at(comparison, "inputs"), i, input) {
		strbuf_separate(&labels, ", ");
		strbuf_addstr(&labels, json_str(input, "label", "-"));
	}
	suite = add_suite(&list, xasprintf("compare %s", labels.text));
	json_array_foreach(json_at(comparison, "experiments"), i, experiment)
		add_experiment(suite, comparison, experiment);
	return list;
}

static void test_list_release(struct test_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct test_suite *suite = &list->suites[i];

		for (size_t j = 0; j < suite->count; j++) {
			free(suite->tests[j].name);
			free(suite->tests[j].text);
		}
		free(suite->tests);
		free(suite->name);
	}
	free(list->suites);
}

/* Return the number of tests with this outcome. */
static size_t suite_tests(const struct test_suite *suite, enum test_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < suite->count; i++)
		count += suite->tests[i].outcome == outcome;
	return count;
}

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

static void print_ktap(const struct test_list *list, FILE *out)
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

	print_ktap(&list, out);
}

void comparison_ktap(const json_t *comparison, FILE *out)
{
	cleanup_test_list struct test_list list = comparison_tests(comparison);

	print_ktap(&list, out);
}

/*
 * JUnit XML: no test has a time, because an instruction count is none, and the experiments are not
 * timed one by one.
 *
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

static void print_junit_counts(const struct test_suite *suites, size_t count, FILE *out)
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

static void print_junit_test(const struct test_suite *suite, const struct test *test, FILE *out)
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

static void print_junit(const struct test_list *list, FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kmemlab\"", out);
	print_junit_counts(list->suites, list->count, out);
	for (size_t i = 0; i < list->count; i++) {
		const struct test_suite *suite = &list->suites[i];

		fputs(" <testsuite", out);
		print_attribute("name", suite->name, out);
		print_junit_counts(suite, 1, out);
		for (size_t j = 0; j < suite->count; j++)
			print_junit_test(suite, &suite->tests[j], out);
		fputs(" </testsuite>\n", out);
	}
	fputs("</testsuites>\n", out);
}

void report_junit(const json_t *document, FILE *out)
{
	cleanup_test_list struct test_list list = results_tests(document);

	print_junit(&list, out);
}

void comparison_junit(const json_t *comparison, FILE *out)
{
	cleanup_test_list struct test_list list = comparison_tests(comparison);

	print_junit(&list, out);
}
