/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results and comparisons as tests, in KTAP and JUnit XML. Results: one test per experiment, skipped where the experiment
 * was, and the self-check as the last test of each run. Comparisons: one test per experiment,
 * which fails if the gate does.
 */
#ifndef KMEMLAB_REPORT_TEST_LIST_H
#define KMEMLAB_REPORT_TEST_LIST_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

enum test_outcome { TEST_PASSED, TEST_SKIPPED, TEST_FAILED, TEST_OUTCOMES };

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

struct test_list results_tests(const json_t *document);
struct test_list comparison_tests(const json_t *comparison);
void test_list_release(struct test_list *list);

/* Return the number of tests with this outcome. */
size_t suite_tests(const struct test_suite *suite, enum test_outcome outcome);

enum test_outcome test_outcome(const char *status);	/* "failed", "skipped", otherwise passed */

/* Begin KTAP with this number of tests, and write a test; numbers start at 1. */
void ktap_plan(size_t count, FILE *out);
void ktap_test(size_t number, const char *name, enum test_outcome outcome, const char *text,
	       FILE *out);

#endif
