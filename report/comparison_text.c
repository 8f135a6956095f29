// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as text, and the table and sentences that its Markdown page prints as well. */
#include "comparison.h"

#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"

static struct format with_sign(struct format number, double value)
{
	struct format result = number;

	if (value > 0)
		snprintf(result.text, sizeof(result.text), "+%.*s", FORMAT_MAX - 2, number.text);
	return result;
}

struct format percent_with_sign(double percent)
{
	if (fabs(percent) < 0.05)
		return percent < 0 ? (struct format) { "-<0.1 %" } : (struct format) { "+<0.1 %" };
	return with_sign(format_share(percent / 100), percent);
}

struct format change_percent(const json_t *change)
{
	const json_t *percent = json_at(change, "change_percent");

	if (!json_is_object(change))
		return (struct format) { "-" };
	if (!json_flag(change, "significant"))
		return (struct format) { "=" };
	return percent ? percent_with_sign(json_number_value(percent)) : (struct format) { "new" };
}

static bool any_change(const json_t *metric, const char *flag)
{
	json_t *change;
	size_t i;

	json_array_foreach(json_at(metric, "changes"), i, change)
		if (json_flag(change, flag))
			return true;
	return false;
}

static bool metric_is(const json_t *metric, enum metric_kind kind)
{
	return json_is(metric, "kind", metric_kind_names[kind]);
}

/*
 * Return true if metric i of an experiment has a row. Tails have one only if they fail the gate
 * or if the listing is verbose, parts only below their mean.
 */
static bool metric_is_shown(const json_t *metrics, size_t i, bool verbose)
{
	const json_t *metric = json_array_get(metrics, i);

	if (any_change(metric, "fails_gate"))
		return true;
	if (!any_change(metric, "significant") || (metric_is(metric, METRIC_TAIL) && !verbose))
		return false;
	if (!metric_is(metric, METRIC_PART))
		return true;
	while (i && metric_is(json_array_get(metrics, i), METRIC_PART))
		i--;
	return metric_is_shown(metrics, i, verbose);
}

/* Return true if all inputs have results of the experiment. */
static bool experiment_is_measured(const json_t *experiment)
{
	json_t *status;
	size_t i;

	json_array_foreach(json_at(experiment, "status"), i, status)
		if (strcmp(json_string_value(status), "ok"))
			return false;
	return true;
}

bool experiment_has_rows(const json_t *experiment, bool verbose)
{
	const json_t *metrics = json_at(experiment, "metrics");

	for (size_t i = 0; i < json_array_size(metrics); i++)
		if (metric_is_shown(metrics, i, verbose))
			return true;
	return false;
}

static bool experiment_is_unchanged(const json_t *experiment, bool verbose)
{
	return !experiment_has_rows(experiment, verbose) && experiment_is_measured(experiment);
}

static void add_metric(struct table *table, const char *title, const json_t *metric)
{
	const json_t *changes = json_at(metric, "changes");
	bool two = json_array_size(changes) == 1;
	json_t *change;
	size_t i;

	table_cell(table, title);
	table_cell(table, json_str(metric, "metric", "-"));
	table_cell(table, format_at(metric, "before").text);
	json_array_foreach(changes, i, change) {
		table_cell(table, format_at(change, "value").text);
		if (two)
			table_cell(table, with_sign(format_at(change, "change"),
						    json_num(change, "change", 0)).text);
		table_cell(table, change_percent(change).text);
		if (json_flag(change, "fails_gate"))
			table_cell_class(table, "bad");
		if (json_flag(change, "significant"))
			table_cell_style(table, json_flag(change, "regression") ? STYLE_RED :
					 STYLE_GREEN);
		if (two)
			table_cell(table, format_at(change, "noise").text);
	}
}

struct table changes_table(const json_t *comparison, bool verbose)
{
	const json_t *inputs = json_at(comparison, "inputs");
	bool two = json_array_size(inputs) == 2;
	struct table table = { .has_sections = true };
	json_t *input, *experiment, *metric;
	size_t i, j;

