// SPDX-License-Identifier: GPL-2.0-or-later
#include "document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"

static const char *const kinds[] = {
	[NODE_CALL] = "call",
	[NODE_TAIL] = "tail_call",
	[NODE_FAULT] = "exception",
	[NODE_INTERRUPT] = "interrupt",
};

static json_t *misses_json(const uint64_t misses[CACHE_LEVELS], const struct cache_model *model)
{
	json_t *object = json_object();

	for (size_t i = 0; i < model->count; i++)
		json_object_set_new(object, model->levels[i].name, json_integer(misses[i]));
	return object;
}

static json_t *node_json(const struct call_node *node, const struct cache_model *model)
{
	json_t *children = json_array();
	json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
				   "name", node->name, "kind", kinds[node->kind],
				   "self", (json_int_t)node->self, "total", (json_int_t)node->total,
				   "calls", (json_int_t)node->calls,
				   "loads", (json_int_t)node->loads,
				   "stores", (json_int_t)node->stores,
				   "loaded_bytes", (json_int_t)node->loaded_bytes,
				   "stored_bytes", (json_int_t)node->stored_bytes);

	if (model)
		json_object_set_new(object, "modelled_misses", misses_json(node->misses, model));
	for (const struct call_node *child = node->first; child; child = child->next)
		json_array_append_new(children, node_json(child, model));
	json_object_set_new(object, "children", children);
	return object;
}

static json_t *path_json(const struct analysis *analysis, const struct path *path,
			 const struct cache_model *model)
{
	const char *mark = analysis_mark(analysis, path);
	json_t *object = json_pack("{s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}",
				   "share", (double)path->count / analysis->operations,
				   "instructions", (json_int_t)path->instructions,
				   "count", (json_int_t)path->count,
				   "first_operation", (json_int_t)path->first,
				   "interrupted", (json_int_t)path->disturbed,
				   "loads", (json_int_t)path->footprint.loads,
				   "stores", (json_int_t)path->footprint.stores,
				   "cache_lines_mean", path->lines_mean,
				   "pages_mean", path->pages_mean);

	json_object_set_new(object, "through", mark && *mark ? json_string(mark) : json_null());
	if (model)
		json_object_set_new(object, "modelled_misses",
				    misses_json(path->footprint.misses, model));
	return object;
}

static json_t *experiment_json(const struct explain_context *context)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s}",
			 "facility", context->facility, "op", context->op,
			 "workload", context->workload, "gfp", context->gfp,
			 "condition", context->condition,
			 "object_size", (json_int_t)context->size,
			 "objects", (json_int_t)context->objects,
			 "bulk", (json_int_t)context->bulk,
			 "repeats", (json_int_t)context->repeats, "state", context->state,
			 "kernel", context->kernel, "arch", context->arch);
}

static json_t *clock_json(const struct analysis *analysis, unsigned int overhead)
{
	json_t *clock = json_pack("{s:s, s:i, s:I, s:I}", "unit", "instructions",
				  "overhead", overhead, "compared", (json_int_t)analysis->compared,
				  "mismatches", (json_int_t)analysis->differing);

	if (analysis->differing)
		json_object_set_new(clock, "first_mismatch", json_pack("{s:I, s:I, s:I}",
			"operation", (json_int_t)analysis->first_differing,
			"clock", (json_int_t)analysis->differing_clock,
			"trace", (json_int_t)analysis->differing_trace));
	return clock;
}

static json_t *blocks_json(const struct analysis *analysis, const struct path *path)
{
	json_t *blocks = json_array();

	for (size_t i = 0; i < path->blocks.count; i++) {
		const struct code_block *block = &path->blocks.list[i];
		cleanup_free char *place = symbols_place(&analysis->symbols, block->symbol,
							 block->address);
		cleanup_free char *address = xasprintf("%" PRIx64, block->address);

		json_array_append_new(blocks, json_pack("{s:s, s:s, s:I, s:I, s:I}",
			"address", address, "place", place, "executed", (json_int_t)block->times,
			"length", (json_int_t)block->length,
			"instructions", (json_int_t)block->instructions));
	}
	return blocks;
}

static json_t *string_bytes_json(const struct analysis *analysis, uint64_t bytes)
{
	return analysis->has_string_bytes ? json_integer(bytes) : json_null();
}

static json_t *memory_json(const struct analysis *analysis, const struct footprint *footprint)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:I}",
			 "loads", (json_int_t)footprint->loads,
			 "stores", (json_int_t)footprint->stores,
			 "loaded_bytes", (json_int_t)footprint->loaded_bytes,
			 "stored_bytes", (json_int_t)footprint->stored_bytes,
			 "cleared_bytes", string_bytes_json(analysis, footprint->cleared_bytes),
			 "copied_bytes", string_bytes_json(analysis, footprint->copied_bytes),
			 "cache_lines", (json_int_t)footprint->lines,
			 "written_lines", (json_int_t)footprint->written_lines,
			 "pages", (json_int_t)footprint->pages);
}

