// SPDX-License-Identifier: GPL-2.0-or-later
#include "comparison.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "comparison_environment.h"
#include "document.h"

/* Everything that judging one figure needs. */
struct context {
	const struct subject *subjects;
	size_t count;
	const struct comparison_gate *gate;
	bool timed;
};

static const json_t *run_at(const struct subject *subject, size_t index)
{
	return json_array_get(json_object_get(subject->document, "runs"), index);
}

/* "ok" only where each boot says so; "absent" where there is no such experiment. */
static const char *status_of(const struct subject *subject, const json_t *experiment)
{
	const char *status = "absent";

	for (size_t boot = 0; boot < document_runs(subject->document); boot++) {
		const json_t *result = experiment_result(subject->document, boot, experiment);

		status = result ? json_string_value(json_object_get(result, "status")) : "absent";
		if (strcmp(status, "ok"))
			break;
	}
	return status;
}

static bool inputs_equal(const struct subject *a, const struct subject *b)
{
	const json_t *first = json_object_get(document_environment(a->document), "input_sha256");
	const json_t *second = json_object_get(document_environment(b->document), "input_sha256");

	return json_is_string(first) && json_equal(first, second);
}

static const char *noise_words(const struct context *context, size_t index,
			       const struct spread *before, const struct spread *after)
{
	if (context->timed)
		return before->boots > 1 && after->boots > 1 ? "interval" : "too_few_boots";
	if (before->boots > 1 || after->boots > 1)
		return "layouts";
	return inputs_equal(&context->subjects[0], &context->subjects[index]) ? "exact" : "unknown";
}

/* Of one boot it is not 0 but unknown. */
static bool noise_known(const char *words)
{
	return strcmp(words, "unknown") && strcmp(words, "too_few_boots");
}

static json_t *number(double value)
{
	return value == floor(value) && fabs(value) < 1e15 ? json_integer(value) : json_real(value);
}

static json_t *compare_figure(const struct context *context, size_t index,
			      const struct figure *figure, const struct spread *before,
			      const struct spread *after)
{
	struct difference difference = context->timed ? difference_timed(before, after) :
						       difference_counted(before, after);
	const char *noise = noise_words(context, index, before, after);
	double percent = before->boots && difference.before ?
			 100 * difference.change / difference.before : 0;
	bool worse = difference.shown && (difference.change < 0) == figure->more_is_better;
	/* How far a ramp comes follows what happens to be free just then. */
	bool trips = context->gate->set && context->gate->kinds[figure->kind] && worse &&
		     !figure->of_ramps &&
		     (!difference.before || fabs(percent) > context->gate->above_percent);

	if (!before->boots || !after->boots)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:b, s:b, s:b}",
			 "value", number(difference.after), "change", number(difference.change),
			 "change_percent", difference.before ? json_real(percent) : json_null(),
			 "noise_kind", noise, "noise",
			 noise_known(noise) ? number(difference.noise) : json_null(),
			 "shown", difference.shown,
			 "worse", worse, "trips", trips);
}

static json_t *figure_row(const struct context *context, const json_t *experiment,
			  const struct figure *figure)
{
	struct spread before = figure_spread(context->subjects[0].document, experiment,
					     figure);
	json_t *changes = json_array();

	for (size_t i = 1; i < context->count; i++) {
		struct spread after = figure_spread(context->subjects[i].document,
						    experiment, figure);

		json_array_append_new(changes, compare_figure(context, i, figure, &before, &after));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "figure", figure->name, "kind",
			 figure_kind_names[figure->kind], "before", !before.boots ? json_null() :
			 number(context->timed ? before.mean : before.median), "changes", changes);
}

/*
 * How much an experiment matters: by its largest shown change, tripping ones first. A tail,
 * which the table leaves out, counts where it trips.
 */
static double weight_of(const json_t *row, enum figure_kind kind)
{
	double weight = 0;
	json_t *change;
	size_t i;

	json_array_foreach(json_object_get(row, "changes"), i, change) {
		const json_t *percent = json_object_get(change, "change_percent");
		double size = json_is_number(percent) ? fabs(json_number_value(percent)) : 1e6;

		if (!json_is_true(json_object_get(change, "shown")))
			continue;
		if (json_is_true(json_object_get(change, "trips")))
			size += 1e9;
		else if (kind == FIGURE_TAIL)
			continue;
		weight = size > weight ? size : weight;
	}
	return weight;
}

/* What one subject can do and another can't outweighs all figures. */
static json_t *experiment_row(const struct context *context, const json_t *experiment)
{
	json_t *row = experiment_of(experiment), *statuses = json_array(), *all = json_array();
	const char *first = status_of(&context->subjects[0], experiment);
	bool differ = false, trips = false;
	double weight = 0;

	for (size_t i = 0; i < context->count; i++) {
		const char *status = status_of(&context->subjects[i], experiment);

		json_array_append_new(statuses, json_string(status));
		differ = differ || strcmp(status, first);
		trips = trips || (!strcmp(first, "ok") && strcmp(status, "ok"));
	}
	for (size_t i = 0; i < figure_count; i++) {
		json_t *figure = figure_row(context, experiment, &figures[i]);
		double size = weight_of(figure, figures[i].kind);

		weight = size > weight ? size : weight;
		json_array_append_new(all, figure);
	}
	json_object_set_new(row, "status", statuses);
	json_object_set_new(row, "status_differs", json_boolean(differ));
	json_object_set_new(row, "status_trips", json_boolean(trips && context->gate->set));
	json_object_set_new(row, "figures", all);
	json_object_set_new(row, "weight", json_real(differ ? 1e12 + weight : weight));
	return row;
}

