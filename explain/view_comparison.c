// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "alignment.h"
#include "view.h"

static struct aligned *align(const struct compared *sides, size_t count)
{
	const struct node *roots[SIDES_MAX] = { 0 };

	for (size_t side = 0; side < count; side++)
		roots[side] = sides[side].path->tree.root;
	return align_trees(roots, count);
}

/* Each kernel's figure; from the second on with how much more than the first one's that is. */
static void print_figures(const uint64_t *figures, size_t count, FILE *out)
{
	fprintf(out, "%9" PRIu64, figures[0]);
	for (size_t side = 1; side < count; side++)
		fprintf(out, " %9" PRIu64 " %+8" PRId64, figures[side],
			(int64_t)(figures[side] - figures[0]));
}

static void print_line(const uint64_t *figures, size_t count, const char *name, FILE *out)
{
	print_figures(figures, count, out);
	fprintf(out, "  %s\n", name);
}

static void print_sum(const struct compared *sides, size_t count, FILE *out)
{
	uint64_t sums[SIDES_MAX] = { 0 };
	bool differing = false;

	for (size_t side = 0; side < count; side++) {
		sums[side] = sides[side].path->instructions;
		differing |= sides[side].analysis->differing;
	}
	print_line(sums, count, differing ? "sum; NOT what the clocks say" :
		   "sum; the clocks say the same", out);
}

static void print_functions(const struct aligned *functions, size_t count, FILE *out)
{
	uint64_t same[SIDES_MAX] = { 0 };

	fprintf(out, "\nInstructions by function\n");
	for (const struct aligned *line = functions->first; line; line = line->next) {
		bool changes = false;

		for (size_t side = 1; side < count; side++)
			changes |= aligned_change(line, side) != 0;
		if (changes)
			print_line(line->self, count, line->name, out);
		for (size_t side = 0; side < count && !changes; side++)
			same[side] += line->self[side];
	}
	print_line(same, count, "functions that cost the same", out);
}

/* A function's own instructions; where nothing below it differs, with all of that in one line. */
static void print_calls(const struct aligned *place, unsigned int depth, size_t count, FILE *out)
{
	bool whole = place->first && aligned_same(place, count);

	print_figures(whole ? place->total : place->self, count, out);
	fprintf(out, "  %*s%s%s\n", 2 * depth, "", place->name, whole ? ", and all it calls" : "");
	for (const struct aligned *child = place->first; child && !whole; child = child->next)
		print_calls(child, depth + 1, count, out);
}

static void print_head(const struct compared *sides, size_t count, FILE *out)
{
	const struct view_facts *facts = sides[0].facts;

	fprintf(out, "%s, %s of %" PRIu64 " bytes, gfp %s, workload %s, state %s\n\n", facts->facility,
		facts->op, facts->size, facts->gfp, facts->workload, facts->state);
	for (size_t side = 0; side < count; side++)
		fprintf(out, "%zu: Linux %s, %s\n", side + 1, sides[side].facts->kernel,
			sides[side].facts->arch);
	fprintf(out, "\n%9d", 1);
	for (size_t side = 1; side < count; side++)
		fprintf(out, " %9zu %4zu - 1", side + 1, side + 1);
	fprintf(out, "\n");
}

void view_comparison(const struct compared *sides, size_t count, FILE *out)
{
	struct aligned *tree = align(sides, count);
	struct aligned *functions = align_functions(tree, count);

	print_head(sides, count, out);
	print_functions(functions, count, out);
	print_sum(sides, count, out);
	fprintf(out, "\nBy call\n");
	print_calls(tree, 0, count, out);
	print_sum(sides, count, out);
	aligned_release(functions);
	aligned_release(tree);
}

static json_t *numbers_json(const uint64_t *numbers, size_t count)
{
	json_t *array = json_array();

	for (size_t side = 0; side < count; side++)
		json_array_append_new(array, json_integer(numbers[side]));
	return array;
}

static json_t *function_json(const struct aligned *function, size_t count)
{
	json_t *changes = json_array();

	for (size_t side = 1; side < count; side++)
		json_array_append_new(changes, json_integer(aligned_change(function, side)));
	return json_pack("{s:s, s:o, s:o}", "name", function->name,
			 "self", numbers_json(function->self, count), "changes", changes);
}

static json_t *aligned_json(const struct aligned *place, size_t count)
{
	json_t *children = json_array();

	for (const struct aligned *child = place->first; child; child = child->next)
		json_array_append_new(children, aligned_json(child, count));
	return json_pack("{s:s, s:o, s:o, s:o}", "name", place->name,
			 "self", numbers_json(place->self, count),
			 "total", numbers_json(place->total, count), "children", children);
}

json_t *view_comparison_json(const struct compared *sides, size_t count)
{
	struct aligned *tree = align(sides, count);
	struct aligned *functions = align_functions(tree, count);
	json_t *differences = json_array(), *kernels = json_array(), *document;

	for (const struct aligned *line = functions->first; line; line = line->next)
		json_array_append_new(differences, function_json(line, count));
	for (size_t side = 0; side < count; side++)
		json_array_append_new(kernels, view_json(sides[side].analysis, sides[side].path,
							 sides[side].facts));
	document = json_pack("{s:s, s:o, s:o, s:o}", "schema", "kmemlab.explain/1",
			     "kernels", kernels, "differences", differences,
			     "tree", aligned_json(tree, count));
	aligned_release(functions);
	aligned_release(tree);
	return document;
}
