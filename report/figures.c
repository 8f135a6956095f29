// SPDX-License-Identifier: GPL-2.0-or-later
#include "figures.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "format.h"

const char *const figure_kind_names[FIGURE_KINDS] = {
	[FIGURE_COST] = "cost",
	[FIGURE_TAIL] = "tail",
	[FIGURE_MEMORY] = "memory",
	[FIGURE_CONTIGUITY] = "contiguity",
};

const struct figure figures[] = {
	{ "alloc p50", { "alloc", "clean", "p50" }, FIGURE_COST, false, false },
	{ "free p50", { "free", "clean", "p50" }, FIGURE_COST, false, false },
	{ "alloc p99", { "alloc", "clean", "p99" }, FIGURE_TAIL, false, false },
	{ "free p99", { "free", "clean", "p99" }, FIGURE_TAIL, false, false },
	{ "backing bytes", { "memory", "backing_bytes" }, FIGURE_MEMORY, false, false },
	{ "extents", { "contiguity", "extents" }, FIGURE_CONTIGUITY, false, false },
	{ "contiguous objects", { "contiguity", "contiguous_objects" }, FIGURE_CONTIGUITY, true,
	  false },
	{ "objects", { "verification", "objects" }, FIGURE_MEMORY, true, true },
};

const size_t figure_count = sizeof(figures) / sizeof(figures[0]);

long long objects_held(const json_t *result)
{
	long long asked = json_integer_value(json_object_get(result, "objects"));
	long long size = json_integer_value(json_object_get(result, "object_size"));
	const json_t *requested = json_object_get(json_object_get(result, "memory"),
						  "requested_bytes");

	return json_is_integer(requested) && size ? json_integer_value(requested) / size : asked;
}

/* What a ramp takes depends on how far it came: that is its figure, and more is better. */
static bool applies(const struct figure *figure, const json_t *result)
{
	const char *workload = json_string_value(json_object_get(result, "workload"));
	bool is_ramp = workload && !strcmp(workload, "ramp");

	if (figure->of_ramps)
		return is_ramp;
	return !is_ramp || figure->kind == FIGURE_COST || figure->kind == FIGURE_TAIL;
}

const json_t *figure_of(const json_t *result, const struct figure *figure)
{
	const json_t *value = result;

	if (!applies(figure, result))
		return NULL;
	for (size_t i = 0; i < 3 && figure->path[i]; i++)
		value = json_object_get(value, figure->path[i]);
	return json_is_number(value) ? value : NULL;
}

static const char *const identity[] = {
	"facility", "workload", "object_size", "objects", "parameters"
};

json_t *experiment_of(const json_t *result)
{
	json_t *experiment = json_object();

	for (size_t i = 0; i < sizeof(identity) / sizeof(*identity); i++)
		json_object_set(experiment, identity[i], json_object_get(result, identity[i]));
	if (json_object_get(result, "occurrence"))
		json_object_set(experiment, "occurrence", json_object_get(result, "occurrence"));
	return experiment;
}

static bool are_alike(const json_t *a, const json_t *b)
{
	for (size_t i = 0; i < sizeof(identity) / sizeof(*identity); i++)
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
		occurrence += are_alike(json_array_get(results, i), result);
	json_object_set_new(experiment, "occurrence", json_integer(occurrence));
	return experiment;
}

static long long occurrence_of(const json_t *experiment)
{
	return json_integer_value(json_object_get(experiment, "occurrence")) ?: 1;
}

bool same_experiment(const json_t *a, const json_t *b)
{
	return are_alike(a, b) && occurrence_of(a) == occurrence_of(b);
}

/* ", gfp atomic" where it is said and is not the usual. */
static char *unusual(const json_t *parameters, const char *name, const char *usual)
{
	const char *text = json_string_value(json_object_get(parameters, name));

	if (!text || !*text || !strcmp(text, usual))
		return xstrdup("");
	return xasprintf(", %s %s", name, text);
}

/* ", bulk 4" where it was asked for. */
static char *asked(const json_t *parameters, const char *name)
{
	long long value = json_integer_value(json_object_get(parameters, name));

	return value ? xasprintf(", %s %s", name, format_count(value).text) : xstrdup("");
}

/* Empty for the first one. */
static char *occurrence_words(const json_t *experiment, const char *before)
{
	long long occurrence = occurrence_of(experiment);

	return occurrence > 1 ? xasprintf("%s%lld", before, occurrence) : xstrdup("");
}

