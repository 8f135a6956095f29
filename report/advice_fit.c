// SPDX-License-Identifier: GPL-2.0-or-later
#include "advice_fit.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "format.h"

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* The same condition of memory for all: the usual one. */
static bool is_fresh(const json_t *parameters)
{
	const char *condition = text_of(parameters, "condition");

	return !*condition || !strcmp(condition, "fresh");
}

static long long align_of(const json_t *parameters)
{
	return json_integer_value(json_object_get(parameters, "align"));
}

static size_t cpus_of(const json_t *parameters)
{
	return json_array_size(json_object_get(parameters, "cpus"));
}

/* Null and delay allocate nothing: nobody can want them. */
static bool is_instrument(const char *facility)
{
	return !strcmp(facility, "null") || !strcmp(facility, "delay");
}

static bool is_of_need(const json_t *result, const struct need *need)
{
	const char *workload = text_of(result, "workload");

	return json_integer_value(json_object_get(result, "object_size")) == need->object_size &&
	       json_integer_value(json_object_get(result, "objects")) == need->objects &&
	       (!strcmp(workload, "pair") || !strcmp(workload, "batch")) &&
	       !is_instrument(text_of(result, "facility"));
}

/* In surroundings that nobody asks advice for, cost and memory are others. */
bool advice_fits(const json_t *result, const struct need *need, const char *gfp)
{
	const json_t *parameters = json_object_get(result, "parameters");

	return is_of_need(result, need) && is_fresh(parameters) && !align_of(parameters) &&
	       cpus_of(parameters) <= 1 && !strcmp(text_of(parameters, "gfp"), gfp);
}

static bool serves(const char *gfp, const struct need *need)
{
	return !strcmp(gfp, "kernel") || !strcmp(gfp, need_gfp(need));
}

/* In what these objects were measured otherwise than advice needs it. */
static char *differences(const json_t *parameters, const struct need *need)
{
	const char *gfp = text_of(parameters, "gfp");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!is_fresh(parameters))
		fprintf(out, ", condition %s", text_of(parameters, "condition"));
	if (!serves(gfp, need))
		fprintf(out, ", gfp %s", gfp);
	if (align_of(parameters))
		fprintf(out, ", align %lld", align_of(parameters));
	if (cpus_of(parameters) > 1)
		fprintf(out, ", %zu CPUs", cpus_of(parameters));
	fclose(out);
	return text;
}

char *advice_no_fit(const json_t *document, const struct need *need)
{
	cleanup_free char *objects = xasprintf("%s of %s",
					       format_counted(need->objects, "object").text,
					       format_counted(need->object_size, "byte").text);
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result) {
		cleanup_free char *other = NULL;

		if (!is_of_need(result, need))
			continue;
		other = differences(json_object_get(result, "parameters"), need);
		return xasprintf("the results have %s only with%s: advice is for condition fresh, "
				 "gfp %s, no align, one CPU", objects, *other ? other + 1 : "", need_gfp(need));
	}
	return xasprintf("no %s are in the results (pair and batch)", objects);
}
