// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results as an OpenMetrics text file. All metrics are gauges, so that the text collector of
 * Prometheus' node exporter, which knows the older format only, reads the file as well.
 */
#include <ctype.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"
#include "metrics.h"
#include "named_results.h"
#include "report.h"

/* Print a value of a label or the text of a HELP line. */
static void print_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else
			fprintf(out, strchr("\\\"", *text) ? "\\%c" : "%c", *text);
	}
}

static void print_label(const char *separator, const char *name, const json_t *value, FILE *out)
{
	cleanup_strbuf struct strbuf text = STRBUF_INIT;

	if (!value)
		return;
	format_value(&text, value, false);
	fprintf(out, "%s%s=\"", separator, name);
	print_escaped(text.text, out);
	fputc('"', out);
}

static void print_run_labels(const json_t *environment, size_t run, FILE *out)
{
	fprintf(out, "run=\"%zu\"", run + 1);
	for (size_t i = 0; i < run_label_count; i++)
		print_label(",", run_labels[i].title, json_at(environment, run_labels[i].path),
			    out);
}

static void print_result_labels(const struct named_result *named, FILE *out)
{
	static const char *const fields[] = { "facility", "workload", "objects", "object_size" };

	fputs(",experiment=\"", out);
	print_escaped(named->name, out);
	fputc('"', out);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		print_label(",", fields[i], json_at(named->result, fields[i]), out);
}

/* Return the unit of a metric's name, one word, or NULL if it has none; the caller frees it. */
static char *unit_word(const struct metric *metric, const json_t *environment)
{
	char *unit = metric_unit(metric, environment);

	if (!unit)
		return NULL;
	unit[strcspn(unit, " ")] = '\0';
	if (!strcmp(unit, "ns")) {
		free(unit);
		unit = xstrdup("nanoseconds");
	}
	for (char *c = unit; *c; c++)
		*c = isalnum((unsigned char)*c) ? *c : '_';
	return unit;
}

/* Return "kmemlab_alloc_mean_instructions"; the caller frees it. */
static char *family_name(const struct metric *metric, const char *unit)
{
	cleanup_free char *path = xstrdup(metric->path);

	for (char *c = path; *c; c++)
		*c = *c == '.' ? '_' : *c;
	if (!unit || str_ends_with(path, unit))
		return xasprintf("kmemlab_%s", path);
	return xasprintf("kmemlab_%s_%s", path, unit);
}

static void print_head(const char *name, const char *unit, const char *title, const char *help,
		       FILE *out)
{
	fprintf(out, "# TYPE %s gauge\n", name);
	if (unit && *unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
	fprintf(out, "# HELP %s %s", name, title);
	print_escaped(help, out);
	fputc('\n', out);
}

static const json_t *environment_of(const json_t *document, size_t run)
{
	return json_at(json_array_get(json_at(document, "runs"), run), "environment");
}

/* Print the samples of one metric in runs with this unit. */
static void print_metric(const struct named_results *results, const struct metric *metric,
			 const char *unit, FILE *out)
{
	cleanup_free char *name = family_name(metric, unit);
	bool any = false;

	for (size_t i = 0; i < results->count; i++) {
		const struct named_result *named = &results->list[i];
		const json_t *value = named_value(named, metric);
		cleanup_free char *other = unit_word(metric, named->environment);
		cleanup_strbuf struct strbuf text = STRBUF_INIT;

		if (!value || (unit && strcmp(unit, other)))
			continue;
		if (!any) {
			cleanup_free char *title = xasprintf("%s: ", metric->name);

			print_head(name, unit, title, metric_field(metric)->doc, out);
		}
		any = true;
		fprintf(out, "%s{", name);
		print_run_labels(named->environment, named->run, out);
		print_result_labels(named, out);
		format_value(&text, value, false);
		fprintf(out, "} %s\n", text.text);
	}
}

/* Print a metric once for each unit: runs with different clocks may be in one document. */
static void print_metric_units(const json_t *document, const struct named_results *results,
			       const struct metric *metric, FILE *out)
{
	for (size_t run = 0; run < document_runs(document); run++) {
		cleanup_free char *unit = unit_word(metric, environment_of(document, run));
		bool is_new = true;

		for (size_t i = 0; is_new && i < run; i++) {
			cleanup_free char *other = unit_word(metric, environment_of(document, i));

			is_new = unit && strcmp(unit, other);
		}
		if (is_new)
			print_metric(results, metric, unit, out);
	}
}

static void print_count(const json_t *document, size_t run, const char *status, size_t count,
			FILE *out)
{
	fputs("kmemlab_experiments{", out);
	print_run_labels(environment_of(document, run), run, out);
	fprintf(out, ",status=\"%s\"} %zu\n", status, count);
}

static void print_runs(const json_t *document, FILE *out)
{
	print_head("kmemlab_self_check", NULL, "", "1 if the calibration of the run passed, else 0",
		   out);
	for (size_t run = 0; run < document_runs(document); run++) {
		const json_t *environment = environment_of(document, run);

		fputs("kmemlab_self_check{", out);
		print_run_labels(environment, run, out);
		fprintf(out, "} %d\n", json_flag(environment, "self_check.ok"));
	}
	print_head("kmemlab_experiments", NULL, "", "number of experiments with this status", out);
	for (size_t run = 0; run < document_runs(document); run++) {
		json_t *one = document_run(document, run);
		const struct summary summary = summarize(one);

		print_count(document, run, "ok", summary.ok, out);
		print_count(document, run, "skipped", summary.skipped, out);
		print_count(document, run, "failed", summary.failed, out);
		json_decref(one);
	}
}

void report_openmetrics(const json_t *document, FILE *out)
{
	cleanup_named_results struct named_results results = named_results_of(document);

	print_runs(document, out);
	for (size_t i = 0; i < metric_count; i++)
		print_metric_units(document, &results, &metrics[i], out);
	fputs("# EOF\n", out);
}

/*
 * Results as github-action-benchmark's "customSmallerIsBetter": what a comparison judges of each
 * experiment, without metrics of which more is better.
 */
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
