// SPDX-License-Identifier: GPL-2.0-or-later
#include "advice_figures.h"

#include <string.h>

#include "figures.h"

/* What others take meanwhile, and slabs that are only begun: less than these pages. */
#define PAGES_OF_OTHERS	16

static const json_t *costs_of(const json_t *result, const char *direction)
{
	return json_object_get(result, direction);
}

static long long count_of(const json_t *group, const char *name)
{
	return json_integer_value(json_object_get(group, name));
}

long long objects_per_operation(const json_t *result)
{
	return count_of(costs_of(result, "alloc"), "objects_per_operation");
}

/* A long operation meets the timer's tick each time. */
static bool always_interrupted(const json_t *result, const char *direction)
{
	return !json_is_number(p50_of_group(result, direction, "clean"));
}

bool is_always_interrupted(const json_t *result)
{
	return always_interrupted(result, "alloc") || always_interrupted(result, "free");
}

static bool slept_or_interrupted(const json_t *result, const char *direction)
{
	return always_interrupted(result, direction) &&
	       !json_is_number(p50_of_group(result, direction, "all"));
}

bool has_no_cost(const json_t *result)
{
	return slept_or_interrupted(result, "alloc") || slept_or_interrupted(result, "free");
}

/* Of what nothing interrupted; of all where each was. */
static double p50_of(const json_t *result, const char *direction)
{
	bool interrupted = always_interrupted(result, direction);

	return json_number_value(p50_of_group(result, direction, interrupted ? "all" : "clean"));
}

/* Those that slept are taken to cost what the others do. */
static double sum_over_objects(const json_t *result, const char *direction)
{
	const json_t *costs = costs_of(result, direction);
	const json_t *all = json_object_get(costs, "all");
	long long operations = count_of(all, "samples") + count_of(costs, "slept");
	long long repeats = count_of(json_object_get(result, "parameters"), "repeats");

	return operations * json_number_value(json_object_get(all, "mean")) /
	       (count_of(result, "objects") * (repeats ? repeats : 1));
}

double cost_an_object(const json_t *result, const char *direction)
{
	return objects_per_operation(result) > 1 ? sum_over_objects(result, direction) :
						   p50_of(result, direction);
}

/* Outside a VM, what the system took is anybody's. */
static bool is_alone(const json_t *environment)
{
	const char *target = json_string_value(json_object_get(environment, "target"));

	return target && !strcmp(target, "vm");
}

double memory_an_object(const json_t *result, const json_t *environment)
{
	const json_t *memory = json_object_get(result, "memory");
	long long bytes = count_of(memory, "backing_bytes");
	long long system = count_of(memory, "system_bytes");

	if (is_alone(environment) &&
	    system - bytes > PAGES_OF_OTHERS * count_of(environment, "page_size"))
		bytes = system;
	return (double)bytes / count_of(result, "objects");
}
