// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as an HTML page: a summary by facility, and all changes on one scale. */
#include "comparison.h"

#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "html.h"

/* Rows of each kind of metric: more are too much for a page; the JSON document has all. */
#define CHANGES_MAX	300

/* Larger changes are drawn at the end of the scale, or one of them would flatten all others. */
#define PERCENT_MAX	200

/* A metric with a change, as one row. */
struct row {
	const json_t *experiment, *metric;
	size_t index;		/* in the document */
	unsigned int rank;	/* of its kind: cost first */
	double size;		/* largest change in percent */
	bool significant;
};

struct rows {
	struct row *list;
	size_t count, dropped;
};

static const enum metric_kind kind_order[METRIC_KINDS] = {
	METRIC_COST, METRIC_MEMORY, METRIC_CONTIGUITY, METRIC_P50, METRIC_TAIL, METRIC_PART,
	METRIC_BYTES,
};

/* Kinds of the pictures; the others explain these. */
#define MAIN_KINDS	3

static unsigned int rank_of(const json_t *metric)
{
	unsigned int rank = 0;

	while (rank < METRIC_KINDS - 1 &&
	       !json_is(metric, "kind", metric_kind_names[kind_order[rank]]))
		rank++;
	return rank;
}

static double percent_at(const json_t *change)
{
	return json_num(change, "change_percent", NAN);
}

/* A metric that was 0 before has no percentage, but its change comes first. */
static double size_of(const json_t *change)
{
	if (!json_num(change, "change", 0))
		return 0;
	return json_at(change, "change_percent") ? fabs(percent_at(change)) : 1e6;
}

static void add_row(struct rows *rows, const json_t *experiment, const json_t *metric)
{
	struct row row = { experiment, metric, rows->count, rank_of(metric), 0, false };
	json_t *change;
	size_t i;

	json_array_foreach(json_at(metric, "changes"), i, change) {
		row.size = fmax(row.size, size_of(change));
		row.significant |= json_flag(change, "significant");
	}
	if (row.size > 0)
		*array_add(&rows->list, &rows->count) = row;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *first = a, *second = b;

	if (first->significant != second->significant)
		return first->significant ? -1 : 1;
	if (first->rank != second->rank)
		return first->rank < second->rank ? -1 : 1;
	if (first->size != second->size)
		return first->size > second->size ? -1 : 1;
	return first->index < second->index ? -1 : 1;
}

/* Keep the largest changes of each kind. */
static void drop_small(struct rows *rows)
{
	size_t counts[METRIC_KINDS] = { 0 }, kept = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (++counts[rows->list[i].rank] <= CHANGES_MAX)
			rows->list[kept++] = rows->list[i];
	rows->dropped = rows->count - kept;
	rows->count = kept;
}

static struct rows rows_build(const json_t *comparison, bool main)
{
	struct rows rows = { 0 };
	json_t *experiment, *metric;
	size_t i, j;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment)
		json_array_foreach(json_at(experiment, "metrics"), j, metric)
			if ((rank_of(metric) < MAIN_KINDS) == main)
				add_row(&rows, experiment, metric);
	if (rows.count)
		qsort(rows.list, rows.count, sizeof(*rows.list), compare_rows);
	drop_small(&rows);
	return rows;
}

enum direction {
	BETTER, NEITHER, WORSE,
};

/* Return the CSS class of a dot; the last input's is larger. */
static struct format dot_class(enum direction direction, bool significant, bool last)
{
	static const char *const colors[] = { "a", "n", "f" };
	struct format class;

	snprintf(class.text, sizeof(class.text), "%s%s%s", colors[direction],
		 significant ? "" : " h", last ? "" : " s");
	return class;
}

/* Print the key of the dots for a number of inputs besides the first one. */
static void print_key(size_t others, FILE *out)
{
	html_key("a", "better", out);
	html_key("f", "worse", out);
	html_key("n", "neither", out);
	html_key("a h", "hollow, and in parentheses: not significant", out);
	if (others > 1)
		fputs("Large: the last input. ", out);
}

