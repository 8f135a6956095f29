// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis.h"

#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"

/* More samples than any trace has operations: bounds the memory. */
#define SAMPLES_MAX	(1 << 24)

char *samples_add(struct samples *samples, const json_t *record)
{
	const char *module_text = json_str(record, "module_text", NULL);
	json_int_t ticks, tags, count;
	json_t *run;
	size_t i;

	samples->overhead = json_int(record, "overhead", 0);
	samples->module_text = module_text ? strtoull(module_text, NULL, 16) : 0;
	json_array_foreach(json_object_get(record, "runs"), i, run) {
		if (json_unpack(run, "[I,I,I]", &ticks, &tags, &count) || ticks < 0 || tags < 0 ||
		    count < 1 || (uint64_t)count > SAMPLES_MAX - samples->count)
			return xasprintf("damaged sample records");
		while (count--)
			*array_add(&samples->list, &samples->count) =
				(struct sample) { ticks, tags };
	}
	return NULL;
}

static struct path *path_for(struct analysis *analysis, uint64_t id)
{
	size_t index = number_set_add(&analysis->path_ids, id);

	if (index < analysis->path_count)
		return &analysis->paths[index];
	return array_add(&analysis->paths, &analysis->path_count);
}

/*
 * Compare the sample with the instructions of the operation, interrupts and other
 * tasks. They are not comparable if the CPU was idle, because its clock kept counting, or
 * in user mode, which is not traced.
 */
static void compare_sample(struct analysis *analysis, const struct call_tree *tree,
			   const struct sample *sample, unsigned int overhead)
{
	uint64_t executed = tree->instructions + tree->interrupt_instructions +
			    tree->other_instructions;

	if (tree->clock_ran_on || tree->clock_misread)
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

static void update_means(struct path *path, const struct footprint *footprint)
{
	double previous = path->count - 1;

	path->lines_mean = (path->lines_mean * previous + footprint->lines) / path->count;
	path->pages_mean = (path->pages_mean * previous + footprint->pages) / path->count;
}

static void add_to_all(struct path *all, const struct call_tree *tree,
		       const struct footprint *footprint)
{
	all->count++;
	all->instructions += tree->instructions;
	call_tree_add(&all->tree, tree);
	footprint_add(&all->footprint, footprint);
}

/* Add the operation to its path, which takes ownership of the tree of its first one. */
static void add_to_path(struct analysis *analysis, struct call_tree *tree,
			const struct footprint *footprint, const struct sample *sample)
{
	struct path *path = path_for(analysis, tree->path);

	path->count++;
	path->last = analysis->operations;
	path->disturbed += sample->tags != 0;
	update_means(path, footprint);
	if (path->count == 1) {
		path->first = analysis->operations;
		path->instructions = tree->instructions;
		path->footprint = *footprint;
		path->tree = *tree;
		*tree = (struct call_tree) { 0 };
	}
	call_tree_release(tree);
}

static char *add_operation(struct analysis *analysis, const struct trace *trace,
			   const struct operation *operation, const struct samples *samples,
			   struct cache_model *model)
{
	struct attribution *attributions = xcalloc(operation->step_count, sizeof(*attributions));
	const struct sample *sample = &samples->list[analysis->operations];
	struct footprint footprint;
	struct call_tree tree;
	char *error = call_tree_build(&tree, trace, operation, &analysis->symbols, attributions);

	if (!error) {
		footprint_collect(&footprint, trace, operation, attributions, model);
		compare_sample(analysis, &tree, sample, samples->overhead);
		add_to_all(&analysis->all, &tree, &footprint);
		add_to_path(analysis, &tree, &footprint, sample);
		analysis->operations++;
	}
	free(attributions);
	return error;
}

static int compare_frequency(const void *a, const void *b)
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

	analysis->has_string_bytes = trace->machine->repeats;
	for (; fixed && fixed->name; fixed++)
		symbols_add(&analysis->symbols, fixed->address, fixed->name);
	while (!error && trace_next(trace, &operation, &error)) {
		if (analysis->operations < samples->count)
			error = add_operation(analysis, trace, &operation, samples, model);
		else
			error = xasprintf("the trace has more operations than the experiment (%zu)",
					  samples->count);
	}
	operation_release(&operation);
	number_set_release(&analysis->path_ids);
	if (!error && !trace->limited && analysis->operations != samples->count)
		error = xasprintf("the trace has %zu operations, but the experiment has %zu",
				  analysis->operations, samples->count);
	if (analysis->path_count)
		qsort(analysis->paths, analysis->path_count, sizeof(*analysis->paths),
		      compare_frequency);
	return error;
}

