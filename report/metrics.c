// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics.h"

#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"
#include "lib/catalog.h"
#include "runner/plan.h"

/* Pages that other allocations and partly used slabs may account for. */
#define UNRELATED_PAGES	16

const char *const metric_kind_names[METRIC_KINDS] = {
	[METRIC_COST] = "cost",
	[METRIC_PART] = "part",
	[METRIC_P50] = "p50",
	[METRIC_TAIL] = "tail",
	[METRIC_BYTES] = "bytes",
	[METRIC_MEMORY] = "memory",
	[METRIC_CONTIGUITY] = "contiguity",
};

const struct metric metrics[] = {
	{ .name = "alloc mean", .path = "alloc.mean", .kind = METRIC_COST },
	{ .name = "alloc, fast path", .path = "alloc.fast_path", .kind = METRIC_PART },
	{ .name = "alloc, slow", .path = "alloc.slow", .kind = METRIC_PART },
	{ .name = "alloc p50", .path = "alloc.uninterrupted.p50", .kind = METRIC_P50 },
	{ .name = "alloc p99", .path = "alloc.uninterrupted.p99", .kind = METRIC_TAIL },
	{ .name = "alloc, bytes cleared", .path = "alloc.cleared_bytes", .kind = METRIC_BYTES },
	{ .name = "alloc, bytes copied", .path = "alloc.copied_bytes", .kind = METRIC_BYTES },
	{ .name = "free mean", .path = "free.mean", .kind = METRIC_COST },
	{ .name = "free, fast path", .path = "free.fast_path", .kind = METRIC_PART },
	{ .name = "free, slow", .path = "free.slow", .kind = METRIC_PART },
	{ .name = "free, deferred", .path = "free.deferred", .kind = METRIC_PART },
	{ .name = "free, bytes cleared", .path = "free.cleared_bytes", .kind = METRIC_BYTES },
	{ .name = "free, bytes copied", .path = "free.copied_bytes", .kind = METRIC_BYTES },
	{ .name = "free p50", .path = "free.uninterrupted.p50", .kind = METRIC_P50 },
	{ .name = "free p99", .path = "free.uninterrupted.p99", .kind = METRIC_TAIL },
	{ .name = "backing bytes", .path = "memory.backing_bytes", .kind = METRIC_MEMORY },
	{ .name = "kept backing bytes", .path = "kept.backing_bytes", .kind = METRIC_MEMORY },
	{ .name = "extents", .path = "contiguity.extents", .kind = METRIC_CONTIGUITY,
	  .needs_spread = true },
	{ .name = "contiguous objects", .path = "contiguity.contiguous_objects",
	  .kind = METRIC_CONTIGUITY, .more_is_better = true },
	{ .name = "objects", .path = "verification.objects", .kind = METRIC_MEMORY,
	  .more_is_better = true, .growing_only = true },
};

const size_t metric_count = ARRAY_SIZE(metrics);

const struct field *metric_field(const struct metric *metric)
{
	const struct field *field = result_fields;
	const char *name = metric->path;

	while (field->name) {
		const size_t length = strcspn(name, ".");

		if (strlen(field->name) != length || strncmp(field->name, name, length)) {
			field++;
			continue;
		}
		if (!name[length])
			return field;
		field = field->members;
		name += length + 1;
	}
	return field;
}

char *metric_unit(const struct metric *metric, const json_t *environment)
{
	static const char generic[] = "clock units";
	const char *unit = metric_field(metric)->unit;

	if (!unit || strncmp(unit, generic, strlen(generic)))
		return unit ? xstrdup(unit) : NULL;
	return xasprintf("%s%s", unit_name(json_str(environment, "clock.unit", "-")),
			 unit + strlen(generic));
}

long long object_copies(const json_t *result)
{
	long long size = json_int(result, "object_size", 0);
	long long objects = json_int(result, "verification.objects", 0);
	long long bytes = json_int(result, "verification.bytes", 0);

	return size && objects && bytes / objects > size ? bytes / objects / size : 1;
}

long long objects_held(const json_t *result)
{
	long long size = json_int(result, "object_size", 0);
	long long requested_bytes = json_int(result, "memory.requested_bytes", -1);

	return requested_bytes >= 0 && size ? requested_bytes / size / object_copies(result) :
					      json_int(result, "objects", 0);
}

