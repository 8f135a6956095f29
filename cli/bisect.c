// SPDX-License-Identifier: GPL-2.0-or-later
#include "bisect.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"

/* The change that is looked for: this figure of this experiment, by so much between the ends. */
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

/* The largest in per cent; experiments stand in that order already. */
static struct change largest(const json_t *comparison)
{
	const json_t *experiment = json_array_get(json_object_get(comparison, "experiments"), 0);
	struct change found = { .experiment = NULL };
	double most = -1;
	json_t *figure;
	size_t i;

	json_array_foreach(json_object_get(experiment, "figures"), i, figure) {
		const json_t *change = only_change(figure);
		double percent = fabs(json_number_value(json_object_get(change, "change_percent")));

		if (!json_is_true(json_object_get(change, "shown")) || percent <= most)
			continue;
		most = percent;
		json_decref(found.experiment);
		found = (struct change) {
			experiment_of(experiment), figures[i].name,
			json_number_value(json_object_get(change, "change")),
		};
	}
	return found;
}

/* Whether more than half of the change is there. */
static bool shows(const struct subject *first, const struct subject *other,
		  const struct change *wanted)
{
	json_t *comparison = compare(first, other), *experiment, *figure;
	bool shown = false;
	size_t i, j;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment) {
		if (!same_experiment(experiment, wanted->experiment))
			continue;
		json_array_foreach(json_object_get(experiment, "figures"), j, figure) {
			const json_t *change = only_change(figure);
			double size = json_number_value(json_object_get(change, "change"));

			if (!strcmp(figures[j].name, wanted->figure))
				shown = json_is_true(json_object_get(change, "shown")) &&
					size / wanted->change > 0.5;
		}
	}
	json_decref(comparison);
	return shown;
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
		enum exit_code code = subjects_measure(list, &steps->steps[middle], plan, options,
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
	say_note("%s, %s changes between '%s' and '%s'; %zu of %zu were run",
		 json_string_value(json_object_get(wanted->experiment, "facility")), wanted->figure,
		 steps->steps[low].label, steps->steps[high].label, list->count, steps->count);
	keep(list, low_subject, high_subject);
	return EXIT_FINE;
}

enum exit_code bisect(struct subject_list *list, const struct step_list *steps,
		      const struct plan *plan, const struct run_options *options,
		      const char *command)
{
	enum exit_code code = subjects_measure(list, &steps->steps[0], plan, options, command);
	struct change wanted;
	json_t *ends;

	if (!code)
		code = subjects_measure(list, &steps->steps[steps->count - 1], plan, options,
					command);
	if (code)
		return code;
	ends = compare(&list->subjects[0], &list->subjects[1]);
	wanted = largest(ends);
	if (wanted.experiment)
		code = search(list, steps, &wanted, plan, options, command);
	else
		say_note("no difference is shown between '%s' and '%s': there is nothing to bisect",
			 list->subjects[0].label, list->subjects[1].label);
	json_decref(wanted.experiment);
	json_decref(ends);
	return code;
}