static bool more_is_better(const json_t *metric)
{
	for (size_t i = 0; i < metric_count; i++)
		if (!strcmp(metrics[i].name, json_str(metric, "metric", "")))
			return metrics[i].more_is_better;
	return false;
}

static enum direction change_direction(const json_t *metric, double percent)
{
	if (!percent)
		return NEITHER;
	return (percent > 0) == more_is_better(metric) ? BETTER : WORSE;
}

static void print_dots(const json_t *metric, const struct html_scale *scale, FILE *out)
{
	const json_t *changes = json_at(metric, "changes");
	double low = 0, high = 0;
	json_t *change;
	size_t i;

	json_array_foreach(changes, i, change) {
		low = fmin(low, json_num(change, "change_percent", 0));
		high = fmax(high, json_num(change, "change_percent", 0));
	}
	html_track_begin(scale, out);
	html_bar(scale, low, high, "", out);
	html_bar(scale, 0, 0, "z", out);
	json_array_foreach(changes, i, change)
		if (json_is_object(change) && !isnan(percent_at(change)))
			html_dot(scale, percent_at(change),
				 dot_class(change_direction(metric, percent_at(change)),
					   json_flag(change, "significant"),
					   i + 1 == json_array_size(changes)).text, out);
	html_track_end(out);
}

/* Return "+1.7 %", or "(+1.7 %)" if it is not significant. */
static struct format signed_percent(double percent, bool significant)
{
	struct format text;

	snprintf(text.text, sizeof(text.text), significant ? "%+.1f %%" : "(%+.1f %%)", percent);
	return text;
}

/* Return "+1.7 %" or "new", in parentheses if it is not significant. */
static struct format percent_text(const json_t *change)
{
	double percent = percent_at(change);

	if (!json_is_object(change) || json_flag(change, "significant") ||
	    !json_num(change, "change", 0))
		return change_percent(change);
	if (isnan(percent))
		return (struct format) { "(new)" };
	if (fabs(percent) < 0.05)
		return percent < 0 ? (struct format) { "(-<0.1 %)" } :
				     (struct format) { "(+<0.1 %)" };
	return signed_percent(percent, false);
}

static const char *direction_of(const struct row *row)
{
	json_t *change;
	size_t i;

	if (!row->significant)
		return "not significant";
	json_array_foreach(json_at(row->metric, "changes"), i, change)
		if (json_flag(change, "regression"))
			return "worse";
	return "better";
}

static void print_row(const struct row *row, const struct html_scale *scale, FILE *out)
{
	cleanup_free char *title = experiment_title(row->experiment);
	json_t *change;
	size_t i;

	html_printf(out, "<tr data-kind=\"%s\" data-change=\"%s\"><th "
		    "scope=\"row\">%s</th><td>%s</td>", metric_kind_names[kind_order[row->rank]],
		    direction_of(row), title, json_str(row->metric, "metric", "-"));
	if (scale)
		print_dots(row->metric, scale, out);
	fprintf(out, "<td>%s</td>", format_at(row->metric, "before").text);
	json_array_foreach(json_at(row->metric, "changes"), i, change) {
		fprintf(out, "<td title=\"%s\"%s>", format_at(change, "value").text,
			json_flag(change, "fails_gate") ? " class=\"bad\"" : "");
		html_printf(out, "%s</td>", percent_text(change).text);
	}
	if (json_array_size(json_at(row->metric, "changes")) == 1)
		fprintf(out, "<td>%s</td>",
			format_at(json_array_get(json_at(row->metric, "changes"), 0), "value").text);
	fputs("</tr>\n", out);
}

/* Print the label of an input, and its kernel unless the label names it. */
static void print_label(const json_t *input, FILE *out)
{
	const char *label = json_str(input, "label", "-"), *kernel = json_str(input, "kernel", "-");
	cleanup_free char *version = xstrndup(kernel, strcspn(kernel, "-+"));

	html_text(label, out);
	if (strncmp(label, kernel, strlen(label)))
		html_printf(out, ": %s", version);
}

