// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "base/memory.h"
#include "view.h"

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

static json_t *node_json(const struct node *node, const struct cache_model *model)
{
	json_t *children = json_array();
	json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
				   "name", node->name, "kind", kinds[node->kind],
				   "self", (json_int_t)node->self, "total", (json_int_t)node->total,
				   "calls", (json_int_t)node->calls,
				   "loads", (json_int_t)node->loads, "stores", (json_int_t)node->stores,
				   "loaded_bytes", (json_int_t)node->loaded_bytes,
				   "stored_bytes", (json_int_t)node->stored_bytes);

	if (model)
		json_object_set_new(object, "modelled_misses", misses_json(node->misses, model));
	for (const struct node *child = node->first; child; child = child->next)
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

static json_t *facts_json(const struct view_facts *facts)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s}",
			 "facility", facts->facility, "op", facts->op, "workload", facts->workload,
			 "gfp", facts->gfp, "object_size", (json_int_t)facts->size,
			 "objects", (json_int_t)facts->objects,
			 "state", facts->state, "kernel", facts->kernel, "arch", facts->arch);
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

static json_t *memory_json(const struct footprint *footprint)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}",
			 "loads", (json_int_t)footprint->loads,
			 "stores", (json_int_t)footprint->stores,
			 "loaded_bytes", (json_int_t)footprint->loaded_bytes,
			 "stored_bytes", (json_int_t)footprint->stored_bytes,
			 "cache_lines", (json_int_t)footprint->lines,
			 "pages", (json_int_t)footprint->pages);
}

json_t *view_json(const struct analysis *analysis, const struct path *path,
		  const struct view_facts *facts)
{
	json_t *paths = json_array(), *document;

	for (size_t i = 0; i < analysis->path_count; i++)
		json_array_append_new(paths, path_json(analysis, &analysis->paths[i], facts->model));
	document = json_pack("{s:s, s:o, s:{s:s, s:i, s:I, s:I}, s:I, s:I, s:o, s:o}",
			     "schema", "kmemlab.explain/1", "experiment", facts_json(facts),
			     "clock", "unit", "instructions", "overhead", facts->overhead,
			     "compared", (json_int_t)analysis->compared,
			     "differing", (json_int_t)analysis->differing,
			     "sum", (json_int_t)path->instructions,
			     "operations", (json_int_t)analysis->operations,
			     "tree", node_json(path->tree.root, facts->model), "paths", paths);
	json_object_set_new(document, "memory", memory_json(&path->footprint));
	json_object_set_new(document, "blocks", blocks_json(analysis, path));
	json_object_set_new(document, "interrupt_instructions",
			    json_integer(analysis->interrupt_instructions));
	json_object_set_new(document, "other_task_instructions",
			    json_integer(analysis->other_instructions));
	json_object_set_new(document, "input_sha256", json_string(facts->input_sha256));
	return document;
}
