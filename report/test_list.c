// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_list.h"

#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "comparison.h"
#include "document.h"
#include "metrics.h"
#include "named_results.h"

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

struct test_list results_tests(const json_t *document)
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

struct test_list comparison_tests(const json_t *comparison)
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

void test_list_release(struct test_list *list)
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

size_t suite_tests(const struct test_suite *suite, enum test_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < suite->count; i++)
		count += suite->tests[i].outcome == outcome;
	return count;
}
