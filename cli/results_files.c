// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/results_files.h"

#include "base/memory.h"
#include "cli/output_file.h"
#include "report/report.h"

enum exit_code results_files_write(const struct options *options, const json_t *document,
				   size_t *count, bool *is_stdout_free)
{
	const struct output outputs[] = {
		{ options->json, report_json },
		{ options->csv, report_csv },
		{ options->csv_long, report_csv_long },
		{ options->ktap, report_ktap },
		{ options->junit, report_junit },
		{ options->openmetrics, report_openmetrics },
		{ options->benchmark_json, report_benchmark_json },
		{ options->html, report_html },
	};

	*count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
		*count += !!outputs[i].path;
	return outputs_write(outputs, ARRAY_SIZE(outputs), document, is_stdout_free);
}
