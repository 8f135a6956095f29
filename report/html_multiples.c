// SPDX-License-Identifier: GPL-2.0-or-later
/* Small charts of what costs depend on, one per facility, and distributions. */
#include "html.h"

#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "document.h"
#include "format.h"
#include "metrics.h"

/* Charts that are not folded: a page must stay readable with hundreds of experiments. */
#define CHARTS_MAX	24

/* Exact distributions are drawn up to this number of experiments, classes of costs above it. */
#define EXACT_MAX	50

/* A parameter that costs depend on, and the results of a facility that differ only in it. */
struct dimension {
	const char *path, *title, *noun;
};

static const struct dimension dimensions[] = {
	{ "object_size", "How the cost grows with the size", "bytes" },
	{ "objects", "How the cost depends on the number of objects", "objects" },
	{ "parameters.cpus", "How the cost depends on the number of CPUs", "CPUs" },
};

struct series {
	const json_t **results;
	size_t count;
};

struct multiples {
	const struct dimension *dimension;
	struct series *list;
	size_t count;
	struct html_range x, y;
};

static double dimension_of(const struct dimension *dimension, const json_t *result)
{
	const json_t *value = json_at(result, dimension->path);

	return json_is_array(value) ? json_array_size(value) : json_number_value(value);
}

/* Return true if an earlier row of the facility already has its series. */
static bool has_series(const struct multiples *multiples, const char *facility)
{
	for (size_t i = 0; i < multiples->count; i++)
		if (json_is(multiples->list[i].results[0], "facility", facility))
			return true;
	return false;
}

static void add_to_series(struct multiples *multiples, struct series *series,
			  const json_t *result)
{
	double value = dimension_of(multiples->dimension, result);
	size_t pos = series->count;

	for (size_t i = 0; i < series->count; i++)
		if (dimension_of(multiples->dimension, series->results[i]) == value)
			return;
	array_add(&series->results, &series->count);
	for (; pos && dimension_of(multiples->dimension, series->results[pos - 1]) > value; pos--)
		series->results[pos] = series->results[pos - 1];
	series->results[pos] = result;
}

/* Add the results that differ from a row's in nothing but the dimension. */
static void add_series(struct multiples *multiples, const struct results_rows *rows,
		       const struct results_row *base)
{
	struct series series = { 0 };

	for (size_t i = 0; i < rows->count; i++) {
		const json_t *result = rows->list[i].cost;

		if (result && !cost_is_hidden(result) &&
		    html_same_except(result, base->cost, multiples->dimension->path))
			add_to_series(multiples, &series, result);
	}
	if (series.count < 2) {
		free(series.results);
		return;
	}
	for (size_t i = 0; i < series.count; i++) {
		html_range_add(&multiples->x, dimension_of(multiples->dimension, series.results[i]));
		for (size_t d = 0; d < 2; d++)
			html_range_add(&multiples->y, html_mean(series.results[i], html_directions[d]));
	}
	*array_add(&multiples->list, &multiples->count) = series;
}

static struct multiples multiples_build(const struct dimension *dimension,
					const struct results_rows *rows,
					const struct results_rows *selected)
{
	struct multiples multiples = { dimension, .x = HTML_NO_RANGE, .y = HTML_NO_RANGE };

	/*
	 * Add the series through the selected rows (the charts at the top of the page) first,
	 * then one series for each facility that has none.
	 */
	for (size_t i = 0; i < selected->count; i++)
		if (selected->list[i].cost &&
		    !has_series(&multiples, json_str(selected->list[i].first, "facility", "-")))
			add_series(&multiples, rows, &selected->list[i]);
	for (size_t i = 0; i < rows->count; i++)
		if (rows->list[i].cost &&
		    !has_series(&multiples, json_str(rows->list[i].first, "facility", "-")))
			add_series(&multiples, rows, &rows->list[i]);
	return multiples;
}

static void multiples_release(struct multiples *multiples)
{
	for (size_t i = 0; i < multiples->count; i++)
		free(multiples->list[i].results);
	free(multiples->list);
}

/* One of the small charts, in units of the picture. */
#define CHART_WIDTH	200
#define CHART_HEIGHT	122
#define CHART_LEFT	34
#define CHART_RIGHT	192
#define CHART_TOP	8
#define CHART_BOTTOM	102