static bool listed(const json_t *rows, const json_t *experiment)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (same_experiment(row, experiment))
			return true;
	return false;
}

static double weight_at(const json_t *rows, size_t index)
{
	return json_number_value(json_object_get(json_array_get(rows, index), "weight"));
}

/* Before the first row that weighs less: equal ones keep the order of the plan. */
static void insert(json_t *rows, json_t *row)
{
	double weight = json_number_value(json_object_get(row, "weight"));
	size_t at = json_array_size(rows);

	while (at && weight_at(rows, at - 1) < weight)
		at--;
	json_array_insert_new(rows, at, row);
}

static json_t *experiment_rows(const struct context *context)
{
	json_t *rows = json_array(), *row;
	size_t i;

	for (size_t s = 0; s < context->count; s++) {
		const json_t *results = document_results(context->subjects[s].document);

		for (i = 0; i < json_array_size(results); i++) {
			json_t *experiment = experiment_at(results, i);

			if (!listed(rows, experiment))
				insert(rows, experiment_row(context, experiment));
			json_decref(experiment);
		}
	}
	json_array_foreach(rows, i, row)
		json_object_del(row, "weight");
	return rows;
}

static json_t *subject_entry(const struct subject *subject)
{
	const json_t *environment = document_environment(subject->document);
	const json_t *kernel = json_object_get(environment, "kernel");
	json_t *inputs = json_array();

	for (size_t i = 0; i < document_runs(subject->document); i++)
		json_array_append(inputs, json_object_get(json_object_get(run_at(subject, i),
									  "environment"),
							  "input_sha256"));
	return json_pack("{s:s, s:O, s:O, s:I, s:o}", "label", subject->label,
			 "kernel", json_object_get(kernel, "release"),
			 "arch", json_object_get(kernel, "arch"),
			 "boots", (json_int_t)document_runs(subject->document),
			 "input_sha256", inputs);
}

static json_t *gate_entry(const struct comparison_gate *gate)
{
	json_t *kinds = json_array();

	for (size_t i = 0; i < FIGURE_KINDS; i++)
		if (gate->kinds[i])
			json_array_append_new(kinds, json_string(figure_kind_names[i]));
	if (gate->set)
		return json_pack("{s:f, s:o}", "above_percent", gate->above_percent,
				 "kinds", kinds);
	json_decref(kinds);
	return json_null();
}

json_t *comparison_build(const struct subject *subjects, size_t count, bool asked,
			 const struct comparison_gate *gate)
{
	const json_t *clock = json_object_get(document_environment(subjects[0].document), "clock");
	const char *unit = json_string_value(json_object_get(clock, "unit"));
	struct context context = {
		.subjects = subjects, .count = count, .gate = gate,
		.timed = strcmp(unit, "instructions"),
	};
	json_t *entries = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(entries, subject_entry(&subjects[i]));
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "schema", COMPARISON_SCHEMA,
			 "clock_unit", unit, "subjects", entries, "environment_differences",
			 environment_differences(subjects, count, asked), "gate", gate_entry(gate),
			 "experiments", experiment_rows(&context));
}

char *comparison_obstacle(const json_t *comparison)
{
	char *line = NULL;
	json_t *difference;
	size_t i;

	json_array_foreach(json_object_get(comparison, "environment_differences"), i, difference) {
		cleanup_free char *values = json_dumps(json_object_get(difference, "values"),
						       JSON_COMPACT);
		cleanup_free char *before = NULL;

		if (!json_is_true(json_object_get(difference, "matters")))
			continue;
		before = line;
		line = xasprintf("%s%s%s %s", before ?: "", before ? ", " : "",
				 json_string_value(json_object_get(difference, "field")), values);
	}
	return line;
}

bool comparison_has_changes(const json_t *comparison)
{
	json_t *row, *figure, *change;
	size_t i, j, k;

	json_array_foreach(json_object_get(comparison, "experiments"), i, row)
		json_array_foreach(json_object_get(row, "figures"), j, figure)
			json_array_foreach(json_object_get(figure, "changes"), k, change)
				if (json_is_object(change))
					return true;
	return false;
}

static size_t count_changes(const json_t *comparison, const char *flag, const char *status_flag)
{
	json_t *row, *figure, *change;
	size_t i, j, k, count = 0;

	json_array_foreach(json_object_get(comparison, "experiments"), i, row) {
		count += json_is_true(json_object_get(row, status_flag));
		json_array_foreach(json_object_get(row, "figures"), j, figure)
			json_array_foreach(json_object_get(figure, "changes"), k, change)
				count += json_is_true(json_object_get(change, flag));
	}
	return count;
}

bool comparison_shows(const json_t *comparison)
{
	return count_changes(comparison, "shown", "status_differs") > 0;
}

size_t comparison_trips(const json_t *comparison)
{
	return count_changes(comparison, "trips", "status_trips");
}