bool metric_is_cost(const struct metric *metric)
{
	return metric->kind != METRIC_MEMORY && metric->kind != METRIC_CONTIGUITY;
}

/* Memory of a workload that grows depends on the number of objects, which is its metric instead. */
static bool metric_applies(const struct metric *metric, const json_t *result)
{
	bool grows = workload_flags(json_str(result, "workload", "")) & KMEMLAB_WORKLOAD_GROWS;

	if (metric->growing_only)
		return grows;
	return !grows || metric_is_cost(metric);
}

const json_t *metric_value(const json_t *result, const struct metric *metric)
{
	const json_t *value = metric_applies(metric, result) ? json_at(result, metric->path) : NULL;

	return json_is_number(value) ? value : NULL;
}

static int compare_values(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

struct interval interval_of(double *values, size_t count)
{
	struct interval interval = { .boots = count };
	double squares = 0;

	if (!count)
		return interval;
	qsort(values, count, sizeof(*values), compare_values);
	interval.min = values[0];
	interval.max = values[count - 1];
	interval.median = (values[(count - 1) / 2] + values[count / 2]) / 2;
	for (size_t i = 0; i < count; i++)
		interval.mean += values[i] / count;
	for (size_t i = 0; i < count; i++)
		squares += (values[i] - interval.mean) * (values[i] - interval.mean);
	interval.variance = count > 1 ? squares / (count - 1) : 0;
	return interval;
}

double interval_relative_width(const struct interval *interval)
{
	return interval->median ? (interval->max - interval->min) / interval->median : 0;
}

struct delta delta_counted(const struct interval *before, const struct interval *after)
{
	double first = before->max - before->min, second = after->max - after->min;
	struct delta delta = {
		.before = before->median,
		.after = after->median,
		.change = after->median - before->median,
		.noise = first > second ? first : second,
	};

	delta.significant = fabs(delta.change) > delta.noise;
	return delta;
}

/* Return the two-sided 95 % quantile of Student's t; between two entries the wider one applies. */
static double student_quantile(double freedom)
{
	static const struct {
		double freedom, t;
	} quantiles[] = {
		{ 1, 12.706 }, { 2, 4.303 }, { 3, 3.182 }, { 4, 2.776 }, { 5, 2.571 },
		{ 6, 2.447 }, { 7, 2.365 }, { 8, 2.306 }, { 9, 2.262 }, { 10, 2.228 },
		{ 12, 2.179 }, { 14, 2.145 }, { 16, 2.120 }, { 18, 2.101 }, { 20, 2.086 },
		{ 25, 2.060 }, { 30, 2.042 }, { 40, 2.021 }, { 60, 2.000 }, { 120, 1.980 },
		{ INFINITY, 1.960 },
	};
	double t = quantiles[0].t;

	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		if (quantiles[i].freedom <= freedom)
			t = quantiles[i].t;
	return t;
}

struct delta delta_timed(const struct interval *before, const struct interval *after)
{
	struct delta delta = {
		.before = before->mean,
		.after = after->mean,
		.change = after->mean - before->mean,
	};
	double first = before->variance / before->boots, second = after->variance / after->boots;
	double variance = first + second, freedom;

	if (before->boots < 2 || after->boots < 2)
		return delta;
	if (variance > 0) {
		freedom = variance * variance / (first * first / (before->boots - 1) +
						 second * second / (after->boots - 1));
		delta.noise = student_quantile(freedom) * sqrt(variance);
	}
	delta.significant = fabs(delta.change) > delta.noise;
	return delta;
}

struct interval metric_interval(const json_t *document, const json_t *experiment,
				const struct metric *metric)
{
	size_t runs = document_runs(document), count = 0;
	cleanup_free double *values = xcalloc(runs, sizeof(*values));

	for (size_t run = 0; run < runs; run++) {
		const json_t *value = metric_value(experiment_result(document, run, experiment),
						   metric);

		if (value)
			values[count++] = json_number_value(value);
	}
	return interval_of(values, count);
}

long long objects_per_operation(const json_t *result, const char *direction)
{
	return json_int(json_at(result, direction), "objects_per_operation", 0);
}

/* Every execution of a long operation is hit by a timer interrupt. */
bool always_interrupted(const json_t *result, const char *direction)
{
	return !json_is_number(json_at(json_at(result, direction), "uninterrupted.p50"));
}

bool cost_is_hidden(const json_t *result)
{
	return !json_at(result, "alloc.mean") || !json_at(result, "free.mean");
}

double cost_per_object(const json_t *result, const char *direction)
{
	return json_num(json_at(result, direction), "mean", 0);
}

bool cost_drifts(const json_t *result, const char *direction)
{
	const json_t *costs = json_at(result, direction);

	return json_num(costs, "quarter_max", 0) > 1.1 * json_num(costs, "quarter_min", 0);
}

/* System-wide memory use is meaningful only in a VM, where nothing else runs. */
double memory_per_object(const json_t *result, const json_t *environment)
{
	long long bytes = json_int(result, "memory.backing_bytes", 0);
	long long system = json_int(result, "memory.system_bytes", 0);

	if (json_is(environment, "target", "vm") &&
	    system - bytes > UNRELATED_PAGES * json_int(environment, "page_size", 0))
		bytes = system;
	return (double)bytes / json_int(result, "objects", 0);
}

static const char *const identity[] = {
	"facility", "workload", "object_size", "objects", "parameters"
};

json_t *experiment_of(const json_t *result)
{
	json_t *experiment = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(identity); i++)
		json_object_set(experiment, identity[i], json_object_get(result, identity[i]));
	if (json_object_get(result, "occurrence"))
		json_object_set(experiment, "occurrence", json_object_get(result, "occurrence"));
	return experiment;
}