	table_columns(&table, "<experiment|<metric");
	json_array_foreach(inputs, i, input) {
		table_column(&table, NULL, json_str(input, "label", "-"), NULL, TABLE_RIGHT);
		if (i && two)
			table_column(&table, NULL, "change", NULL, TABLE_RIGHT);
		if (i)
			table_column(&table, NULL, "percent", NULL, TABLE_RIGHT);
		if (i && two)
			table_column(&table, NULL, "noise", NULL, TABLE_RIGHT);
	}
	json_array_foreach(json_at(comparison, "experiments"), i, experiment) {
		cleanup_free char *title = experiment_title(experiment);

		json_array_foreach(json_at(experiment, "metrics"), j, metric)
			if (metric_is_shown(json_at(experiment, "metrics"), j, verbose))
				add_metric(&table, title, metric);
	}
	return table;
}

/* Return true if no input was measured, all for the same reason. */
static bool reasons_are_equal(const json_t *experiment)
{
	const json_t *reasons = json_at(experiment, "reason");
	json_t *reason;
	size_t i;

	json_array_foreach(reasons, i, reason)
		if (!json_equal(reason, json_array_get(reasons, 0)))
			return false;
	return true;
}

char *status_text(const json_t *comparison, const json_t *experiment)
{
	const json_t *inputs = json_at(comparison, "inputs");
	const json_t *reasons = json_at(experiment, "reason");
	const bool all = !json_flag(experiment, "status_differs") && reasons_are_equal(experiment);
	struct strbuf text = STRBUF_INIT;
	json_t *status;
	size_t i;

	if (experiment_is_measured(experiment))
		return NULL;
	json_array_foreach(json_at(experiment, "status"), i, status) {
		const char *reason = json_string_value(json_array_get(reasons, i));

		strbuf_separate(&text, ", ");
		strbuf_addf(&text, "%s: %s%s%s%s", all ? "all inputs" :
			    json_str(json_array_get(inputs, i), "label", "-"),
			    json_string_value(status), reason ? " (" : "", reason ?: "",
			    reason ? ")" : "");
		if (all)
			break;
	}
	return strbuf_detach(&text);
}

/* Kinds of noise by increasing uncertainty. The most uncertain one describes the comparison. */
static const struct {
	const char *kind, *text;
} noise_kinds[] = {
	{ "none", "No experiment was measured in all inputs." },
	{ "exact", "Identical binaries: there is no noise, every difference is real." },
	{ "layouts", "Noise: spread over boots with different memory layouts and histories; "
		     "changes within it are not shown." },
	{ "unknown", "One boot each: the effect of the memory layout is unknown (measure it with "
		     "--layouts 5)." },
	{ "interval", "Noise: half of the 95 % confidence interval of the change over boots." },
	{ "too_few_boots",
	  "Timed with one boot each: no change can be significant (use --layouts 5)." },
};

const char *comparison_noise_text(const json_t *comparison)
{
	json_t *experiment, *metric, *change;
	size_t i, j, k, n, found = 0;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment)
		json_array_foreach(json_at(experiment, "metrics"), j, metric)
			json_array_foreach(json_at(metric, "changes"), k, change)
				for (n = found + 1; n < ARRAY_SIZE(noise_kinds); n++)
					if (!strcmp(noise_kinds[n].kind,
						    json_str(change, "noise_kind", "")))
						found = n;
	return noise_kinds[found].text;
}

char *comparison_gate_text(const json_t *comparison)
{
	double above = json_num(comparison, "gate.above_percent", 0);
	size_t failures = comparison_gate_failures(comparison), i;
	struct strbuf kinds cleanup_strbuf = STRBUF_INIT;
	json_t *kind;

	if (!json_at(comparison, "gate"))
		return NULL;
	json_array_foreach(json_at(comparison, "gate.kinds"), i, kind) {
		strbuf_separate(&kinds, ", ");
		strbuf_addstr(&kinds, json_string_value(kind));
	}
	if (!failures)
		return xasprintf("Gate: passed; no significant regression above %g %% in %s.",
				 above, kinds.text);
	return xasprintf("Gate: FAILED; %s (above %g %% in %s, or no longer measured).",
			 format_counted(failures, "regression").text, above, kinds.text);
}

