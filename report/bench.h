/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output of kmemlab bench, from its document (kmemlab.bench/1). */
#ifndef KMEMLAB_REPORT_BENCH_H
#define KMEMLAB_REPORT_BENCH_H

#include <stdio.h>

#include <jansson.h>

/* Print the kernel log, the tests, and the unit of the module's own figures. */
void bench_text(const json_t *document, FILE *out);

void bench_ktap(const json_t *document, FILE *out);	/* one test for each of the module's */

/*
 * Return the tests as an array of {name, status, reason}, empty if the log has no KTAP. Lines are
 * those of dmesg. A name is "suite.test"; status is ok, skipped or failed. A suite is in the array
 * only if it has no tests, or failed although none of its tests did, or if its results are not as
 * many as its plan says. In that case it is failed, and the reason has the numbers; the list of all
 * suites is named "plan".
 */
json_t *ktap_parse(const json_t *lines);

#endif
