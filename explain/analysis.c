// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis.h"

#include <string.h>

#include "base/memory.h"
#include "footprint.h"

/* Where the path stands in the index, or would stand. */
static size_t *slot_for(struct analysis *analysis, uint64_t id)
{
	size_t slot = (id * 0x9e3779b97f4a7c15ULL >> 20) & (analysis->slot_count - 1);

	while (analysis->slots[slot] && analysis->paths[analysis->slots[slot] - 1].id != id)
		slot = (slot + 1) & (analysis->slot_count - 1);
	return &analysis->slots[slot];
}

/* Operations may all differ: an index finds their paths. At least half of it is empty. */
static void index_grow(struct analysis *analysis)
{
	free(analysis->slots);
	analysis->slot_count = analysis->slot_count ? 2 * analysis->slot_count : 256;
	analysis->slots = xcalloc(analysis->slot_count, sizeof(*analysis->slots));
	for (size_t i = 0; i < analysis->path_count; i++)
		*slot_for(analysis, analysis->paths[i].id) = i + 1;
}

static struct path *path_for(struct analysis *analysis, uint64_t id)
{
	size_t *slot;

	if (2 * analysis->path_count >= analysis->slot_count)
		index_grow(analysis);
	slot = slot_for(analysis, id);
	if (*slot)
		return &analysis->paths[*slot - 1];
	*slot = analysis->path_count + 1;
	if (analysis->path_count == analysis->path_room) {
		analysis->path_room = analysis->path_room ? 2 * analysis->path_room : 64;
		analysis->paths = xrealloc(analysis->paths,
					   analysis->path_room * sizeof(*analysis->paths));
	}
	analysis->paths[analysis->path_count] = (struct path) { .id = id };
	return &analysis->paths[analysis->path_count++];
}

/*
 * Does the clock say what was executed, by interrupts and by other tasks too?
 * It cannot where the CPU was idle meanwhile, or executed a user's instructions.
 */
static void compare(struct analysis *analysis, const struct call_tree *tree,
		    const struct sample *sample, unsigned int overhead)
{
	uint64_t executed = tree->instructions + tree->interrupt_instructions +
			    tree->other_instructions;

	if (tree->clock_ran_on)
		return;
	analysis->compared++;
	if (sample->ticks == executed + overhead)
		return;
	if (!analysis->differing++) {
		analysis->first_differing = analysis->operations;
		analysis->differing_clock = sample->ticks - overhead;
		analysis->differing_trace = executed;
	}
}

static void take_means(struct path *path, const struct footprint *footprint)
{
	double old = path->count - 1, all = path->count;

	path->lines_mean = (path->lines_mean * old + footprint->lines) / all;
	path->pages_mean = (path->pages_mean * old + footprint->pages) / all;
	for (size_t i = 0; i < CACHE_LEVELS; i++)
		path->misses_mean[i] = (path->misses_mean[i] * old + footprint->misses[i]) / all;
}

/* Puts the operation to those that took its path; the tree goes there or away. */
static void take_path(struct analysis *analysis, struct call_tree *tree,
		      const struct footprint *footprint, const struct sample *sample)
{
	struct path *path = path_for(analysis, tree->path);

	path->count++;
	path->disturbed += sample->tags != 0;
	take_means(path, footprint);
	analysis->instructions += tree->instructions;
	analysis->interrupt_instructions += tree->interrupt_instructions;
	analysis->other_instructions += tree->other_instructions;
	if (path->count == 1) {
		path->first = analysis->operations;
		path->instructions = tree->instructions;
		path->footprint = *footprint;
		path->tree = *tree;
		*tree = (struct call_tree) { 0 };
	}
	call_tree_release(tree);
}

static char *take_operation(struct analysis *analysis, const struct trace *trace,
			    const struct operation *operation, const struct samples *samples,
			    struct cache_model *model)
{
	const struct sample *sample = &samples->list[analysis->operations];
	struct placed *placed = xcalloc(operation->step_count, sizeof(*placed));
	struct footprint footprint;
	struct call_tree tree;
	char *error = call_tree_build(&tree, trace, operation, &analysis->symbols, placed);

