// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_remarks.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "format.h"

/* Packing a handle is in the loop and not in a sample; another round finds other slabs. */
#define TOLERATED_SHARE	0.1
#define TOLERATED_UNITS	5

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static double mean_of(const json_t *direction, const char *group)
{
	return json_number_value(json_object_get(json_object_get(direction, group), "mean"));
}

static void print_ends(const json_t *results, FILE *out)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (!strcmp(text_of(result, "status"), "ok") && text_of(result, "reason"))
			fprintf(out, "Ended: %s %s: %s\n", text_of(result, "facility"),
				text_of(result, "workload"), text_of(result, "reason"));
}

/* What interrupts added is in one of the two only. */
static bool disagree(const json_t *direction)
{
	const json_t *loop = json_object_get(direction, "loop_mean");
	double clean = mean_of(direction, "clean"), all = mean_of(direction, "all");

	return json_is_number(loop) &&
	       fabs(json_number_value(loop) - clean) >
	       fabs(all - clean) + TOLERATED_SHARE * clean + TOLERATED_UNITS;
}

static void print_disagreement(const json_t *result, const char *name, FILE *out)
{
	const json_t *direction = json_object_get(result, name);

	if (disagree(direction))
		fprintf(out, "Loop: %s %s, %s: %.1f on average in a loop, %.1f by its samples\n",
			text_of(result, "facility"), text_of(result, "workload"), name,
			json_number_value(json_object_get(direction, "loop_mean")),
			mean_of(direction, "clean"));
}

/* A long operation meets the timer's tick each time: no sample is clean, and the table has a dash. */
static void print_interrupted(const json_t *result, const char *name, FILE *out)
{
	const json_t *direction = json_object_get(result, name);
	const json_t *clean = json_object_get(direction, "clean");
	const json_t *all = json_object_get(direction, "all");

	if (json_integer_value(json_object_get(all, "samples")) &&
	    !json_integer_value(json_object_get(clean, "samples")))
		fprintf(out, "Interrupted: %s %s, %s: each time; p50 %s with what interrupted it\n",
			text_of(result, "facility"), text_of(result, "workload"), name,
			format_json(json_object_get(all, "p50")).text);
}

void remarks_print(const json_t *results, FILE *out)
{
	json_t *result;
	size_t i;

	print_ends(results, out);
	json_array_foreach(results, i, result) {
		print_disagreement(result, "alloc", out);
		print_disagreement(result, "free", out);
		print_interrupted(result, "alloc", out);
		print_interrupted(result, "free", out);
	}
}
