// SPDX-License-Identifier: GPL-2.0-or-later
#include "comparison_cells.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "comparison.h"

const char *cell_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

static struct format with_sign(struct format number, double value)
{
	struct format result = number;

	if (value > 0)
		snprintf(result.text, sizeof(result.text), "+%.*s", FORMAT_MAX - 2, number.text);
	return result;
}

struct format cell_change(const json_t *change)
{
	const json_t *value = json_object_get(change, "change");

	return with_sign(format_json(value), json_number_value(value));
}

struct format cell_percent(const json_t *change)
{
	const json_t *percent = json_object_get(change, "change_percent");
	json_t *share;
	struct format result;

	if (!json_is_object(change))
		return (struct format) { "-" };
	if (!json_is_true(json_object_get(change, "shown")))
		return (struct format) { "=" };
	if (!json_is_number(percent))
		return (struct format) { "new" };
	if (fabs(json_number_value(percent)) < 0.05) {
		strcpy(result.text, json_number_value(percent) < 0 ? "-<0.1 %" : "+<0.1 %");
		return result;
	}
	share = json_real(json_number_value(percent) / 100);
	result = with_sign(format_share(share), json_number_value(percent));
	json_decref(share);
	return result;
}

static bool has_change(const json_t *figure, const char *flag)
{
	json_t *change;
	size_t i;

	json_array_foreach(json_object_get(figure, "changes"), i, change)
		if (json_is_true(json_object_get(change, flag)))
			return true;
	return false;
}

/* What trips the gate has one, whatever it is. */
bool figure_has_row(const json_t *figure, bool verbose)
{
	return has_change(figure, "trips") ||
	       (has_change(figure, "shown") &&
		(verbose || strcmp(cell_text(figure, "kind"), "tail")));
}

bool experiment_has_rows(const json_t *experiment, bool verbose)
{
	json_t *figure;
	size_t i;

	json_array_foreach(json_object_get(experiment, "figures"), i, figure)
		if (figure_has_row(figure, verbose))
			return true;
	return false;
}

bool experiment_unchanged(const json_t *experiment, bool verbose)
{
	return !experiment_has_rows(experiment, verbose) &&
	       !json_is_true(json_object_get(experiment, "status_differs"));
}

char *status_words(const json_t *comparison, const json_t *experiment)
{
	const json_t *subjects = json_object_get(comparison, "subjects");
	json_t *status;
	char *words = NULL;
	size_t i;

	if (!json_is_true(json_object_get(experiment, "status_differs")))
		return NULL;
	json_array_foreach(json_object_get(experiment, "status"), i, status) {
		cleanup_free char *before = words;

		words = xasprintf("%s%s%s: %s", before ?: "", before ? ", " : "",
				  cell_text(json_array_get(subjects, i), "label"),
				  json_string_value(status));
	}
	return words;
}

/* The later, the less certain: what is said is the least certain of a comparison. */
static const struct {
	const char *kind, *line;
} noise_lines[] = {
	{ "none", "Nothing was measured in both." },
	{ "exact", "The inputs are the same: any difference is one." },
	{ "layouts", "Noise: how far boots with other layouts of memory lie apart; a change within "
		     "it is not shown." },
	{ "unknown", "One boot each: how far another layout of memory moves these figures is not "
		     "known; --layouts 5 tells." },
	{ "interval", "Noise: half of the 95 % interval of the change; the boot is what was "
		      "repeated." },
	{ "too_few_boots",
	  "Timed, and one boot each: no difference can be shown; take --layouts 5." },
};

static size_t certainty_of(const json_t *change)
{
	const char *kind = cell_text(change, "noise_kind");

	for (size_t i = 0; i < sizeof(noise_lines) / sizeof(*noise_lines); i++)
		if (!strcmp(noise_lines[i].kind, kind))
			return i;
	return 0;
}

char *noise_line(const json_t *comparison)
{
	json_t *experiment, *figure, *change;
	size_t i, j, k, least = 0;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		json_array_foreach(json_object_get(experiment, "figures"), j, figure)
			json_array_foreach(json_object_get(figure, "changes"), k, change)
				if (certainty_of(change) > least)
					least = certainty_of(change);
	return xstrdup(noise_lines[least].line);
}

char *gate_line(const json_t *comparison)
{
	const json_t *gate = json_object_get(comparison, "gate");
	size_t trips = comparison_trips(comparison), i;
	cleanup_free char *kinds = xstrdup("");
	json_t *kind;

	if (!json_is_object(gate))
		return NULL;
	json_array_foreach(json_object_get(gate, "kinds"), i, kind) {
		char *more = xasprintf("%s%s%s", kinds, i ? ", " : "", json_string_value(kind));

		free(kinds);
		kinds = more;
	}
	if (!trips)
		return xasprintf("Gate: passed; no shown worsening by more than %g %% in %s.",
				 json_number_value(json_object_get(gate, "above_percent")), kinds);
	return xasprintf(
		"Gate: FAILED; %zu worse by more than %g %% in %s, or not possible any more.",
		trips, json_number_value(json_object_get(gate, "above_percent")), kinds);
}

static char *values_of(const json_t *difference)
{
	char *line = xstrdup("");
	json_t *value;
	size_t i;

	json_array_foreach(json_object_get(difference, "values"), i, value) {
		cleanup_free char *before = line;
		cleanup_free char *other = json_is_string(value) ? NULL :
					   json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		const char *text = json_is_null(value) ? "-" : other ?: json_string_value(value);

		line = xasprintf("%s%s%s", before, i ? " | " : "",
				 text);
	}
	return line;
}

char *difference_lines(const json_t *comparison, const char *start, const char *indent)
{
	char *lines = xstrdup("");
	json_t *difference;
	size_t i;

	json_array_foreach(json_object_get(comparison, "environment_differences"), i, difference) {
		cleanup_free char *values = values_of(difference), *before = lines;

		lines = xasprintf("%s%s%s: %s%s\n", before, *before ? indent : start,
				  cell_text(difference, "field"), values,
				  json_is_true(json_object_get(difference, "matters")) ?
				  " (this matters)" : "");
	}
	return lines;
}
