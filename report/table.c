// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of a run: what a kernel engineer pastes into a mail. */
#include "report.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "figures.h"
#include "format.h"
#include "grid.h"
#include "table_frame.h"
#include "table_groups.h"
#include "table_verbose.h"
#include "zeroing.h"

/* Columns that stand there only where the lines differ in them. */
enum {
	KEY_WORKLOAD, KEY_GFP, KEY_CONDITION, KEY_OBJECTS, KEY_SIZE, KEY_CPUS, KEY_SEED, KEY_ALIGN,
	KEY_REPEATS, KEY_NODE, KEY_BULK, KEY_ORDER, KEY_FREE_CPU, KEYS
};

static const struct key {
	const char *title;
	const char *group, *field;	/* of a result; group NULL: its own */
	bool of_batch;	/* a pair has none, so only results of one workload are compared */
	int unset;	/* the value that stands for none, where may_be_unset */
	bool may_be_unset;
} keys[KEYS] = {
	[KEY_WORKLOAD] = { "workload", NULL, "workload" },
	[KEY_GFP] = { "gfp", "parameters", "gfp" },
	[KEY_CONDITION] = { "condition", "parameters", "condition" },
	[KEY_OBJECTS] = { "objects", NULL, "objects" },
	[KEY_SIZE] = { "size", NULL, "object_size" },
	[KEY_CPUS] = { "CPUs", "parameters", "cpus" },
	[KEY_SEED] = { "seed", "parameters", "seed" },
	[KEY_ALIGN] = { "align", "parameters", "align", .may_be_unset = true },
	[KEY_REPEATS] = { "repeats", "parameters", "repeats" },
	[KEY_NODE] = { "node", "parameters", "node", .may_be_unset = true, .unset = -1 },
	[KEY_BULK] = { "bulk", "parameters", "bulk", .of_batch = true, .may_be_unset = true },
	[KEY_ORDER] = { "order", "parameters", "free_order", .of_batch = true },
	[KEY_FREE_CPU] = { "free CPU", "parameters", "free_cpu", .of_batch = true,
			   .may_be_unset = true, .unset = -1 },
};

struct variety {
	bool differ[KEYS];
	bool throughput;	/* something was measured by time */
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

static const json_t *value_of(const struct key *key, const json_t *result)
{
	return json_object_get(key->group ? json_object_get(result, key->group) : result,
			       key->field);
}

static void add_key(struct grid *grid, const struct key *key, const struct group *group)
{
	const json_t *batch = group->memory ?: group->first;
	const json_t *value = value_of(key, key->of_batch ? batch : group->first);
	const char *text = json_string_value(value);

	if (key == &keys[KEY_OBJECTS])
		grid_add(grid, format_count(objects_held(batch)).text);
	else if (json_is_array(value))
		grid_add(grid, format_count(json_array_size(value)).text);
	else if (key->may_be_unset && json_integer_value(value) == key->unset)
		grid_add(grid, "-");
	else if (text)
		grid_add(grid, *text ? text : "-");
	else
		grid_add(grid, format_json(value).text);
}

static void add_header(struct grid *grid, const struct variety *variety)
{
	static const char *const upper[] = { "alloc", "", "free", "", "bytes an", "", "", "" };
	static const char *const lower[] = {
		"p50", "p99", "p50", "p99", "object", "used", "extents", "contiguous"
	};

	grid_add(grid, "");
	for (size_t i = 0; i < KEYS; i++)
		if (variety->differ[i])
			grid_add(grid, "");
	for (size_t i = 0; i < 8; i++)
		grid_add(grid, upper[i]);
	if (variety->throughput)
		grid_add(grid, "operations in");
	grid_add(grid, "facility");
	for (size_t i = 0; i < KEYS; i++)
		if (variety->differ[i])
			grid_add(grid, keys[i].title);
	for (size_t i = 0; i < 8; i++)
		grid_add(grid, lower[i]);
	if (variety->throughput)
		grid_add(grid, "1,000,000 ticks");
}

static void add_cost(struct grid *grid, const json_t *result, const char *direction)
{
	const json_t *clean = json_object_get(json_object_get(result, direction), "clean");

	grid_add(grid, format_json(json_object_get(clean, "p50")).text);
	grid_add(grid, format_json(json_object_get(clean, "p99")).text);
}

static void add_memory(struct grid *grid, const json_t *result)
{
	const json_t *memory = json_object_get(result, "memory");
	const json_t *contiguity = json_object_get(result, "contiguity");
	const json_t *backing = json_object_get(memory, "backing_bytes");
	const json_t *contiguous = json_object_get(contiguity, "contiguous_objects");
	double objects = objects_held(result);
	json_t *each = json_is_integer(backing) ?
		       json_real(json_number_value(backing) / objects) : json_null();
	json_t *share = json_is_integer(contiguous) ?
			json_real(json_number_value(contiguous) / objects) : json_null();
	double contiguous_share = json_number_value(share);

	grid_add(grid, format_json(each).text);
	grid_add(grid, format_share(json_object_get(memory, "utilisation")).text);
	grid_add(grid, format_json(json_object_get(contiguity, "extents")).text);
	if (json_is_null(share))
		grid_add(grid, "-");
	else if (contiguous_share == 0 || contiguous_share == 1)
		grid_add(grid, contiguous_share == 1 ? "yes" : "no");
	else
		grid_add(grid, format_share(share).text);
	json_decref(each);
	json_decref(share);
}

/* What all CPUs together get done in so long. */
static void add_throughput(struct grid *grid, const json_t *result)
{
	const json_t *throughput = json_object_get(result, "throughput");
	double ticks = json_number_value(json_object_get(throughput, "ticks"));
	double operations = json_number_value(json_object_get(throughput, "operations"));

	double rate = operations * 1000000 / ticks;
	cleanup_free char *little = xasprintf("%.*f", rate < 1 ? 3 : 1, rate);

	if (!(ticks > 0))
		grid_add(grid, "-");
	else if (rate < 10)
		grid_add(grid, little);
	else
		grid_add(grid, format_count(rate + 0.5).text);
}

/* One CPU, the only one of user, has none to run together with. */
static bool never_together(const json_t *result)
{
	const json_t *throughput = json_object_get(result, "throughput");

	return json_array_size(json_object_get(throughput, "per_cpu")) > 1 &&
	       json_is_null(json_object_get(throughput, "operations"));
}

static void print_never_together(const struct groups *groups, FILE *out)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (!never_together(groups->groups[i].cost))
			continue;
		fputs("- operations: one CPU was through before another began; "
		      "try more --objects or --repeats\n", out);
		return;
	}
}