static json_t *mix_json(const struct mix *mix)
{
	json_t *classes = json_object(), *named = json_array();

	for (size_t i = 0; i < MIX_CLASSES; i++)
		json_object_set_new(classes, mix_class_names[i], json_integer(mix->classes[i]));
	for (size_t i = 0; i < mix->named_count; i++)
		json_array_append_new(named, json_pack("{s:s, s:I}", "name", mix->named[i].name,
						       "count", (json_int_t)mix->named[i].count));
	return json_pack("{s:o, s:o, s:I, s:{s:I, s:I, s:I}}", "classes", classes, "named", named,
			 "retpolines", (json_int_t)mix->retpolines, "interrupts_off",
			 "stretches", (json_int_t)mix->irqs_off_stretches,
			 "instructions", (json_int_t)mix->irqs_off_instructions,
			 "longest", (json_int_t)mix->irqs_off_longest);
}

/* Return the written lines by class, or null if the per-CPU areas are unknown. */
static json_t *written_json(const struct analysis *analysis, const struct written_lines *written)
{
	json_t *object = json_object(), *named = json_array();

	for (size_t i = 0; i < LINE_CLASSES; i++)
		json_object_set_new(object, line_class_names[i], json_integer(written->classes[i]));
	json_object_set_new(object, "shared_atomic", json_integer(written->shared_atomic));
	for (size_t i = 0; i < written->named_count; i++)
		json_array_append_new(named, json_pack("{s:s, s:I}",
			"name", written->named[i].name,
			"lines", (json_int_t)written->named[i].lines));
	json_object_set_new(object, "shared_named", named);
	if (analysis->owners.per_cpu_known)
		return object;
	json_decref(object);
	return json_null();
}

static json_t *error_json(const char *cpu)
{
	const struct cycle_error *error = cycle_error_find(cpu);

	return error ? json_pack("{s:f, s:I}", "percent", error->percent,
				 "figures", (json_int_t)error->figures) : json_null();
}

static json_t *estimate_json(const struct cycle_estimate *estimate)
{
	json_t *named = json_array(), *not_modelled = json_array();

	for (size_t i = 0; i < estimate->named_count; i++) {
		const struct cycle_named *item = &estimate->named[i];

		if (item->source)
			json_array_append_new(named, json_pack("{s:s, s:I, s:f, s:s}",
				"name", item->name, "count", (json_int_t)item->count,
				"cycles", item->cycles, "source", item->source));
		else
			json_array_append_new(not_modelled, json_pack("{s:s, s:I}",
				"name", item->name, "count", (json_int_t)item->count));
	}
	return json_pack("{s:s, s:f, s:o, s:f, s:I, s:f, s:f, s:{s:I, s:I, s:I}, s:s, s:o, s:o}",
			 "cpu", estimate->cpu->name, "cycles", estimate->total,
			 "mean_absolute_error", error_json(estimate->cpu->name),
			 "pipeline", estimate->pipeline, "pipeline_instructions",
			 (json_int_t)estimate->pipeline_instructions,
			 "weights", estimate->weights, "misses", estimate->misses,
			 "modelled_misses", "l1", (json_int_t)estimate->missed[0],
			 "l2", (json_int_t)estimate->missed[1],
			 "dtlb", (json_int_t)estimate->missed[2],
			 "caches_source", estimate->cpu->caches_source,
			 "named", named, "not_modelled", not_modelled);
}

static json_t *estimates_json(const struct explain_context *context)
{
	json_t *estimates = json_array();

	for (size_t i = 0; i < context->estimate_count; i++)
		json_array_append_new(estimates, estimate_json(&context->estimates[i]));
	return estimates;
}

json_t *explain_document(const struct analysis *analysis, const struct path *path,
			 const struct explain_context *context)
{
	json_t *paths = json_array(), *document;

	for (size_t i = 0; i < analysis->path_count; i++)
		json_array_append_new(paths, path_json(analysis, &analysis->paths[i],
						       context->model));
	document = json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:I, s:I, s:s}",
			 "schema", "kmemlab.explain/2", "experiment", experiment_json(context),
			 "clock", clock_json(analysis, context->overhead),
			 "sum", (json_int_t)path->instructions,
			 "operations", (json_int_t)analysis->operations,
			 "operations_on_path", (json_int_t)path->count,
			 "total_instructions", (json_int_t)analysis->all.instructions,
			 "total_cleared_bytes",
			 string_bytes_json(analysis, analysis->all.footprint.cleared_bytes),
			 "total_copied_bytes",
			 string_bytes_json(analysis, analysis->all.footprint.copied_bytes),
			 "tree", node_json(path->tree.root, context->model), "paths", paths,
			 "memory", memory_json(analysis, &path->footprint), "mix", mix_json(&path->mix),
			 "written_lines", written_json(analysis, &path->written),
			 "blocks", blocks_json(analysis, path),
			 "interrupt_instructions", (json_int_t)analysis->all.tree.interrupt_instructions,
			 "other_task_instructions", (json_int_t)analysis->all.tree.other_instructions,
			 "input_sha256", context->input_sha256);
	if (context->estimate_count)
		json_object_set_new(document, "modelled_cycles", estimates_json(context));
	return document;
}

