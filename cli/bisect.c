// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/compare_inputs.h"

/* The ends are measured first. */
#define FIRST	0
#define LAST	1

static const json_t *single_change(const json_t *metric)
{
	return json_array_get(json_object_get(metric, "changes"), 0);
}

static json_t *compare_pair(const struct input *before, const struct input *after,
			    const struct comparison_gate *gate)
{
	const struct input pair[] = { *before, *after };

	return comparison_build(pair, 2, true, gate);
}

static bool is_candidate(const json_t *change, enum metric_kind kind,
			 const struct comparison_gate *gate)
{
	if (gate->set)
		return json_flag(change, "fails_gate");
	return gate->kinds[kind] && json_flag(change, "significant");
}

/* Return the largest change of a metric in percent. */
static struct bisect_change largest_metric_change(const json_t *comparison,
						  const struct comparison_gate *gate)
{
	struct bisect_change largest = { .experiment = NULL };
	json_t *experiment, *metric;
	double max = -1;
	size_t i, j;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		json_array_foreach(json_object_get(experiment, "metrics"), j, metric) {
			const json_t *change = single_change(metric);
			double percent = fabs(json_num(change, "change_percent", HUGE_VAL));

			if (percent <= max || !is_candidate(change, metrics[j].kind, gate))
				continue;
			max = percent;
			largest = (struct bisect_change) {
				experiment, metrics[j].name, json_num(change, "change", 0),
			};
		}
	return largest;
}

struct bisect_change bisect_largest(const json_t *comparison, const struct comparison_gate *gate)
{
	const char *status_flag = gate->set ? "status_fails_gate" : "status_differs";
	struct bisect_change largest = largest_metric_change(comparison, gate);
	json_t *experiment;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		if (!largest.experiment && json_flag(experiment, status_flag))
			largest.experiment = experiment;
	if (largest.experiment)
		largest.experiment = experiment_of(largest.experiment);
	return largest;
}

/* Return true if the experiment shows more than half of the change. */
static bool experiment_shows(const json_t *experiment, const struct bisect_change *target)
{
	json_t *metric;
	size_t i;

	if (!target->metric)
		return json_flag(experiment, "status_differs");
	json_array_foreach(json_object_get(experiment, "metrics"), i, metric) {
		const json_t *change = single_change(metric);

		if (!strcmp(metrics[i].name, target->metric))
			return json_flag(change, "significant") &&
			       json_num(change, "change", 0) / target->change > 0.5;
	}
	return false;
}

static bool pair_shows(const struct input *first, const struct input *other,
		       const struct bisect_change *target)
{
	const struct comparison_gate no_gate = { .set = false };
	json_t *comparison = compare_pair(first, other, &no_gate), *experiment;
	bool shown = false;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		if (same_experiment(experiment, target->experiment))
			shown = experiment_shows(experiment, target);
	json_decref(comparison);
	return shown;
}

/* Keep only the inputs at these indices, in this order. */
static void inputs_select(struct input_list *list, const size_t *indices, size_t count)
{
	struct input_list all = *list;
	struct input *inputs = xcalloc(count, sizeof(*inputs));

	for (size_t i = 0; i < count; i++) {
		inputs[i] = all.inputs[indices[i]];
		all.inputs[indices[i]] = (struct input) { NULL, NULL };
	}
	inputs_release(&all);
	*list = (struct input_list) { inputs, count };
}

/* Keep the boots around the change and, since a gate judges them, the ends. */
static void keep_boots(struct input_list *list, size_t before, size_t after, bool keep_ends)
{
	size_t indices[4], count = 0;

	if (keep_ends && before != FIRST)
		indices[count++] = FIRST;
	indices[count++] = before;
	indices[count++] = after;
	if (keep_ends && after != LAST)
		indices[count++] = LAST;
	inputs_select(list, indices, count);
}

static enum exit_code binary_search(struct input_list *list, const struct boot_spec_list *boots,
				    const struct bisect_change *target, const struct plan *plan,
				    const struct options *options,
				    const struct comparison_gate *gate)
{
	size_t low = 0, high = boots->count - 1;
	size_t low_input = FIRST, high_input = LAST;
	cleanup_free char *title = experiment_title(target->experiment);

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		enum exit_code code = inputs_measure(list, &boots->specs[middle], 1, plan, options);

		if (code)
			return code;
		if (pair_shows(&list->inputs[FIRST], &list->inputs[list->count - 1], target)) {
			high = middle;
			high_input = list->count - 1;
		} else {
			low = middle;
			low_input = list->count - 1;
		}
	}
	log_notice("%s: %s changes between '%s' and '%s' (booted %zu of %zu)", title,
		   target->metric ?: "the status", boots->specs[low].label,
		   boots->specs[high].label, list->count, boots->count);
	keep_boots(list, low_input, high_input, gate->set);
	return EXIT_OK;
}

enum exit_code bisect(struct input_list *list, const struct boot_spec_list *boots,
		      const struct plan *plan, const struct options *options,
		      const struct comparison_gate *gate)
{
	enum exit_code code = inputs_measure(list, &boots->specs[0], 1, plan, options);
	struct bisect_change target;
	json_t *ends;

	if (!code)
		code = inputs_measure(list, &boots->specs[boots->count - 1], 1, plan, options);
	if (code)
		return code;
	ends = compare_pair(&list->inputs[FIRST], &list->inputs[LAST], gate);
	target = bisect_largest(ends, gate);
	if (target.experiment)
		code = binary_search(list, boots, &target, plan, options, gate);
	else
		log_notice("nothing to bisect: %s between '%s' and '%s'",
			   gate->set ? "nothing fails the gate" : "no significant change",
			   list->inputs[FIRST].label, list->inputs[LAST].label);
	json_decref(target.experiment);
	json_decref(ends);
	return code;
}