static double chart_x(const struct multiples *multiples, const json_t *result)
{
	double low = log(multiples->x.min), high = log(multiples->x.max);

	return CHART_LEFT + 4 + (CHART_RIGHT - CHART_LEFT - 8) *
	       (log(dimension_of(multiples->dimension, result)) - low) / (high - low);
}

static double chart_y(const struct html_scale *scale, double value)
{
	return CHART_BOTTOM - (CHART_BOTTOM - CHART_TOP) * html_position(scale, value) / 100;
}

/* Return "8", "4K", "1M" for sizes, "2k" for other numbers. */
static struct format dimension_label(const struct dimension *dimension, double value)
{
	static const char units[] = " KMG";
	struct format text;
	size_t unit = 0;

	if (strcmp(dimension->path, "object_size"))
		return html_short(value);
	while (value >= 1024 && unit < 3) {
		value /= 1024;
		unit++;
	}
	snprintf(text.text, sizeof(text.text), "%.4g%.*s", value, unit ? 1 : 0, units + unit);
	return text;
}

static void print_chart_axes(const struct multiples *multiples, const struct html_scale *scale,
			     const struct series *series, FILE *out)
{
	unsigned int skip = (scale->steps + 2) / 3;
	const json_t *ends[] = { series->results[0], series->results[series->count - 1] };

	for (unsigned int i = 0; i <= scale->steps; i += skip) {
		double value = pow(10, scale->low + i), y = chart_y(scale, value);

		fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"e faint\" "
			"x=\"%d\" y=\"%.1f\">%s</text>", CHART_LEFT, y, CHART_RIGHT,
			CHART_LEFT - 3, y + 4, html_short(value).text);
	}
	for (size_t i = 0; i < 2; i++)
		fprintf(out, "<text class=\"m faint\" x=\"%.1f\" y=\"%d\">%s</text>",
			chart_x(multiples, ends[i]), CHART_BOTTOM + 15,
			dimension_label(multiples->dimension,
					dimension_of(multiples->dimension, ends[i])).text);
	fputc('\n', out);
}

static void print_chart_line(const struct multiples *multiples, const struct html_scale *scale,
			     const struct series *series, size_t direction, FILE *out)
{
	const char *class = direction ? "f" : "a";

	fprintf(out, "<polyline class=\"%s\" points=\"", class);
	for (size_t i = 0; i < series->count; i++)
		fprintf(out, "%s%.1f,%.1f", i ? " " : "", chart_x(multiples, series->results[i]),
			chart_y(scale, html_mean(series->results[i], html_directions[direction])));
	fputs("\"/>", out);
	for (size_t i = 0; i < series->count; i++) {
		const json_t *result = series->results[i];
		double value = html_mean(result, html_directions[direction]);

		fprintf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2\"><title>%s %s: "
			"%s</title></circle>", class, chart_x(multiples, result),
			chart_y(scale, value), html_directions[direction],
			format_count(dimension_of(multiples->dimension, result)).text,
			format_real(value).text);
	}
	fputc('\n', out);
}

static void print_chart(const struct multiples *multiples, const struct html_scale *scale,
			const struct series *series, FILE *out)
{
	const char *facility = json_str(series->results[0], "facility", "-");
	const json_t *last = series->results[series->count - 1];

	html_printf(out, "<figure><figcaption>%s</figcaption><svg role=\"img\" aria-label=\"%s: "
		    "alloc %s to %s, free %s to %s for %s to %s %s\" viewBox=\"0 0 %d %d\" "
		    "width=\"%d\">\n", facility, facility,
		    format_real(html_mean(series->results[0], "alloc")).text,
		    format_real(html_mean(last, "alloc")).text,
		    format_real(html_mean(series->results[0], "free")).text,
		    format_real(html_mean(last, "free")).text,
		    format_count(dimension_of(multiples->dimension, series->results[0])).text,
		    format_count(dimension_of(multiples->dimension, last)).text,
		    multiples->dimension->noun, CHART_WIDTH, CHART_HEIGHT, CHART_WIDTH);
	print_chart_axes(multiples, scale, series, out);
	print_chart_line(multiples, scale, series, 0, out);
	print_chart_line(multiples, scale, series, 1, out);
	fputs("</svg></figure>\n", out);
}

