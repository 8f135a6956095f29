// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results as github-action-benchmark's "customSmallerIsBetter": what a comparison judges of each
 * experiment, without metrics of which more is better.
 */
#include "base/json_path.h"
#include "base/memory.h"
#include "metrics.h"
#include "named_results.h"
#include "report.h"

static json_t *benchmark(const struct named_result *named, const struct metric *metric)
{
	cleanup_free char *title = experiment_title(named->result);
	cleanup_free char *unit = metric_unit(metric, named->environment);
	cleanup_free char *name = xasprintf("%s %s", named->name, metric->name);
	cleanup_free char *extra = xasprintf("%s: Linux %s, %s", title,
					     json_str(named->environment, "kernel.release", "-"),
					     json_str(named->environment, "kernel.arch", "-"));

	return json_pack("{s:s, s:s, s:O, s:s}", "name", name, "unit", unit ?: "", "value",
			 named_value(named, metric), "extra", extra);
}

void report_benchmark_json(const json_t *document, FILE *out)
{
	cleanup_named_results struct named_results results = named_results_of(document);
	json_t *list = json_array();

	for (size_t i = 0; i < results.count; i++) {
		for (size_t m = 0; m < metric_count; m++) {
			const struct metric *metric = &metrics[m];

			if ((metric->kind != METRIC_COST && metric->kind != METRIC_MEMORY) ||
			    metric->more_is_better || !named_value(&results.list[i], metric))
				continue;
			json_array_append_new(list, benchmark(&results.list[i], metric));
		}
	}
	report_json(list, out);
	json_decref(list);
}
