/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output of kmemlab bench, from its document (kmemlab.bench/1). */
#ifndef KMEMLAB_REPORT_BENCH_H
#define KMEMLAB_REPORT_BENCH_H

#include <stdio.h>

#include <jansson.h>

/* Print the kernel log, the tests, and the unit of the module's own figures. */
void bench_text(const json_t *document, FILE *out);

void bench_ktap(const json_t *document, FILE *out);	/* one test for each of the module's */

#endif