char *comparison_difference_text(const json_t *difference)
{
	struct strbuf text = STRBUF_INIT;
	json_t *value;
	size_t i;

	strbuf_addf(&text, "%s: ", json_str(difference, "field", "-"));
	json_array_foreach(json_at(difference, "values"), i, value) {
		cleanup_free char *other = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		strbuf_addf(&text, "%s%s", i ? " | " : "", json_is_null(value) ? "-" :
			    json_is_string(value) ? json_string_value(value) : other);
	}
	if (json_flag(difference, "matters"))
		strbuf_addstr(&text, " (affects the comparison)");
	return strbuf_detach(&text);
}

static void print_head(const json_t *comparison, FILE *out)
{
	json_t *input, *difference;
	size_t i;

	json_array_foreach(json_at(comparison, "inputs"), i, input)
		fprintf(out, "%s %s: Linux %s, %s, %s\n", i ? "Compared:" : "Baseline:",
			json_str(input, "label", "-"), json_str(input, "kernel", "-"),
			json_str(input, "arch", "-"),
			format_counted(json_int(input, "boots", 0), "boot").text);
	fprintf(out, "Costs in %s; means per object, with deferred work, and their parts; p50 per "
		"operation\n", unit_name(json_str(comparison, "clock_unit", "-")));
	json_array_foreach(json_at(comparison, "environment_differences"), i, difference) {
		cleanup_free char *text = comparison_difference_text(difference);

		fprintf(out, "%s%s\n", i ? "         " : "Differs: ", text);
	}
}

size_t count_unchanged(const json_t *comparison, bool verbose)
{
	json_t *experiment;
	size_t i, count = 0;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment)
		count += experiment_is_unchanged(experiment, verbose);
	return count;
}

static void print_unchanged(const json_t *comparison, bool verbose, FILE *out)
{
	const json_t *experiments = json_at(comparison, "experiments");
	size_t count = count_unchanged(comparison, verbose), column, i;
	json_t *experiment;

	if (!count)
		return;
	if (count > 1 && count == json_array_size(experiments)) {
		fprintf(out, "No significant change in any of %zu experiments.\n", count);
		return;
	}
	column = fprintf(out, "No significant change in %zu of %zu experiments:", count,
			 json_array_size(experiments));
	json_array_foreach(experiments, i, experiment) {
		cleanup_free char *title = experiment_title(experiment);

		if (!experiment_is_unchanged(experiment, verbose))
			continue;
		if (column + strlen(title) + 2 > terminal_width(out, LINE_WIDTH))
			column = fprintf(out, "\n  ") - 1;
		column += fprintf(out, " %s%s", title, --count ? ";" : "");
	}
	fputc('\n', out);
}

void comparison_table(const json_t *comparison, bool verbose, FILE *out)
{
	cleanup_table struct table table = changes_table(comparison, verbose);
	cleanup_free char *gate = comparison_gate_text(comparison);
	json_t *experiment;
	size_t i;

	print_head(comparison, out);
	fputc('\n', out);
	if (table.cell_count) {
		table_text(&table, "", out);
		fputc('\n', out);
	}
	json_array_foreach(json_at(comparison, "experiments"), i, experiment) {
		cleanup_free char *statuses = status_text(comparison, experiment);
		cleanup_free char *title = experiment_title(experiment);

		if (statuses)
			fprintf(out, "%s: %s\n", title, statuses);
	}
	print_unchanged(comparison, verbose, out);
	fprintf(out, "%s\n", comparison_noise_text(comparison));
	if (gate)
		print_outcome(gate, comparison_gate_failures(comparison), out);
}