static bool same_identity(const json_t *a, const json_t *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(identity); i++)
		if (!json_equal(json_object_get(a, identity[i]), json_object_get(b, identity[i])))
			return false;
	return true;
}

json_t *experiment_at(const json_t *results, size_t index)
{
	const json_t *result = json_array_get(results, index);
	json_t *experiment = experiment_of(result);
	json_int_t occurrence = 1;

	for (size_t i = 0; i < index; i++)
		occurrence += same_identity(json_array_get(results, i), result);
	json_object_set_new(experiment, "occurrence", json_integer(occurrence));
	return experiment;
}

static long long occurrence_of(const json_t *experiment)
{
	return json_int(experiment, "occurrence", 1);
}

bool same_experiment(const json_t *a, const json_t *b)
{
	return same_identity(a, b) && occurrence_of(a) == occurrence_of(b);
}

const json_t *experiment_result(const json_t *document, size_t run, const json_t *experiment)
{
	const json_t *entry = json_array_get(json_object_get(document, "runs"), run);
	long long occurrence = occurrence_of(experiment);
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(entry, "results"), i, result)
		if (same_identity(result, experiment) && !--occurrence)
			return result;
	return NULL;
}

/* Return a parameter's value as text, or NULL if it is the default or null. */
static char *parameter_text(const struct plan_field *parameter, const json_t *value, bool in_title)
{
	const char *name = json_string_value(value);
	long long number = json_integer_value(value);

	if (name)
		return *name && strcmp(name, parameter->default_name) ? xstrdup(name) : NULL;
	if (json_is_array(value))
		number = json_array_size(value);
	else if (!json_is_integer(value))
		return NULL;
	if (number == (json_is_array(value) ? 1 : parameter->default_number))
		return NULL;
	return in_title ? xstrdup(format_count(number).text) : xasprintf("%lld", number);
}

/* Return the non-default parameters as part of a title or of a test name. */
static char *parameters_text(const json_t *experiment, bool in_title)
{
	const json_t *values = json_object_get(experiment, "parameters");
	struct strbuf text = STRBUF_INIT;

	for (const struct plan_field *field = experiment_params; field->name; field++) {
		const char *format = in_title ? field->title : field->suffix;
		cleanup_free char *value = NULL;

		if (format)
			value = parameter_text(field, json_object_get(values, field->name),
					       in_title);
		if (!value)
			continue;
		strbuf_addstr(&text, in_title ? ", " : ".");
		strbuf_addf(&text, format, value);
	}
	if (occurrence_of(experiment) > 1)
		strbuf_addf(&text, in_title ? ", no. %lld" : ".no%lld", occurrence_of(experiment));
	return strbuf_detach(&text);
}