static void print_head(const json_t *comparison, const struct html_scale *scale, FILE *out)
{
	json_t *input;
	size_t i;

	fputs("<thead><tr><th>experiment</th><th>metric</th>", out);
	if (scale)
		html_axis(scale, " %", out);
	json_array_foreach(json_at(comparison, "inputs"), i, input) {
		fputs("<th>", out);
		print_label(input, out);
		fputs(i ? ", change</th>" : "</th>", out);
	}
	if (i == 2)
		fputs("<th>value</th>", out);
	fputs("</tr></thead>\n<tbody>\n", out);
}

static struct html_scale percent_scale(double low, double high)
{
	return html_scale_linear(fmax(fmin(low, 0), -100), fmin(fmax(high, 0), PERCENT_MAX));
}

static struct html_scale rows_scale(const struct rows *rows)
{
	double low = 0, high = 0;
	json_t *change;
	size_t i;

	for (size_t r = 0; r < rows->count; r++)
		json_array_foreach(json_at(rows->list[r].metric, "changes"), i, change) {
			low = fmin(low, json_num(change, "change_percent", 0));
			high = fmax(high, json_num(change, "change_percent", 0));
		}
	return percent_scale(low, high);
}

static void print_rows(const json_t *comparison, const struct rows *rows, bool picture, FILE *out)
{
	struct html_scale scale = rows_scale(rows);

	fprintf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">"
		"<table class=\"%ssort filter\">\n", picture ? "Changes" : "Other changes",
		picture ? "plot " : "");
	print_head(comparison, picture ? &scale : NULL, out);
	for (size_t i = 0; i < rows->count; i++)
		print_row(&rows->list[i], picture ? &scale : NULL, out);
	fputs("</tbody></table></div>\n", out);
	if (rows->dropped)
		fprintf(out, "<p>%s more have smaller changes; --json has all.</p>\n",
			format_count(rows->dropped).text);
}

static void print_changes(const json_t *comparison, FILE *out)
{
	struct rows main = rows_build(comparison, true), parts = rows_build(comparison, false);

	if (main.count) {
		fputs("<h2>Changes of cost, memory and contiguity</h2>\n<p class=\"note\">Relative "
		      "to the first input, the largest first, cost before memory and contiguity. "
		      "Changes above 200 % are drawn at the end.<br>", out);
		print_key(json_array_size(json_at(comparison, "inputs")) - 1, out);
		fputs("</p>\n", out);
		print_rows(comparison, &main, true, out);
	}
	if (parts.count) {
		html_fold_begin("Changes of percentiles, parts of means, and bytes cleared or copied",
				out);
		print_rows(comparison, &parts, false, out);
		html_fold_end(out);
	}
	free(main.list);
	free(parts.list);
}

/* Changes of a facility's metrics of a kind in one input. */
struct ratio {
	double logarithm;	/* sum */
	double significant;	/* sum of significant changes */
	size_t count;
};

static void add_ratio(struct ratio *ratio, const json_t *metric, size_t input)
{
	const json_t *change = json_array_get(json_at(metric, "changes"), input);
	double before = json_num(metric, "before", 0), after = json_num(change, "value", 0);

	if (before > 0 && after > 0) {
		ratio->logarithm += log(after / before);
		ratio->count++;
		if (json_flag(change, "significant"))
			ratio->significant += log(after / before);
	}
}

static double ratio_percent(const struct ratio *ratio)
{
	return ratio->count ? 100 * expm1(ratio->logarithm / ratio->count) : NAN;
}

/* A mean is significant if at least half of it comes from significant changes. */
static bool ratio_is_significant(const struct ratio *ratio)
{
	return ratio->significant * ratio->logarithm > 0 &&
	       2 * fabs(ratio->significant) >= fabs(ratio->logarithm);
}

