// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of a results document, for all formats. */
#include "results.h"

#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "document.h"
#include "format.h"
#include "lib/catalog.h"
#include "metrics.h"

/* Columns that are shown only if their values differ between rows. */
enum {
	KEY_WORKLOAD, KEY_GFP, KEY_CONDITION, KEY_OBJECTS, KEY_SIZE, KEY_CPUS, KEY_SEED, KEY_ALIGN,
	KEY_REPEATS, KEY_NODE, KEY_BULK, KEY_ORDER, KEY_FREE_CPU, KEYS
};

static const struct key {
	const char *title, *path;
	bool batch_only;	/* pair ignores it: compare only results of the same workload */
	bool has_unset;		/* the value unset is shown as "-" */
	int unset;
} keys[KEYS] = {
	[KEY_WORKLOAD] = { "workload", "workload" },
	[KEY_GFP] = { "gfp", "parameters.gfp" },
	[KEY_CONDITION] = { "condition", "parameters.condition" },
	[KEY_OBJECTS] = { "objects", "objects" },
	[KEY_SIZE] = { "size", "object_size" },
	[KEY_CPUS] = { "CPUs", "parameters.cpus" },
	[KEY_SEED] = { "seed", "parameters.seed" },
	[KEY_ALIGN] = { "align", "parameters.align", .has_unset = true },
	[KEY_REPEATS] = { "repeats", "parameters.repeats" },
	[KEY_NODE] = { "node", "parameters.node", .has_unset = true, .unset = -1 },
	[KEY_BULK] = { "bulk", "parameters.bulk", .batch_only = true, .has_unset = true },
	[KEY_ORDER] = { "order", "parameters.free_order", .batch_only = true },
	[KEY_FREE_CPU] = { "free CPU", "parameters.free_cpu", .batch_only = true,
			   .has_unset = true, .unset = -1 },
};

static bool values_equal(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b);
}

static bool differs_within_workload(const json_t *results, const struct key *key)
{
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *one = json_array_get(results, i);

		for (size_t j = 0; j < i; j++) {
			const json_t *other = json_array_get(results, j);

			if (!strcmp(json_str(one, "workload", ""),
				    json_str(other, "workload", "")) &&
			    !values_equal(json_at(one, key->path), json_at(other, key->path)))
				return true;
		}
	}
	return false;
}

static bool key_is_shown(const struct key *key, const json_t *results,
			 const struct results_rows *rows)
{
	if (key == &keys[KEY_WORKLOAD])
		return rows->by_workload;
	if (key == &keys[KEY_OBJECTS])
		return !results_hold_same_count(results);
	return key->batch_only ? differs_within_workload(results, key) :
				 !results_agree(results, key->path);
}

static void add_key(struct table *table, const struct key *key, const struct results_row *row)
{
	const json_t *batch = row->memory ?: row->first;
	const json_t *value = json_at(key->batch_only ? batch : row->first, key->path);
	const char *text = json_string_value(value);

	if (key == &keys[KEY_OBJECTS])
		table_cell(table, format_count(objects_held(batch)).text);
	else if (json_is_array(value))
		table_cell(table, format_count(json_array_size(value)).text);
	else if (key->has_unset && json_integer_value(value) == key->unset)
		table_cell(table, "-");
	else if (text)
		table_cell(table, *text ? text : "-");
	else
		table_cell(table, format_number(value).text);
}

static double cleared_bytes(const json_t *result)
{
	return json_num(result, "alloc.cleared_bytes", 0) + json_num(result, "free.cleared_bytes", 0);
}

static bool any_clears(const struct results_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (cleared_bytes(rows->list[i].cost) > 0)
			return true;
	return false;
}

static void add_measured_columns(struct table *table, bool pairs, bool clears, const char *unit)
{
	table_column(table, NULL, "n", NULL, TABLE_RIGHT);
	table_column(table, "alloc", "mean", unit, TABLE_RIGHT);
	table_column(table, "alloc", "p50", unit, TABLE_RIGHT);
	table_column(table, "free", "mean", unit, TABLE_RIGHT);
	table_column(table, "free", "p50", unit, TABLE_RIGHT);
	if (pairs) {
		table_column(table, "pair", "alloc", unit, TABLE_RIGHT);
		table_column(table, "pair", "free", unit, TABLE_RIGHT);
	}
	if (clears)
		table_column(table, "bytes", "cleared", NULL, TABLE_RIGHT);
	table_columns(table, ">bytes per:object|>used|>contiguous");
}

static void add_contiguous(struct table *table, const json_t *result)
{
	long long contiguous = json_int(result, "contiguity.contiguous_objects", -1);

	if (contiguous < 0)
		table_cell(table, "-");
	else if (contiguous == 0 || contiguous == objects_held(result))
		table_cell(table, contiguous ? "yes" : "no");
	else
		table_cell(table, format_share((double)contiguous / objects_held(result)).text);
}