/* Print the values of all charts: one row per facility, one column per value of the dimension. */
static void print_multiples_table(const struct multiples *multiples, FILE *out)
{
	const struct dimension *dimension = multiples->dimension;
	cleanup_table struct table table = { 0 };
	struct number_set values = { 0 };

	for (size_t i = 0; i < multiples->count; i++)
		for (size_t j = 0; j < multiples->list[i].count; j++)
			number_set_add(&values, dimension_of(dimension,
							     multiples->list[i].results[j]));
	for (size_t i = 1; i < values.count; i++)	/* few values: sort by insertion */
		for (size_t j = i; j && values.numbers[j - 1] > values.numbers[j]; j--) {
			uint64_t swap = values.numbers[j];

			values.numbers[j] = values.numbers[j - 1];
			values.numbers[j - 1] = swap;
		}
	table_columns(&table, "<facility|<");
	for (size_t i = 0; i < values.count; i++)
		table_column(&table, NULL, format_count(values.numbers[i]).text, NULL, TABLE_RIGHT);
	for (size_t i = 0; i < 2 * multiples->count; i++) {
		const struct series *series = &multiples->list[i / 2];
		size_t next = 0;

		table_cell(&table, json_str(series->results[0], "facility", "-"));
		table_cell(&table, html_directions[i % 2]);
		for (size_t v = 0; v < values.count; v++) {
			const json_t *result = next < series->count ? series->results[next] : NULL;
			bool has = result && dimension_of(dimension, result) == values.numbers[v];

			table_cell(&table, has ? format_real(html_mean(result,
						 html_directions[i % 2])).text : "-");
			next += has;
		}
	}
	html_table(&table, dimension->title, "sort", out);
	number_set_release(&values);
}

static void print_multiples(const struct multiples *multiples, const char *unit, size_t *charts,
			    FILE *out)
{
	struct html_scale scale = html_range_scale(&multiples->y);
	bool folded = *charts + multiples->count > CHARTS_MAX;
	cleanup_free char *values = xasprintf("Values: %s", multiples->dimension->title);

	if (!multiples->count)
		return;
	if (folded)
		html_fold_begin(multiples->dimension->title, out);
	else
		*charts += multiples->count;
	html_printf(out, "<section><h2>%s</h2>\n<p class=\"note\">Mean %s per object, workload "
		    "%s; both axes are logarithmic and the same everywhere. Solid: alloc; "
		    "dashed: free. From left to right: %s.</p>\n<div class=\"many\">\n",
		    multiples->dimension->title, unit,
		    json_str(multiples->list[0].results[0], "workload", "-"),
		    multiples->dimension->noun);
	for (size_t i = 0; i < multiples->count; i++)
		print_chart(multiples, &scale, &multiples->list[i], out);
	fputs("</div>\n", out);
	html_fold_begin(values, out);
	print_multiples_table(multiples, out);
	html_fold_end(out);
	fputs("</section>\n", out);
	if (folded)
		html_fold_end(out);
}

void html_multiples(const struct results_rows *selected, const struct results_rows *all,
		    const char *unit, FILE *out)
{
	size_t charts = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dimensions); i++) {
		struct multiples multiples = multiples_build(&dimensions[i], all, selected);

		print_multiples(&multiples, unit, &charts, out);
		multiples_release(&multiples);
	}
}

/* A distribution in a cell: width and height of its picture. */
#define SKETCH_WIDTH	220
#define SKETCH_HEIGHT	18

static double sketch_position(const struct html_scale *scale, double ticks)
{
	return SKETCH_WIDTH * html_position(scale, ticks) / 100;
}

/* Append a bar; the height is the logarithm of the number of operations. */
static void print_sketch_bar(double left, double width, double operations, double samples,
			     FILE *out)
{
	double height = 2 + (SKETCH_HEIGHT - 2) * log1p(operations) / log1p(samples);

	fprintf(out, "M%.0f %dv-%.0fh%.0fv%.0fz", left, SKETCH_HEIGHT, height, width, height);
}

