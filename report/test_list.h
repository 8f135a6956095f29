/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KTAP, which also shows the tests of benchmark modules and the verdicts of check. */
#ifndef KMEMLAB_REPORT_TEST_LIST_H
#define KMEMLAB_REPORT_TEST_LIST_H

#include <stddef.h>
#include <stdio.h>

enum test_outcome { TEST_PASSED, TEST_SKIPPED, TEST_FAILED, TEST_OUTCOMES };

enum test_outcome test_outcome(const char *status);	/* "failed", "skipped", otherwise passed */

/* Begin KTAP with this number of tests. */
void ktap_plan(size_t count, FILE *out);

/* Write a test; numbers start at 1. text: lines with the reason of the outcome, or NULL. */
void ktap_test(size_t number, const char *name, enum test_outcome outcome, const char *text,
	       FILE *out);

#endif
