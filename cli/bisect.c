// SPDX-License-Identifier: GPL-2.0-or-later
#include "bisect.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"

/* Where the ends stand in the list of subjects: they are measured first. */
#define FIRST	0
#define LAST	1

static const json_t *only_change(const json_t *figure)
{
	return json_array_get(json_object_get(figure, "changes"), 0);
}

static json_t *compare(const struct subject *before, const struct subject *after,
		       const struct comparison_gate *gate)
{
	const struct subject pair[] = { *before, *after };

	return comparison_build(pair, 2, true, gate);
}

static bool is_looked_for(const json_t *change, enum figure_kind kind,
			  const struct comparison_gate *gate)
{
	if (gate->set)
		return json_is_true(json_object_get(change, "trips"));
	return gate->kinds[kind] && json_is_true(json_object_get(change, "shown"));
}

/* The largest in per cent. */
static struct bisect_change largest_figure(const json_t *comparison,
					   const struct comparison_gate *gate)
{
	struct bisect_change found = { .experiment = NULL };
	json_t *experiment, *figure;
	double most = -1;
	size_t i, j;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		json_array_foreach(json_object_get(experiment, "figures"), j, figure) {
			const json_t *change = only_change(figure);
			const json_t *share = json_object_get(change, "change_percent");
			double percent = json_is_number(share) ? fabs(json_number_value(share)) :
								 HUGE_VAL;

			if (percent <= most || !is_looked_for(change, figures[j].kind, gate))
				continue;
			most = percent;
			found = (struct bisect_change) {
				experiment, figures[j].name,
				json_number_value(json_object_get(change, "change")),
			};
		}
	return found;
}

struct bisect_change bisect_largest(const json_t *comparison, const struct comparison_gate *gate)
{
	const char *status_flag = gate->set ? "status_trips" : "status_differs";
	struct bisect_change found = largest_figure(comparison, gate);
	json_t *experiment;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		if (!found.experiment && json_is_true(json_object_get(experiment, status_flag)))
			found.experiment = experiment;
	if (found.experiment)
		found.experiment = experiment_of(found.experiment);
	return found;
}

/* Whether more than half of the change is there. */
static bool experiment_shows(const json_t *experiment, const struct bisect_change *wanted)
{
	json_t *figure;
	size_t i;

	if (!wanted->figure)
		return json_is_true(json_object_get(experiment, "status_differs"));
	json_array_foreach(json_object_get(experiment, "figures"), i, figure) {
		const json_t *change = only_change(figure);
		double size = json_number_value(json_object_get(change, "change"));

		if (!strcmp(figures[i].name, wanted->figure))
			return json_is_true(json_object_get(change, "shown")) &&
			       size / wanted->change > 0.5;
	}
	return false;
}

static bool shows(const struct subject *first, const struct subject *other,
		  const struct bisect_change *wanted)
{
	const struct comparison_gate none = { .set = false };
	json_t *comparison = compare(first, other, &none), *experiment;
	bool shown = false;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		if (same_experiment(experiment, wanted->experiment))
			shown = experiment_shows(experiment, wanted);
	json_decref(comparison);
	return shown;
}

static void say_found(const struct bisect_change *wanted, const char *before, const char *after,
		      size_t run, size_t steps)
{
	cleanup_free char *words = experiment_words(wanted->experiment);

	say_note("%s: %s changes between '%s' and '%s'; %zu of %zu were run", words,
		 wanted->figure ?: "whether it can be done", before, after, run, steps);
}

/* Keeps only these of the subjects, in this order. */
static void keep(struct subject_list *list, const size_t *kept, size_t count)
{
	struct subject_list all = *list;
	struct subject *subjects = xcalloc(count, sizeof(*subjects));

	for (size_t i = 0; i < count; i++) {
		subjects[i] = all.subjects[kept[i]];
		all.subjects[kept[i]] = (struct subject) { NULL, NULL };
	}
	subjects_release(&all);
	*list = (struct subject_list) { subjects, count };
}

/* A gate is on the ends: they stay, with the sides of the step between them. */
static void keep_step(struct subject_list *list, size_t before, size_t after, bool ends_too)
{
	size_t kept[4], count = 0;

	if (ends_too && before != FIRST)
		kept[count++] = FIRST;
	kept[count++] = before;
	kept[count++] = after;
	if (ends_too && after != LAST)
		kept[count++] = LAST;
	keep(list, kept, count);
}

static enum exit_code search(struct subject_list *list, const struct step_list *steps,
			     const struct bisect_change *wanted, const struct plan *plan,
			     const struct run_options *options,
			     const struct comparison_gate *gate, const char *command)
{
	size_t low = 0, high = steps->count - 1;
	size_t low_subject = FIRST, high_subject = LAST;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		enum exit_code code = subjects_measure(list, &steps->steps[middle], 1, plan, options,
						       command);

		if (code)
			return code;
		if (shows(&list->subjects[FIRST], &list->subjects[list->count - 1], wanted)) {
			high = middle;
			high_subject = list->count - 1;
		} else {
			low = middle;
			low_subject = list->count - 1;
		}
	}
	say_found(wanted, steps->steps[low].label, steps->steps[high].label, list->count,
		  steps->count);
	keep_step(list, low_subject, high_subject, gate->set);
	return EXIT_FINE;
}

enum exit_code bisect(struct subject_list *list, const struct step_list *steps,
		      const struct plan *plan, const struct run_options *options,
		      const struct comparison_gate *gate, const char *command)
{
	enum exit_code code = subjects_measure(list, &steps->steps[0], 1, plan, options, command);
	struct bisect_change wanted;
	json_t *ends;

	if (!code)
		code = subjects_measure(list, &steps->steps[steps->count - 1], 1, plan, options,
					command);
	if (code)
		return code;
	ends = compare(&list->subjects[FIRST], &list->subjects[LAST], gate);
	wanted = bisect_largest(ends, gate);
	if (wanted.experiment)
		code = search(list, steps, &wanted, plan, options, gate, command);
	else
		say_note("%s between '%s' and '%s': there is nothing to bisect",
			 gate->set ? "nothing trips the gate" : "no difference is shown",
			 list->subjects[FIRST].label, list->subjects[LAST].label);
	json_decref(wanted.experiment);
	json_decref(ends);
	return code;
}
