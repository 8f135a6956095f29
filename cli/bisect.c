// SPDX-License-Identifier: GPL-2.0-or-later
#include "bisect.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"

/*
 * The change that is looked for: this figure of this experiment, by so much
 * between the ends. Without a figure: whether the experiment can be done.
 */
struct change {
	json_t *experiment;
	const char *figure;
	double change;
};

static const json_t *only_change(const json_t *figure)
{
	return json_array_get(json_object_get(figure, "changes"), 0);
}

static json_t *compare(const struct subject *before, const struct subject *after)
{
	const struct subject pair[] = { *before, *after };
	const struct comparison_gate gate = { .set = false };

	return comparison_build(pair, 2, true, &gate);
}

/* The largest in per cent of these kinds. */
static struct change largest_figure(const json_t *comparison, const bool kinds[FIGURE_KINDS])
{
	struct change found = { .experiment = NULL };
	json_t *experiment, *figure;
	double most = -1;
	size_t i, j;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		json_array_foreach(json_object_get(experiment, "figures"), j, figure) {
			const json_t *change = only_change(figure);
			const json_t *share = json_object_get(change, "change_percent");
			double percent = json_is_number(share) ? fabs(json_number_value(share)) :
								 HUGE_VAL;

			if (!kinds[figures[j].kind] || percent <= most ||
			    !json_is_true(json_object_get(change, "shown")))
				continue;
			most = percent;
			found = (struct change) {
				experiment, figures[j].name,
				json_number_value(json_object_get(change, "change")),
			};
		}
	return found;
}

/* Its experiment is to be released. */
static struct change largest(const json_t *comparison, const bool kinds[FIGURE_KINDS])
{
	struct change found = largest_figure(comparison, kinds);
	json_t *experiment;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		if (!found.experiment && json_is_true(json_object_get(experiment, "status_differs")))
			found.experiment = experiment;
	if (found.experiment)
		found.experiment = experiment_of(found.experiment);
	return found;
}

/* Whether more than half of the change is there. */
static bool experiment_shows(const json_t *experiment, const struct change *wanted)
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
		  const struct change *wanted)
{
	json_t *comparison = compare(first, other), *experiment;
	bool shown = false;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		if (same_experiment(experiment, wanted->experiment))
			shown = experiment_shows(experiment, wanted);
	json_decref(comparison);
	return shown;
}

static void say_found(const struct change *wanted, const char *before, const char *after,
		      size_t run, size_t steps)
{
	cleanup_free char *words = experiment_words(wanted->experiment);

	say_note("%s: %s changes between '%s' and '%s'; %zu of %zu were run", words,
		 wanted->figure ?: "whether it can be done", before, after, run, steps);
}

/* Keeps only two of the subjects, in this order. */
static void keep(struct subject_list *list, size_t before, size_t after)
{
	struct subject_list all = *list;
	struct subject *pair = xcalloc(2, sizeof(*pair));

	pair[0] = all.subjects[before];
	pair[1] = all.subjects[after];
	all.subjects[before] = all.subjects[after] = (struct subject) { NULL, NULL };
	subjects_release(&all);
	*list = (struct subject_list) { pair, 2 };
}

static enum exit_code search(struct subject_list *list, const struct step_list *steps,
			     const struct change *wanted, const struct plan *plan,
			     const struct run_options *options, const char *command)
{
	size_t low = 0, high = steps->count - 1;
	size_t low_subject = 0, high_subject = 1;	/* where they stand in the list */

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		enum exit_code code = subjects_measure(list, &steps->steps[middle], 1, plan, options,
						       command);

		if (code)
			return code;
		if (shows(&list->subjects[0], &list->subjects[list->count - 1], wanted)) {
			high = middle;
			high_subject = list->count - 1;
		} else {
			low = middle;
			low_subject = list->count - 1;
		}
	}
	say_found(wanted, steps->steps[low].label, steps->steps[high].label, list->count,
		  steps->count);
	keep(list, low_subject, high_subject);
	return EXIT_FINE;
}

enum exit_code bisect(struct subject_list *list, const struct step_list *steps,
		      const struct plan *plan, const struct run_options *options,
		      const bool kinds[FIGURE_KINDS], const char *command)
{
	enum exit_code code = subjects_measure(list, &steps->steps[0], 1, plan, options, command);
	struct change wanted;
	json_t *ends;

	if (!code)
		code = subjects_measure(list, &steps->steps[steps->count - 1], 1, plan, options,
					command);
	if (code)
		return code;
	ends = compare(&list->subjects[0], &list->subjects[1]);
	wanted = largest(ends, kinds);
	if (wanted.experiment)
		code = search(list, steps, &wanted, plan, options, command);
	else
		say_note("no difference is shown between '%s' and '%s': there is nothing to bisect",
			 list->subjects[0].label, list->subjects[1].label);
	json_decref(wanted.experiment);
	json_decref(ends);
	return code;
}