	if (!error) {
		footprint_take(&footprint, operation, placed, model);
		compare(analysis, &tree, sample, samples->overhead);
		take_path(analysis, &tree, &footprint, sample);
		analysis->operations++;
	}
	free(placed);
	return error;
}

static int by_count(const void *a, const void *b)
{
	const struct path *first = a, *second = b;

	if (first->count != second->count)
		return first->count < second->count ? 1 : -1;
	return first->first < second->first ? -1 : 1;
}

char *analysis_run(struct analysis *analysis, struct trace *trace, const struct samples *samples,
		   struct cache_model *model)
{
	const struct fixed_code *fixed = trace->machine->fixed;
	struct operation operation = { 0 };
	char *error = NULL;

	for (; fixed && fixed->name; fixed++)
		symbols_add(&analysis->symbols, fixed->address, fixed->name);
	while (!error && trace_next(trace, &operation, &error)) {
		if (analysis->operations < samples->count)
			error = take_operation(analysis, trace, &operation, samples, model);
		else
			error = xasprintf("the trace has more operations than the experiment (%zu)",
					  samples->count);
	}
	operation_release(&operation);
	free(analysis->slots);
	analysis->slots = NULL;
	if (!error && !trace->limited && analysis->operations != samples->count)
		error = xasprintf("the trace has %zu operations, the experiment %zu",
				  analysis->operations, samples->count);
	qsort(analysis->paths, analysis->path_count, sizeof(*analysis->paths), by_count);
	return error;
}

void analysis_release(struct analysis *analysis)
{
	for (size_t i = 0; i < analysis->path_count; i++) {
		call_tree_release(&analysis->paths[i].tree);
		blocks_release(&analysis->paths[i].blocks);
	}
	free(analysis->paths);
	symbols_release(&analysis->symbols);
	*analysis = (struct analysis) { 0 };
}

static char *take_blocks(struct path *path, const struct trace *trace,
			 const struct operation *operation, struct symbols *symbols)
{
	struct placed *placed = xcalloc(operation->step_count, sizeof(*placed));
	struct call_tree tree;
	char *error = call_tree_build(&tree, trace, operation, symbols, placed);

	if (!error) {
		blocks_take(&path->blocks, trace, operation, placed, symbols);
		call_tree_release(&tree);
	}
	free(placed);
	return error;
}

char *analysis_take_blocks(struct analysis *analysis, enum path_state state, struct trace *trace)
{
	struct path *path = &analysis->paths[analysis_path(analysis, state) - analysis->paths];
	struct operation operation = { 0 };
	char *error = NULL;
	size_t number = 0;

	while (trace_next(trace, &operation, &error))
		if (number++ == path->first) {
			error = take_blocks(path, trace, &operation, &analysis->symbols);
			break;
		}
	operation_release(&operation);
	return error;
}

static bool is_colder(const struct path *path, const struct path *than)
{
	bool calm = path->disturbed < path->count, than_calm = than->disturbed < than->count;

	return calm != than_calm ? calm : path->first < than->first;
}

const struct path *analysis_path(const struct analysis *analysis, enum path_state state)
{
	const struct path *found = analysis->paths;

	for (size_t i = 0; i < analysis->path_count; i++) {
		const struct path *path = &analysis->paths[i];

		if ((state == STATE_COLD && is_colder(path, found)) ||
		    (state == STATE_REFILL && path->instructions > found->instructions))
			found = path;
	}
	return found;
}

static const struct node *find_name(const struct node *node, const char *name)
{
	const struct node *found = strcmp(node->name, name) ? NULL : node;

	for (const struct node *child = node->first; child && !found; child = child->next)
		found = find_name(child, name);
	return found;
}

/* The costliest function that the usual path does not have; of nested ones the outermost. */
static const struct node *find_new(const struct node *node, const struct node *usual)
{
	const struct node *best = NULL;

	if (!find_name(usual, node->name))
		return node;
	for (const struct node *child = node->first; child; child = child->next) {
		const struct node *found = find_new(child, usual);

		if (found && (!best || found->total > best->total))
			best = found;
	}
	return best;
}

const char *analysis_mark(const struct analysis *analysis, const struct path *path)
{
	const struct node *found;

	if (path == analysis->paths)
		return NULL;
	found = find_new(path->tree.root, analysis->paths[0].tree.root);
	return found ? found->name : "";
}
