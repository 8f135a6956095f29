// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

void report_json(const json_t *document, FILE *out)
{
	/* 12 digits: a mean of 10 million samples stays exact, 0.1 stays 0.1. */
	json_dumpf(document, out, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', out);
}