char *experiment_parameters(const json_t *experiment)
{
	return parameters_text(experiment, true);
}

static char *title_of(const json_t *experiment, bool has_workload, bool has_objects)
{
	cleanup_free char *rest = experiment_parameters(experiment);
	struct strbuf title = STRBUF_INIT;

	strbuf_addstr(&title, json_str(experiment, "facility", "-"));
	if (has_workload)
		strbuf_addf(&title, " %s", json_str(experiment, "workload", "-"));
	if (has_objects)
		strbuf_addf(&title, ", %s x %s", format_count(objects_held(experiment)).text,
			    format_at(experiment, "object_size").text);
	strbuf_addstr(&title, rest);
	return strbuf_detach(&title);
}

char *experiment_title(const json_t *experiment)
{
	return title_of(experiment, true, true);
}

static bool same_objects(const json_t *results)
{
	const json_t *first = json_array_get(results, 0);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (json_int(result, "object_size", 0) != json_int(first, "object_size", 0) ||
		    json_int(result, "objects", 0) != json_int(first, "objects", 0))
			return false;
	return true;
}

char *experiment_short_title(const json_t *experiment, const json_t *results)
{
	return title_of(experiment, true, !same_objects(results));
}

char *experiment_row_title(const json_t *experiment, const json_t *results)
{
	return title_of(experiment, false, !same_objects(results));
}

char *experiment_test_name(const json_t *experiment)
{
	cleanup_free char *rest = parameters_text(experiment, false);

	return xasprintf("%s.%s.%lldx%lld%s", json_str(experiment, "facility", "-"),
			 json_str(experiment, "workload", "-"), json_int(experiment, "objects", 0),
			 json_int(experiment, "object_size", 0), rest);
}

static char *value_text(const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
					       JSON_REAL_PRECISION(12)) : NULL;

	return text ? text : xstrdup("missing");
}

/* Return true for a member that is measured in boots of its own, with --mix only. */
static bool is_traced(const char *name)
{
	return !strcmp(name, "mix");
}

/* Compare as json_equal() does, but 170 equals 170.0: some JSON writers do not distinguish them. */
static bool values_equal(const json_t *before, const json_t *after)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_real(before) || json_is_real(after))
		return json_is_number(before) && json_is_number(after) &&
		       json_number_value(before) == json_number_value(after);
	if (!json_is_object(before) && !json_is_array(before))
		return json_equal(before, after);
	if (!after || json_typeof(before) != json_typeof(after) ||
	    json_array_size(before) != json_array_size(after) ||
	    json_object_size(before) != json_object_size(after))
		return false;
	json_array_foreach(before, i, member)
		if (!values_equal(member, json_array_get(after, i)))
			return false;
	json_object_foreach((json_t *)before, name, member)
		if (!is_traced(name) && !values_equal(member, json_object_get(after, name)))
			return false;
	return true;
}

/* Return "alloc.all.p50: 114 before, 116 after" for the first member that differs, or NULL. */
static char *first_difference(const char *path, const json_t *before, const json_t *after)
{
	cleanup_free char *first = NULL, *second = NULL;
	const char *name;
	json_t *member;

	if (values_equal(before, after))
		return NULL;
	if (json_is_object(before) && json_is_object(after)) {
		json_object_foreach((json_t *)before, name, member) {
			cleanup_free char *inner = xasprintf("%s%s%s", path, *path ? "." : "",
							     name);
			char *found = is_traced(name) ? NULL :
				      first_difference(inner, member, json_object_get(after, name));

			if (found)
				return found;
		}
	}
	first = value_text(before);
	second = value_text(after);
	return xasprintf("%s: %s before, %s after", path, first, second);
}

char *results_diff(const json_t *before, const json_t *after)
{
	const json_t *first = document_results(before), *second = document_results(after);
	json_t *result;
	size_t i;

	json_array_foreach(first, i, result) {
		cleanup_free char *found = first_difference("", result, json_array_get(second, i));
		cleanup_free char *title = experiment_title(result);

		if (found)
			return xasprintf("%s: %s", title, found);
	}
	if (json_array_size(second) > json_array_size(first))
		return xasprintf("%zu results before, %zu after", json_array_size(first),
				 json_array_size(second));
	return NULL;
}