/* More objects of a workload that grows are better, and more bytes are worse: add only these. */
static struct ratio facility_ratio(const json_t *comparison, const char *facility,
				   enum metric_kind kind, size_t input)
{
	struct ratio ratio = { 0 };
	json_t *experiment, *metric;
	size_t i, j;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment) {
		if (!json_is(experiment, "facility", facility))
			continue;
		json_array_foreach(json_at(experiment, "metrics"), j, metric)
			if (json_is(metric, "kind", metric_kind_names[kind]) &&
			    !more_is_better(metric))
				add_ratio(&ratio, metric, input);
	}
	return ratio;
}

struct mean_change {
	double percent;
	bool significant;
};

struct facility {
	const char *name;
	size_t index;		/* in the document */
	double size;
	struct mean_change *changes;	/* one per input but the first: cost, then memory */
};

static int compare_facilities(const void *a, const void *b)
{
	const struct facility *first = a, *second = b;

	if (first->size != second->size)
		return first->size > second->size ? -1 : 1;
	return first->index < second->index ? -1 : 1;
}

static bool is_known(const struct facility *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].name, name))
			return true;
	return false;
}

static struct facility *facilities_build(const json_t *comparison, size_t others, size_t *count)
{
	struct facility *list = NULL;
	json_t *experiment;
	size_t i;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment) {
		const char *name = json_str(experiment, "facility", "-");
		struct facility *facility;

		if (is_known(list, *count, name))
			continue;
		facility = array_add(&list, count);
		*facility = (struct facility) {
			name, *count, 0, xcalloc(2 * others, sizeof(*facility->changes))
		};
		for (size_t k = 0; k < 2 * others; k++) {
			struct ratio ratio = facility_ratio(comparison, name, k < others ?
							    METRIC_COST : METRIC_MEMORY,
							    k % others);

			facility->changes[k] = (struct mean_change) {
				ratio_percent(&ratio), ratio_is_significant(&ratio)
			};
			if (k < others && !isnan(facility->changes[k].percent))
				facility->size = fmax(facility->size,
						      fabs(facility->changes[k].percent));
		}
	}
	qsort(list, *count, sizeof(*list), compare_facilities);
	return list;
}

static enum direction summary_direction(double percent)
{
	if (fabs(percent) < 0.05)
		return NEITHER;
	return percent < 0 ? BETTER : WORSE;
}

static void print_facility(const struct facility *facility, size_t others,
			   const struct html_scale *scale, FILE *out)
{
	double low = 0, high = 0;

	html_printf(out, "<tr><th scope=\"row\">%s</th>", facility->name);
	for (size_t k = 0; k < others; k++) {
		low = fmin(low, facility->changes[k].percent);
		high = fmax(high, facility->changes[k].percent);
	}
	html_track_begin(scale, out);
	html_bar(scale, low, high, "", out);
	html_bar(scale, 0, 0, "z", out);
	for (size_t k = 0; k < others; k++) {
		const struct mean_change *change = &facility->changes[k];

		if (!isnan(change->percent))
			html_dot(scale, change->percent,
				 dot_class(summary_direction(change->percent), change->significant,
					   k + 1 == others).text, out);
	}
	html_track_end(out);
	for (size_t k = 0; k < 2 * others; k++) {
		const struct mean_change *change = &facility->changes[k];

		if (isnan(change->percent))
			fputs("<td>-</td>", out);
		else if (summary_direction(change->percent) == NEITHER)
			fputs("<td>=</td>", out);
		else
			fprintf(out, "<td>%s</td>",
				signed_percent(change->percent, change->significant).text);
	}
	fputs("</tr>\n", out);
}

static void print_summary_heads(const json_t *inputs, FILE *out)
{
	static const char *const kinds[] = { "cost", "memory" };
	json_t *input;
	size_t i;

	for (size_t kind = 0; kind < 2; kind++)
		json_array_foreach(inputs, i, input) {
			if (!i)
				continue;
			html_printf(out, "<th>%s, ", kinds[kind]);
			print_label(input, out);
			fputs("</th>", out);
		}
}