/* Append a bar for each position that costs are at. */
static void print_exact_bars(const json_t *distribution, const struct html_scale *scale,
			     double samples, FILE *out)
{
	double operations[SKETCH_WIDTH + 1] = { 0 };
	json_t *pair;
	size_t i;

	json_array_foreach(distribution, i, pair) {
		double left = sketch_position(scale, json_number_value(json_array_get(pair, 0)));

		operations[(size_t)fmin(fmax(left, 0), SKETCH_WIDTH)] +=
			json_number_value(json_array_get(pair, 1));
	}
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (operations[i] > 0)
			print_sketch_bar(i, 2, operations[i], samples, out);
}

/* Draw each cost as a bar, or each class of costs if there are many costs or experiments. */
static void print_sketch(const json_t *direction, const struct html_scale *scale, bool exact,
			 bool is_free, FILE *out)
{
	const json_t *distribution = json_at(direction, "distribution");
	double samples = json_num(direction, "all.samples", 0);
	json_t *part;
	size_t i;

	fprintf(out, "<td aria-hidden=\"true\"><svg class=\"d%s\" viewBox=\"0 0 %d %d\"><path d=\"",
		is_free ? " f" : "", SKETCH_WIDTH, SKETCH_HEIGHT);
	if (exact && json_is_array(distribution) && samples > 0)
		print_exact_bars(distribution, scale, samples, out);
	else
		json_array_foreach(json_at(direction, "parts"), i, part) {
			double left = sketch_position(scale, json_num(part, "min", 0));
			double right = sketch_position(scale, json_num(part, "max", 0));

			if (json_at(part, "min") && samples > 0)
				print_sketch_bar(left, fmax(right - left, 2),
						 json_num(part, "operations", 0), samples, out);
		}
	fputs("\"/></svg></td>", out);
}

void html_distributions(const json_t *run, FILE *out)
{
	static const char *const steps[] = { "min", "p50", "p90", "p99", "p999", "max" };
	const char *unit = unit_name(json_str(document_environment(run), "clock.unit", "-"));
	bool exact = json_array_size(document_results(run)) <= EXACT_MAX;
	struct html_range range = HTML_NO_RANGE;
	struct html_scale scale;
	json_t *result;
	size_t i;

	json_array_foreach(document_results(run), i, result)
		for (size_t d = 0; d < 2; d++) {
			const json_t *costs = json_at(json_at(result, html_directions[d]),
						      "uninterrupted");

			html_range_add(&range, json_num(costs, "min", NAN));
			html_range_add(&range, json_num(costs, "max", NAN));
		}
	if (!range.max)
		return;
	scale = html_range_scale(&range);
	html_fold_begin("Distributions of all experiments", out);
	html_printf(out, "<p class=\"note\">Costs per operation in %s, without interrupted "
		    "operations. A bar is one cost or several similar ones; its height is the "
		    "logarithm of the number of operations.</p>\n<div class=\"scroll\" "
		    "role=\"region\" tabindex=\"0\" aria-label=\"Distributions\">"
		    "<table class=\"sort filter\"><thead><tr><th>experiment</th>"
		    "<th>operation</th><th class=\"t\">%s to %s, logarithmic</th><th>min</th>"
		    "<th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr></thead>\n"
		    "<tbody>\n", unit, html_short(pow(10, scale.low)).text,
		    html_short(pow(10, scale.high)).text);
	json_array_foreach(document_results(run), i, result) {
		cleanup_free char *title = experiment_title(result);

		for (size_t d = 0; d < 2; d++) {
			const json_t *direction = json_at(result, html_directions[d]);

			if (!json_at(direction, "uninterrupted.min"))
				continue;
			html_printf(out, "<tr><td>%s</td><td>%s</td>", title, html_directions[d]);
			print_sketch(direction, &scale, exact, d, out);
			for (size_t s = 0; s < ARRAY_SIZE(steps); s++)
				fprintf(out, "<td>%s</td>",
					format_at(json_at(direction, "uninterrupted"),
						  steps[s]).text);
			fputs("</tr>\n", out);
		}
	}
	fputs("</tbody></table></div>\n", out);
	html_fold_end(out);
}