/* Add the p50 per object: an integer, unless an operation covers several objects. */
static void add_p50(struct table *table, const json_t *result, const char *direction)
{
	const json_t *p50 = json_at(json_at(result, direction), "uninterrupted.p50");
	long long objects = objects_per_operation(result, direction);

	if (!p50)
		table_cell(table, "-");
	else if (objects > 1)
		table_cell(table, format_real((double)json_integer_value(p50) / objects).text);
	else
		table_cell(table, format_number(p50).text);
}

/* Add the cells of add_measured_columns(). */
static void add_measured(struct table *table, const struct results_row *row, bool pairs,
			 bool clears)
{
	static const char *const directions[] = { "alloc", "free" };
	const json_t *cost = row->cost, *memory = row->memory;
	long long backing = json_int(memory, "memory.backing_bytes", -1);

	table_cell(table, format_at(cost, "alloc.all.samples").text);
	for (size_t i = 0; i < ARRAY_SIZE(directions); i++) {
		table_cellf(table, "%s%s", cost_drifts(cost, directions[i]) ? "~" : "",
			    format_at(json_at(cost, directions[i]), "mean").text);
		add_p50(table, cost, directions[i]);
	}
	for (size_t i = 0; pairs && i < ARRAY_SIZE(directions); i++)
		add_p50(table, row->pair, directions[i]);
	if (clears)
		table_cell(table, format_real(cleared_bytes(cost)).text);
	table_cell(table, backing < 0 ? "-" :
			  format_real((double)backing / objects_held(memory)).text);
	table_cell(table, format_share_at(memory, "memory.utilization").text);
	add_contiguous(table, memory);
}

static size_t measured_cpus(const json_t *result)
{
	return json_array_size(json_at(result, "throughput.per_cpu"));
}

/* The throughput of one CPU adds nothing to its p50. */
static bool throughput_is_shown(const struct results_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (measured_cpus(rows->list[i].first) > 1 || measured_cpus(rows->list[i].cost) > 1)
			return true;
	return false;
}

bool throughput_is_missing(const struct results_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (measured_cpus(rows->list[i].cost) > 1 &&
		    !json_at(rows->list[i].cost, "throughput.operations"))
			return true;
	return false;
}

static void add_throughput(struct table *table, const json_t *result)
{
	double ticks = json_num(result, "throughput.ticks", 0);
	double rate = json_num(result, "throughput.operations", 0) * 1000000 / ticks;

	if (!(ticks > 0))
		table_cell(table, "-");
	else if (rate < 10)
		table_cellf(table, "%.*f", rate < 1 ? 3 : 1, rate);
	else
		table_cell(table, format_count(rate + 0.5).text);
}

struct table results_table(const json_t *results, const struct results_rows *rows)
{
	bool throughput = throughput_is_shown(rows), clears = any_clears(rows);
	struct table table = { 0 };

	table_column(&table, NULL, "facility", NULL, TABLE_LEFT);
	for (size_t i = 0; i < KEYS; i++)
		if (key_is_shown(&keys[i], results, rows))
			table_column(&table, NULL, keys[i].title, NULL, TABLE_RIGHT);
	add_measured_columns(&table, rows->has_pairs, clears, NULL);
	if (throughput)
		table_column(&table, "operations per", "1,000,000 ticks", NULL, TABLE_RIGHT);
	for (size_t i = 0; i < rows->count; i++) {
		const struct results_row *row = &rows->list[i];

		table_cellf(&table, "%s%s", json_str(row->first, "facility", "-"),
			    row->objects_per_operation > 1 ? "*" : "");
		for (size_t k = 0; k < KEYS; k++)
			if (key_is_shown(&keys[k], results, rows))
				add_key(&table, &keys[k], row);
		add_measured(&table, row, rows->has_pairs, clears);
		if (throughput)
			add_throughput(&table, row->cost);
	}
	return table;
}

struct table experiments_table(const json_t *document)
{
	const char *unit = unit_name(json_str(document_environment(document), "clock.unit", "-"));
	struct table table = { 0 };
	json_t *result;
	size_t i;

	table_column(&table, NULL, "experiment", NULL, TABLE_LEFT);
	add_measured_columns(&table, false, false, unit);
	table_columns(&table, ">backing bytes|>extents|>contiguous objects|>status");
	json_array_foreach(document_results(document), i, result) {
		const char *reason = json_str(result, "reason", NULL);
		const char *status = json_str(result, "status", "-");
		cleanup_free char *title = experiment_title(result);
		const struct results_row row = { .cost = result, .memory = result };
		bool packed = objects_per_operation(result, "alloc") > 1 ||
			      objects_per_operation(result, "free") > 1;

		table_cellf(&table, "%s%s", title, packed ? "*" : "");
		add_measured(&table, &row, false, false);
		table_cell(&table, format_at(result, "memory.backing_bytes").text);
		table_cell(&table, format_at(result, "contiguity.extents").text);
		table_cell(&table, format_at(result, "contiguity.contiguous_objects").text);
		table_cellf(&table, "%s%s%s", status, reason ? ": " : "", reason ?: "");
		if (!strcmp(status, "failed"))
			table_cell_class(&table, "bad");
	}
	return table;
}