static void print_summary(const json_t *comparison, FILE *out)
{
	const json_t *inputs = json_at(comparison, "inputs");
	size_t others = json_array_size(inputs) - 1, count = 0;
	struct facility *list = facilities_build(comparison, others, &count);
	double low = 0, high = 0;
	struct html_scale scale;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < others; k++) {
			low = fmin(low, list[i].changes[k].percent);
			high = fmax(high, list[i].changes[k].percent);
		}
	scale = percent_scale(low, high);
	fputs("<h2>By facility</h2>\n<p class=\"note\">Geometric mean of the changes of all means of "
	      "a facility, and of its memory, relative to ", out);
	print_label(json_array_get(inputs, 0), out);
	fputs(". The dots show the cost.<br>", out);
	print_key(others, out);
	fputs("</p>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	      "aria-label=\"Changes by facility\"><table class=\"plot sort\">\n"
	      "<thead><tr><th>facility</th>", out);
	html_axis(&scale, " %", out);
	print_summary_heads(inputs, out);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < count; i++) {
		print_facility(&list[i], others, &scale, out);
		free(list[i].changes);
	}
	fputs("</tbody></table></div>\n", out);
	free(list);
}

static void print_inputs(const json_t *comparison, FILE *out)
{
	cleanup_free char *command = html_repeat_command(json_str(comparison, "command", "-"));
	cleanup_free char *gate = comparison_gate_text(comparison);
	json_t *input;
	size_t i;

	fputs("<p>", out);
	json_array_foreach(json_at(comparison, "inputs"), i, input) {
		html_printf(out, "%s %s: Linux %s, %s, %s; CPU model %s, QEMU %s, kmemlab "
			    "%s<br>\n", i ? "Compared:" : "Baseline:",
			    json_str(input, "label", "-"), json_str(input, "kernel", "-"),
			    json_str(input, "arch", "-"),
			    format_counted(json_int(input, "boots", 0), "boot").text,
			    json_str(input, "cpu", "-"), json_str(input, "qemu_version", "-"),
			    json_str(input, "kmemlab_version", "-"));
	}
	html_printf(out, "Costs in %s; means per object, with deferred work; p50 per operation. "
		    "%s<br>\nRepeat: <code>%s</code></p>\n",
		    unit_name(json_str(comparison, "clock_unit", "-")),
		    comparison_noise_text(comparison), command);
	if (gate) {
		html_printf(out, "<p class=\"%s\">%s</p>\n",
			    comparison_gate_failures(comparison) ? "bad" : "ok", gate);
	}
}

static void print_unmeasured(const json_t *comparison, FILE *out)
{
	json_t *experiment;
	bool any = false;
	size_t i;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment) {
		cleanup_free char *statuses = status_text(comparison, experiment);
		cleanup_free char *title = experiment_title(experiment);

		if (!statuses)
			continue;
		if (!any)
			html_fold_begin("Experiments that were not measured in all inputs", out);
		any = true;
		html_printf(out, "<p>%s: %s</p>\n", title, statuses);
	}
	if (any)
		html_fold_end(out);
}

static void print_differences(const json_t *comparison, FILE *out)
{
	const json_t *differences = json_at(comparison, "environment_differences");
	json_t *difference;
	size_t i;

	if (!json_array_size(differences))
		return;
	html_fold_begin("Differences of the environments", out);
	json_array_foreach(differences, i, difference) {
		cleanup_free char *text = comparison_difference_text(difference);

		html_printf(out, "<p class=\"pre\">%s</p>\n", text);
	}
	html_fold_end(out);
}

void comparison_html(const json_t *comparison, FILE *out)
{
	html_begin("Changes of kernel memory allocation", "", out);
	print_inputs(comparison, out);
	print_summary(comparison, out);
	print_changes(comparison, out);
	print_unmeasured(comparison, out);
	print_differences(comparison, out);
	html_end("", out);
}