/*
 * Return the length of the name without suffixes that differ between kernels: those of
 * the compiler (f.isra.0), and of allocators that a macro profiles (f_noprof).
 */
static size_t base_name_length(const char *name)
{
	static const char suffix[] = "_noprof";
	size_t length = strcspn(name, "."), end = strlen(suffix);

	if (length > end && !strncmp(name + length - end, suffix, end))
		length -= end;
	return length;
}

static json_t *zeros_json(size_t count)
{
	json_t *array = json_array();

	while (count--)
		json_array_append_new(array, json_integer(0));
	return array;
}

static json_int_t number_at(const json_t *array, size_t index)
{
	return json_integer_value(json_array_get(array, index));
}

static void add_number(json_t *node, const char *key, size_t kernel, json_int_t value)
{
	json_t *array = json_object_get(node, key);

	json_array_set_new(array, kernel, json_integer(number_at(array, kernel) + value));
}

/* Return the element for the function, which is appended if it is new. */
static json_t *function_node(json_t *nodes, const char *name, size_t kernels)
{
	cleanup_free char *base_name = xstrndup(name, base_name_length(name));
	json_t *node = json_find(nodes, "name", base_name);

	if (node)
		return node;
	node = json_pack("{s:s, s:o, s:o, s:[]}", "name", base_name, "self", zeros_json(kernels),
			 "total", zeros_json(kernels), "children");
	json_array_append_new(nodes, node);
	return node;
}

/* Add the kernel's call tree to the merged tree, by name. */
static void merge_tree(json_t *merged, const json_t *node, size_t kernel, size_t kernels)
{
	json_t *children = json_object_get(merged, "children"), *child;
	size_t i;

	add_number(merged, "self", kernel, json_int(node, "self", 0));
	add_number(merged, "total", kernel, json_int(node, "total", 0));
	json_array_foreach(json_object_get(node, "children"), i, child)
		merge_tree(function_node(children, json_str(child, "name", ""), kernels), child,
			   kernel, kernels);
}

static void collect_functions(json_t *functions, const json_t *node, size_t kernels)
{
	json_t *function = function_node(functions, json_str(node, "name", ""), kernels), *child;
	size_t i;

	for (size_t kernel = 0; kernel < kernels; kernel++)
		add_number(function, "self", kernel,
			   number_at(json_object_get(node, "self"), kernel));
	json_array_foreach(json_object_get(node, "children"), i, child)
		collect_functions(functions, child, kernels);
}

/* Return the function with its instructions relative to those on the first kernel. */
static json_t *function_changes(const json_t *function)
{
	json_t *self = json_object_get(function, "self"), *changes = json_array();

	for (size_t kernel = 1; kernel < json_array_size(self); kernel++)
		json_array_append_new(changes, json_integer(number_at(self, kernel) -
							    number_at(self, 0)));
	return json_pack("{s:O, s:O, s:o}", "name", json_object_get(function, "name"),
			 "self", self, "changes", changes);
}

static json_int_t max_change(const json_t *function)
{
	json_int_t max = 0;
	json_t *change;
	size_t i;

	json_array_foreach(json_object_get(function, "changes"), i, change)
		if (llabs(json_integer_value(change)) > max)
			max = llabs(json_integer_value(change));
	return max;
}

static int compare_changes(const void *a, const void *b)
{
	const json_t *first = *(json_t *const *)a, *second = *(json_t *const *)b;
	json_int_t first_max = max_change(first), second_max = max_change(second);

	if (first_max != second_max)
		return first_max < second_max ? 1 : -1;
	return strcmp(json_str(first, "name", ""), json_str(second, "name", ""));
}

/* Return the functions of the merged tree, the largest change first. */
static json_t *differences_json(const json_t *tree, size_t kernels)
{
	json_t *functions = json_array(), *differences = json_array();

	collect_functions(functions, tree, kernels);
	for (size_t i = 0; i < json_array_size(functions); i++)
		json_array_append_new(differences, function_changes(json_array_get(functions, i)));
	json_sort(differences, compare_changes);
	json_decref(functions);
	return differences;
}

json_t *explain_diff_document(json_t *kernels)
{
	size_t count = json_array_size(kernels);
	json_t *tree = json_pack("{s:O, s:o, s:o, s:[]}",
				 "name", json_at(json_array_get(kernels, 0), "tree.name"),
				 "self", zeros_json(count), "total", zeros_json(count), "children");

	for (size_t i = 0; i < count; i++)
		merge_tree(tree, json_at(json_array_get(kernels, i), "tree"), i, count);
	return json_pack("{s:s, s:O, s:o, s:o}", "schema", "kmemlab.explain/2",
			 "kernels", kernels, "differences", differences_json(tree, count),
			 "tree", tree);
}