struct table pmu_table(const json_t *results)
{
	static const char *const directions[] = { "alloc", "free" };
	static const char *const events[] = {
		"instructions", "cycles", "cache_misses", "llc_misses", "dtlb_misses"
	};
	struct table table = { 0 };
	json_t *result;
	size_t i;

	table_columns(&table, "<experiment|>operation");
	for (i = 0; i < ARRAY_SIZE(events); i++)
		table_column(&table, NULL, events[i], NULL, TABLE_RIGHT);
	json_array_foreach(results, i, result) {
		cleanup_free char *title = experiment_title(result);

		for (size_t d = 0; d < ARRAY_SIZE(directions); d++) {
			const json_t *counts = json_at(json_at(result, "pmu"), directions[d]);

			if (!json_is_object(counts))
				continue;
			table_cell(&table, title);
			table_cell(&table, directions[d]);
			for (size_t e = 0; e < ARRAY_SIZE(events); e++)
				table_cell(&table, format_at(counts, events[e]).text);
		}
	}
	return table;
}

struct table kept_table(const json_t *results)
{
	struct table table = { 0 };
	json_t *result;
	size_t i;

	table_column(&table, NULL, "partly freed", NULL, TABLE_LEFT);
	table_column(&table, "kept", "objects", NULL, TABLE_RIGHT);
	table_column(&table, "kept", "bytes", NULL, TABLE_RIGHT);
	table_columns(&table, ">backing:bytes|>bytes per:object|>system:bytes|>ratio|>share");
	json_array_foreach(results, i, result) {
		cleanup_free char *title = experiment_short_title(result, results);
		const json_t *kept = json_at(result, "kept");
		double objects = json_num(kept, "objects", 0);

		if (!json_is_object(kept))
			continue;
		table_cell(&table, title);
		table_cell(&table, format_at(kept, "objects").text);
		table_cell(&table, format_at(kept, "requested_bytes").text);
		table_cell(&table, format_at(kept, "backing_bytes").text);
		table_cell(&table, format_real(json_num(kept, "backing_bytes", 0) / objects).text);
		table_cell(&table, format_at(kept, "system_bytes").text);
		table_cell(&table, format_at(kept, "ratio").text);
		table_cell(&table, format_share_at(kept, "share").text);
	}
	return table;
}

bool init_cost_is_separate(const json_t *document)
{
	const json_t *runs = json_object_get(document, "runs");
	const json_t *on = json_at(json_array_get(runs, 0), "environment");
	const json_t *off = json_at(json_array_get(runs, 1), "environment");

	return json_array_size(runs) == 2 && json_is(on, "kernel.config.init_on_alloc", "on") &&
	       json_is(off, "kernel.config.init_on_alloc", "off") &&
	       json_equal(json_at(on, "kernel.release"), json_at(off, "kernel.release")) &&
	       json_equal(json_at(on, "kernel.arch"), json_at(off, "kernel.arch"));
}

/* Return true if the memory is cleared whether or not init_on_alloc is set. */
static bool always_clears(const json_t *result)
{
	return facility_flags(json_str(result, "facility", "")) & KMEMLAB_FACILITY_USER_SPACE ||
	       json_is(result, "parameters.gfp", "zeroed");
}

/* Only allocations are compared: the option does not change frees. */
struct table init_cost_table(const json_t *document)
{
	const json_t *results = document_results(document);
	struct table table = { 0 };
	json_t *result;
	size_t i;

	table_columns(&table, "<alloc p50|>init_on_alloc=1|>init_on_alloc=0|>clearing cost|>share");
	json_array_foreach(results, i, result) {
		json_t *experiment = experiment_at(results, i);
		const json_t *on = json_at(result, "alloc.uninterrupted.p50");
		const json_t *off = json_at(experiment_result(document, 1, experiment),
					    "alloc.uninterrupted.p50");
		long long cost = json_integer_value(on) - json_integer_value(off);
		bool known = json_is_integer(on) && json_is_integer(off);
		cleanup_free char *title = experiment_title(result);

		json_decref(experiment);
		if (!json_at(result, "alloc"))
			continue;
		table_cell(&table, title);
		table_cell(&table, format_number(on).text);
		table_cell(&table, format_number(off).text);
		/* An allocation that is cheaper with the option took another path: ignore it. */
		if (known && cost > 0 && !always_clears(result)) {
			table_cell(&table, format_count(cost).text);
			table_cell(&table, format_share((double)cost /
							json_integer_value(on)).text);
		} else {
			table_cell(&table, known ? "none" : "-");
			table_cell(&table, known ? "none" : "-");
		}
	}
	return table;
}
