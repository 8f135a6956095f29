// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KTAP output. Results: one test per experiment, skipped where the experiment was, and the
 * self-check as the last test of each run. Comparisons: one test per experiment, which fails if
 * the gate does.
 */
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "comparison.h"
#include "document.h"
#include "format.h"
#include "metrics.h"
#include "report.h"

static void print_result(const json_t *result, size_t number, const char *suffix, FILE *out)
{
	const char *status = json_str(result, "status", "-");
	cleanup_free char *name = experiment_test_name(result);
	bool failed = !strcmp(status, "failed");

	fprintf(out, "%s %zu %s%s", failed ? "not ok" : "ok", number, name, suffix);
	if (!strcmp(status, "skipped"))
		fprintf(out, " # SKIP %s", json_str(result, "reason", "skipped"));
	fputc('\n', out);
	if (failed)
		fprintf(out, "# %s\n", json_str(result, "reason", "failed"));
}

void report_ktap(const json_t *document, FILE *out)
{
	const json_t *runs = json_object_get(document, "runs");
	size_t tests = 0, number = 0, i, j;
	json_t *run, *result;

	json_array_foreach(runs, i, run)
		tests += json_array_size(json_at(run, "results")) + 1;
	fprintf(out, "KTAP version 1\n1..%zu\n", tests);
	json_array_foreach(runs, i, run) {
		cleanup_free char *suffix = i ? xasprintf(".run%zu", i + 1) : xstrdup("");

		json_array_foreach(json_at(run, "results"), j, result)
			print_result(result, ++number, suffix, out);
		fprintf(out, "%s %zu self_check%s\n",
			json_flag(run, "environment.self_check.ok") ? "ok" : "not ok", ++number,
			suffix);
	}
}

static bool status_fails(const json_t *experiment)
{
	return json_flag(experiment, "status_fails_gate");
}

static bool any_fails(const json_t *experiment)
{
	json_t *metric, *change;
	size_t i, j;

	json_array_foreach(json_at(experiment, "metrics"), i, metric)
		json_array_foreach(json_at(metric, "changes"), j, change)
			if (json_flag(change, "fails_gate"))
				return true;
	return status_fails(experiment);
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

static void print_failures(const json_t *comparison, const json_t *experiment, FILE *out)
{
	const json_t *inputs = json_at(comparison, "inputs");
	cleanup_free char *statuses = status_text(comparison, experiment);
	json_t *metric, *change;
	size_t i, j;

	if (status_fails(experiment))
		fprintf(out, "# %s\n", statuses);
	json_array_foreach(json_at(experiment, "metrics"), i, metric)
		json_array_foreach(json_at(metric, "changes"), j, change)
			if (json_flag(change, "fails_gate"))
				fprintf(out, "# %s: %s: %s, was %s (%s)\n",
					json_str(json_array_get(inputs, j + 1), "label", "-"),
					json_str(metric, "metric", "-"),
					format_at(change, "value").text,
					format_at(metric, "before").text,
					change_percent(change).text);
}

void comparison_ktap(const json_t *comparison, FILE *out)
{
	const json_t *experiments = json_at(comparison, "experiments");
	json_t *experiment;
	size_t i;

	fprintf(out, "KTAP version 1\n1..%zu\n", json_array_size(experiments));
	json_array_foreach(experiments, i, experiment) {
		cleanup_free char *name = experiment_test_name(experiment);

		fprintf(out, "%s %zu %s%s\n", any_fails(experiment) ? "not ok" : "ok", i + 1, name,
			any_ok(experiment) ? "" : " # SKIP not measured");
		print_failures(comparison, experiment, out);
	}
}