static void add_row(struct grid *grid, const struct variety *variety, const struct group *group)
{
	const json_t *first = group->first;
	cleanup_free char *name = xasprintf("%s%s", text_of(first, "facility"),
					    group->objects_per_operation > 1 ? "*" : "");

	grid_add(grid, name);
	for (size_t i = 0; i < KEYS; i++)
		if (variety->differ[i])
			add_key(grid, &keys[i], group);
	add_cost(grid, group->cost, "alloc");
	add_cost(grid, group->cost, "free");
	add_memory(grid, group->memory);
	if (variety->throughput)
		add_throughput(grid, group->cost);
}

/* Only where several CPUs are compared: one alone says it with its p50. */
static bool any_throughput(const json_t *results)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const json_t *throughput = json_object_get(result, "throughput");

		if (json_array_size(json_object_get(throughput, "per_cpu")) > 1)
			return true;
	}
	return false;
}

/* Whether any two results of one workload differ in it. */
static bool differs_in_a_workload(const json_t *results, const struct key *key)
{
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *one = json_array_get(results, i);

		for (size_t j = 0; j < i; j++) {
			const json_t *other = json_array_get(results, j);

			if (!strcmp(text_of(one, "workload"), text_of(other, "workload")) &&
			    !json_equal(value_of(key, one), value_of(key, other)))
				return true;
		}
	}
	return false;
}

static struct variety variety_of(const json_t *results, const struct groups *groups)
{
	struct variety variety = { .throughput = any_throughput(results) };

	for (size_t i = 0; i < KEYS; i++)
		variety.differ[i] = keys[i].of_batch ?
			differs_in_a_workload(results, &keys[i]) :
			!results_agree(results, keys[i].group, keys[i].field);
	variety.differ[KEY_WORKLOAD] = groups->by_workload;
	variety.differ[KEY_OBJECTS] = !results_hold_alike(results);
	return variety;
}

static size_t columns_of(const struct variety *variety)
{
	size_t columns = 9 + variety->throughput;

	for (size_t i = 0; i < KEYS; i++)
		columns += variety->differ[i];
	return columns;
}

static void print_groups(const json_t *document, const struct groups *groups, FILE *out)
{
	struct variety variety = variety_of(document_results(document), groups);
	struct grid grid = { .columns = columns_of(&variety) };

	frame_print_common(document, groups, out);
	if (groups->count) {
		fputc('\n', out);
		add_header(&grid, &variety);
		for (size_t i = 0; i < groups->count; i++)
			add_row(&grid, &variety, &groups->groups[i]);
		grid_print(&grid, "", out);
		if (groups_print_packed(groups, out))
			fputs(variety.throughput ? ", in the last column too\n" : "\n", out);
		if (variety.throughput)
			print_never_together(groups, out);
	}
}

void report_table(const json_t *document, bool verbose, FILE *out)
{
	struct groups groups = groups_of(document_results(document));

	frame_print_head(document, out);
	print_groups(document, &groups, out);
	if (zeroing_told_apart(document))
		zeroing_print(document, out);
	if (verbose)
		verbose_print(document, out);
	fputc('\n', out);
	frame_print_foot(document, &groups, verbose, out);
	groups_release(&groups);
}
