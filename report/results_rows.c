// SPDX-License-Identifier: GPL-2.0-or-later
#include "results.h"

#include <limits.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "format.h"
#include "lib/catalog.h"
#include "metrics.h"

bool results_agree(const json_t *results, const char *path)
{
	const json_t *first = json_at(json_array_get(results, 0), path);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const json_t *value = json_at(result, path);

		if (value != first && !json_equal(first, value))
			return false;
	}
	return true;
}

bool results_hold_same_count(const json_t *results)
{
	const json_t *first = json_array_get(results, 0);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (objects_held(result) != objects_held(first))
			return false;
	return true;
}

const char *condition_of(const json_t *result)
{
	const char *condition = json_str(result, "parameters.condition", "fresh");

	return strcmp(condition, "fresh") ? condition : NULL;
}

static bool has_workload(const json_t *result, unsigned int flags)
{
	return (workload_flags(json_str(result, "workload", "")) & flags) == flags;
}

static bool is_measured(const json_t *result)
{
	return json_is_object(json_at(result, "alloc"));
}

/* Free order, bulk size and the freeing CPU are parameters of batch only, so pair ignores them. */
static bool row_accepts(const struct results_rows *rows, const struct results_row *row,
			const json_t *result)
{
	static const char *const paths[] = {
		"facility", "object_size", "objects", "parameters.cpus", "parameters.gfp",
		"parameters.node", "parameters.align", "parameters.seed", "parameters.condition",
		"parameters.repeats",
	};

	if (rows->by_workload || row->full ||
	    !strcmp(json_str(row->first, "workload", ""), json_str(result, "workload", "")))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		const json_t *ours = json_at(row->first, paths[i]);
		const json_t *theirs = json_at(result, paths[i]);

		if (ours != theirs && !json_equal(ours, theirs))
			return false;
	}
	return true;
}

static struct results_row *row_for(struct results_rows *rows, const json_t *result)
{
	struct results_row *row;

	for (size_t i = 0; i < rows->count; i++) {
		if (!row_accepts(rows, &rows->list[i], result))
			continue;
		rows->list[i].full = true;
		return &rows->list[i];
	}
	row = array_add(&rows->list, &rows->count);
	row->first = result;
	return row;
}

/* Return the workload that gives a row both its costs and its memory. */
static const char *cost_workload_of(const json_t *results)
{
	const char *first = NULL;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		if (!is_measured(result))
			continue;
		if (has_workload(result, KMEMLAB_WORKLOAD_BASIC | KMEMLAB_WORKLOAD_HOLDS))
			return json_str(result, "workload", "");
		if (!first)
			first = json_str(result, "workload", "");
	}
	return first;
}

static void add_result(struct results_rows *rows, const json_t *result)
{
	long long allocated = objects_per_operation(result, "alloc");
	long long freed = objects_per_operation(result, "free");
	struct results_row *row = row_for(rows, result);

	if (!row->cost && (rows->by_workload ||
			   json_is(result, "workload", rows->cost_workload))) {
		row->cost = result;
		row->objects_per_operation = allocated > freed ? allocated : freed;
	} else if (has_workload(result, KMEMLAB_WORKLOAD_PAIRS)) {
		row->pair = result;
		rows->has_pairs = true;
	}
	if (!row->memory && json_at(result, "memory"))
		row->memory = result;
}

static struct results_rows build_rows(const json_t *results, bool by_workload)
{
	struct results_rows rows = { .by_workload = by_workload };
	json_t *result;
	size_t i;

	if (!by_workload)
		rows.cost_workload = cost_workload_of(results);
	json_array_foreach(results, i, result)
		if (is_measured(result))
			add_result(&rows, result);
	return rows;
}

struct results_rows results_rows_build(const json_t *results)
{
	bool all_basic = true, lacks_costs = false;
	struct results_rows rows;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		all_basic = all_basic && has_workload(result, KMEMLAB_WORKLOAD_BASIC);
	rows = build_rows(results, !all_basic && !results_agree(results, "workload"));
	/* A row without costs would hide those of another workload: give each result its own. */
	for (i = 0; i < rows.count; i++)
		lacks_costs = lacks_costs || !rows.list[i].cost;
	if (!lacks_costs)
		return rows;
	results_rows_release(&rows);
	return build_rows(results, true);
}

struct results_rows results_rows_each(const json_t *results)
{
	return build_rows(results, true);
}

void results_rows_release(struct results_rows *rows)
{
	free(rows->list);
	*rows = (struct results_rows) { 0 };
}

char *results_rows_note(const struct results_rows *rows)
{
	struct strbuf note = STRBUF_INIT;

	for (size_t i = 0, next; i < rows->count; i = next) {
		const char *facility = json_str(rows->list[i].first, "facility", "-");
		long long min = LLONG_MAX, max = 0;

		for (next = i; next < rows->count; next++) {
			long long objects = rows->list[next].objects_per_operation;

			if (!json_is(rows->list[next].first, "facility", facility))
				break;
			min = objects < min ? objects : min;
			max = objects > max ? objects : max;
		}
		if (max <= 1)
			continue;
		strbuf_addstr(&note, note.length ? ", " : "* one operation covers ");
		if (min < max)
			strbuf_addf(&note, "%s to ", format_count(min).text);
		strbuf_addf(&note, "%s objects (%s)", format_count(max).text, facility);
	}
	return note.length ? strbuf_detach(&note) : NULL;
}