static void path_release(struct path *path)
{
	call_tree_release(&path->tree);
	basic_blocks_release(&path->blocks);
	mix_release(&path->mix);
	written_lines_release(&path->written);
}

void analysis_release(struct analysis *analysis)
{
	for (size_t i = 0; i < analysis->path_count; i++)
		path_release(&analysis->paths[i]);
	path_release(&analysis->all);
	free(analysis->paths);
	symbols_release(&analysis->symbols);
	memory_owners_release(&analysis->owners);
	*analysis = (struct analysis) { 0 };
}

/* Let the operation access the caches of each CPU. */
static void access_caches(struct cycle_input *input, const struct trace *trace,
			  const struct operation *operation, const struct attribution *attributions)
{
	struct footprint footprint;

	for (size_t i = 0; i < input->cpu_count; i++) {
		footprint_collect(&footprint, trace, operation, attributions,
				  &input->models[i]);
		memcpy(input->missed[i], footprint.misses, sizeof(footprint.misses));
	}
}

/* path is that of the operation if it is the wanted one, else NULL. */
static char *take_blocks(struct analysis *analysis, struct path *path, const struct trace *trace,
			 const struct operation *operation, struct cycle_input *input)
{
	struct attribution *attributions = xcalloc(operation->step_count, sizeof(*attributions));
	struct symbols *symbols = &analysis->symbols;
	struct call_tree tree;
	char *error = call_tree_build(&tree, trace, operation, symbols, attributions);

	if (!error && input)
		access_caches(input, trace, operation, attributions);
	if (!error && path) {
		basic_blocks_collect(&path->blocks, trace, operation, attributions, symbols);
		mix_collect(&path->mix, trace, operation, attributions, symbols);
		written_lines_collect(&path->written, trace, operation, attributions,
				      &analysis->owners);
		if (input)
			cycle_steps_collect(&input->steps, trace, operation, attributions);
	}
	if (!error)
		call_tree_release(&tree);
	free(attributions);
	return error;
}

char *analysis_take_blocks(struct analysis *analysis, enum path_state state, struct trace *trace,
			   struct cycle_input *input)
{
	struct path *path = (struct path *)analysis_path(analysis, state);
	size_t number = 0, taken = input ? path->last : path->first;
	struct operation operation = { 0 };
	char *error = NULL;

	if (state == STATE_ALL)
		taken = analysis->operations - 1;
	for (; number <= taken && !error && trace_next(trace, &operation, &error); number++)
		if (input || number == taken || state == STATE_ALL)
			error = take_blocks(analysis,
					    number == taken || state == STATE_ALL ? path : NULL,
					    trace, &operation, input);
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

	if (state == STATE_ALL)
		return &analysis->all;
	for (size_t i = 0; i < analysis->path_count; i++) {
		const struct path *path = &analysis->paths[i];

		if ((state == STATE_COLD && is_colder(path, found)) ||
		    (state == STATE_REFILL && path->instructions > found->instructions))
			found = path;
	}
	return found;
}

static bool has_function(const struct call_node *node, const char *name)
{
	bool found = !strcmp(node->name, name);

	for (const struct call_node *child = node->first; child && !found; child = child->next)
		found = has_function(child, name);
	return found;
}

/* Return the costliest function that is not in the usual tree; of nested ones the outermost. */
static const struct call_node *find_new(const struct call_node *node, const struct call_node *usual)
{
	const struct call_node *best = NULL;

	if (!has_function(usual, node->name))
		return node;
	for (const struct call_node *child = node->first; child; child = child->next) {
		const struct call_node *found = find_new(child, usual);

		if (found && (!best || found->total > best->total))
			best = found;
	}
	return best;
}

const char *analysis_mark(const struct analysis *analysis, const struct path *path)
{
	const struct call_node *found;

	if (path == analysis->paths)
		return NULL;
	found = find_new(path->tree.root, analysis->paths[0].tree.root);
	return found ? found->name : "";
}
