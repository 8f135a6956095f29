// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as KTAP: one test an experiment, which fails where the gate tripped. */
#include "comparison.h"

#include <string.h>

#include "base/memory.h"
#include "comparison_cells.h"
#include "figures.h"

static void print_trips(const json_t *comparison, const json_t *experiment, FILE *out)
{
	const json_t *subjects = json_object_get(comparison, "subjects");
	cleanup_free char *status = status_words(comparison, experiment);
	json_t *figure, *change;
	size_t i, j;

	if (json_is_true(json_object_get(experiment, "status_trips")))
		fprintf(out, "# %s\n", status);
	json_array_foreach(json_object_get(experiment, "figures"), i, figure) {
		json_array_foreach(json_object_get(figure, "changes"), j, change) {
			if (!json_is_true(json_object_get(change, "trips")))
				continue;
			fprintf(out, "# %s: %s: %s, was %s (%s)\n",
				cell_text(json_array_get(subjects, j + 1), "label"),
				cell_text(figure, "figure"),
				format_json(json_object_get(change, "value")).text,
				format_json(json_object_get(figure, "before")).text,
				cell_percent(change).text);
		}
	}
}

static bool any_trips(const json_t *experiment)
{
	json_t *figure, *change;
	size_t i, j;

	json_array_foreach(json_object_get(experiment, "figures"), i, figure)
		json_array_foreach(json_object_get(figure, "changes"), j, change)
			if (json_is_true(json_object_get(change, "trips")))
				return true;
	return json_is_true(json_object_get(experiment, "status_trips"));
}

static bool any_ok(const json_t *experiment)
{
	json_t *status;
	size_t i;

	json_array_foreach(json_object_get(experiment, "status"), i, status)
		if (!strcmp(json_string_value(status), "ok"))
			return true;
	return false;
}

void comparison_ktap(const json_t *comparison, FILE *out)
{
	const json_t *experiments = json_object_get(comparison, "experiments");
	json_t *experiment;
	size_t i;

	fprintf(out, "KTAP version 1\n1..%zu\n", json_array_size(experiments));
	json_array_foreach(experiments, i, experiment) {
		cleanup_free char *name = experiment_test_name(experiment);

		fprintf(out, "%s %zu %s%s\n", any_trips(experiment) ? "not ok" : "ok", i + 1,
			name, any_ok(experiment) ? "" : " # SKIP measured nowhere");
		print_trips(comparison, experiment, out);
	}
}