char *experiment_unusual(const json_t *experiment)
{
	const json_t *parameters = json_object_get(experiment, "parameters");
	cleanup_free char *gfp = unusual(parameters, "gfp", "kernel");
	cleanup_free char *condition = unusual(parameters, "condition", "fresh");
	cleanup_free char *order = unusual(parameters, "free_order", "");
	cleanup_free char *bulk = asked(parameters, "bulk");
	cleanup_free char *align = asked(parameters, "align");
	size_t cpus = json_array_size(json_object_get(parameters, "cpus"));
	cleanup_free char *on = cpus > 1 ? xasprintf(", %zu CPUs", cpus) : xstrdup("");
	cleanup_free char *again = occurrence_words(experiment, ", no. ");

	return xasprintf("%s%s%s%s%s%s%s", gfp, condition, on, align, order, bulk, again);
}

char *experiment_words(const json_t *experiment)
{
	cleanup_free char *rest = experiment_unusual(experiment);

	return xasprintf("%s %s, %s x %s%s",
			 json_string_value(json_object_get(experiment, "facility")),
			 json_string_value(json_object_get(experiment, "workload")),
			 format_count(objects_held(experiment)).text,
			 format_json(json_object_get(experiment, "object_size")).text, rest);
}

static bool all_of_a_size(const json_t *results)
{
	const json_t *first = json_array_get(results, 0);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (!json_equal(json_object_get(result, "object_size"),
				json_object_get(first, "object_size")) ||
		    !json_equal(json_object_get(result, "objects"),
				json_object_get(first, "objects")))
			return false;
	return true;
}

char *experiment_short(const json_t *experiment, const json_t *among)
{
	cleanup_free char *rest = NULL;

	if (!all_of_a_size(among))
		return experiment_words(experiment);
	rest = experiment_unusual(experiment);
	return xasprintf("%s %s%s", json_string_value(json_object_get(experiment, "facility")),
			 json_string_value(json_object_get(experiment, "workload")), rest);
}

/* ".atomic" */
static char *unusual_suffix(const json_t *parameters, const char *name, const char *usual)
{
	const char *text = json_string_value(json_object_get(parameters, name));

	return text && *text && strcmp(text, usual) ? xasprintf(".%s", text) : xstrdup("");
}

/* ".bulk4" */
static char *asked_suffix(const json_t *parameters, const char *name)
{
	long long value = json_integer_value(json_object_get(parameters, name));

	return value ? xasprintf(".%s%lld", name, value) : xstrdup("");
}

char *experiment_test_name(const json_t *experiment)
{
	const json_t *parameters = json_object_get(experiment, "parameters");
	cleanup_free char *gfp = unusual_suffix(parameters, "gfp", "kernel");
	cleanup_free char *condition = unusual_suffix(parameters, "condition", "fresh");
	cleanup_free char *order = unusual_suffix(parameters, "free_order", "");
	cleanup_free char *bulk = asked_suffix(parameters, "bulk");
	cleanup_free char *align = asked_suffix(parameters, "align");
	size_t cpus = json_array_size(json_object_get(parameters, "cpus"));
	cleanup_free char *on = cpus > 1 ? xasprintf(".%zucpus", cpus) : xstrdup("");
	cleanup_free char *again = occurrence_words(experiment, ".no");

	return xasprintf("%s.%s.%lldx%lld%s%s%s%s%s%s%s",
			 json_string_value(json_object_get(experiment, "facility")),
			 json_string_value(json_object_get(experiment, "workload")),
			 (long long)json_integer_value(json_object_get(experiment, "objects")),
			 (long long)json_integer_value(json_object_get(experiment, "object_size")),
			 gfp, condition, on, align, order, bulk, again);
}

const json_t *experiment_result(const json_t *document, size_t run, const json_t *experiment)
{
	const json_t *entry = json_array_get(json_object_get(document, "runs"), run);
	long long left = occurrence_of(experiment);
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(entry, "results"), i, result)
		if (are_alike(result, experiment) && !--left)
			return result;
	return NULL;
}

const json_t *p50_of_group(const json_t *result, const char *direction, const char *group)
{
	return json_object_get(json_object_get(json_object_get(result, direction), group), "p50");
}

struct spread figure_spread(const json_t *document, const json_t *experiment,
			    const struct figure *figure)
{
	size_t runs = document_runs(document), count = 0;
	cleanup_free double *values = xcalloc(runs, sizeof(*values));

	for (size_t run = 0; run < runs; run++) {
		const json_t *value = figure_of(experiment_result(document, run, experiment),
						figure);

		if (value)
			values[count++] = json_number_value(value);
	}
	return spread_of(values, count);
}
