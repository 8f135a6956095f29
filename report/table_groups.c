// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_groups.h"

#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "figures.h"
#include "format.h"

bool results_agree(const json_t *results, const char *group, const char *name)
{
	const json_t *first = NULL;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const json_t *from = group ? json_object_get(result, group) : result;
		const json_t *value = json_object_get(from, name);

		if (first && !json_equal(first, value))
			return false;
		first = value;
	}
	return true;
}

static const char *text_of(const json_t *result, const char *name)
{
	return json_string_value(json_object_get(result, name));
}

static bool same(const json_t *a, const json_t *b, const char *name)
{
	return json_equal(json_object_get(a, name), json_object_get(b, name));
}

/*
 * A line holds a pair and a batch, each once. Free order, bulk size and the CPU that frees are
 * the batch's alone, so they keep no pair from it.
 */
static bool belongs(const struct groups *groups, const struct group *group,
		    const json_t *result)
{
	static const char *const parameters[] = { "cpus", "gfp", "node", "align", "seed",
						  "condition", "repeats" };
	const json_t *ours = json_object_get(group->first, "parameters");
	const json_t *theirs = json_object_get(result, "parameters");

	if (groups->by_workload || group->full || same(group->first, result, "workload"))
		return false;
	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
		if (!same(ours, theirs, parameters[i]))
			return false;
	return same(group->first, result, "facility") &&
	       same(group->first, result, "object_size") &&
	       same(group->first, result, "objects");
}

static struct group *group_for(struct groups *groups, const json_t *result)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (!belongs(groups, &groups->groups[i], result))
			continue;
		groups->groups[i].full = true;
		return &groups->groups[i];
	}
	groups->groups = xrealloc(groups->groups,
				  (groups->count + 1) * sizeof(*groups->groups));
	groups->groups[groups->count] = (struct group) { .first = result };
	return &groups->groups[groups->count++];
}

const char *condition_of(const json_t *result)
{
	const char *condition = text_of(json_object_get(result, "parameters"), "condition");

	return condition && strcmp(condition, "fresh") ? condition : NULL;
}

bool results_hold_alike(const json_t *results)
{
	const json_t *first = json_array_get(results, 0);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (objects_held(result) != objects_held(first))
			return false;
	return true;
}

static bool any_besides_pair_and_batch(const json_t *results)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (strcmp(text_of(result, "workload"), "pair") &&
		    strcmp(text_of(result, "workload"), "batch"))
			return true;
	return false;
}

static const char *cost_workload_of(const json_t *results)
{
	const char *first = NULL;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const char *workload = text_of(result, "workload");

		if (!json_is_object(json_object_get(result, "alloc")))
			continue;
		if (!strcmp(workload, "pair"))
			return workload;
		if (!first)
			first = workload;
	}
	return first;
}

static long long objects_per_operation(const json_t *result, const char *direction)
{
	return json_integer_value(json_object_get(json_object_get(result, direction),
						  "objects_per_operation"));
}

static void add_result(struct groups *groups, const json_t *result)
{
	long long allocated = objects_per_operation(result, "alloc");
	long long freed = objects_per_operation(result, "free");
	struct group *group = group_for(groups, result);

	if (!group->cost && (groups->by_workload ||
			     !strcmp(text_of(result, "workload"), groups->cost_workload))) {
		group->cost = result;
		group->objects_per_operation = allocated > freed ? allocated : freed;
	}
	if (!group->memory && json_is_object(json_object_get(result, "memory")))
		group->memory = result;
}

static struct groups gather(const json_t *results, bool by_workload)
{
	struct groups groups = { .by_workload = by_workload };
	json_t *result;
	size_t i;

	if (!by_workload)
		groups.cost_workload = cost_workload_of(results);
	json_array_foreach(results, i, result)
		if (json_is_object(json_object_get(result, "alloc")))
			add_result(&groups, result);
	return groups;
}

/* A line would have dashes for costs that were measured, by another workload than the rest. */
static bool any_lacks_its_costs(const struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		if (!groups->groups[i].cost)
			return true;
	return false;
}

struct groups groups_of(const json_t *results)
{
	struct groups groups = gather(results, !results_agree(results, NULL, "workload") &&
					       any_besides_pair_and_batch(results));

	if (!any_lacks_its_costs(&groups))
		return groups;
	groups_release(&groups);
	return gather(results, true);
}

struct groups groups_each(const json_t *results)
{
	return gather(results, true);
}

/* How many objects an operation of one facility covers. */
struct packing {
	long long least, most;
};

/* Of the groups of one facility from @first on. Return: where the next facility's begin. */
static size_t packing_of(const struct groups *groups, size_t first, struct packing *packing)
{
	const char *facility = text_of(groups->groups[first].first, "facility");
	size_t i;

	*packing = (struct packing) { .least = LLONG_MAX };
	for (i = first; i < groups->count; i++) {
		const struct group *group = &groups->groups[i];
		long long objects = group->objects_per_operation;

		if (strcmp(text_of(group->first, "facility"), facility))
			break;
		packing->least = objects < packing->least ? objects : packing->least;
		packing->most = objects > packing->most ? objects : packing->most;
	}
	return i;
}

bool groups_print_packed(const struct groups *groups, FILE *out)
{
	const char *separator = "* one operation covers ";
	struct packing packing;

	for (size_t i = 0, next; i < groups->count; i = next) {
		next = packing_of(groups, i, &packing);
		if (packing.most <= 1)
			continue;
		fputs(separator, out);
		if (packing.least < packing.most)
			fprintf(out, "%s to ", format_count(packing.least).text);
		fprintf(out, "%s objects (%s)", format_count(packing.most).text,
			text_of(groups->groups[i].first, "facility"));
		separator = ", ";
	}
	return *separator == ',';
}

void groups_release(struct groups *groups)
{
	free(groups->groups);
	*groups = (struct groups) { 0 };
}
