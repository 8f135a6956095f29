// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include "view.h"

#define BAR_WIDTH	8
#define PATHS_SHOWN	12

static void print_bar(uint64_t part, uint64_t whole, FILE *out)
{
	/* Eighths of a character, rounded to nearest. */
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	uint64_t length = whole ? (part * BAR_WIDTH * 8 + whole / 2) / whole : 0;

	for (uint64_t i = 0; i < length / 8; i++)
		fputs("█", out);
	fputs(eighths[length % 8], out);
	for (uint64_t i = (length + 7) / 8; i < BAR_WIDTH; i++)
		fputc(' ', out);
}

static const char *kind_note(const struct node *node)
{
	switch (node->kind) {
	case NODE_TAIL:
		return " (jumped to)";
	case NODE_FAULT:
		return " (exception)";
	default:
		return "";
	}
}

static void print_node(const struct node *node, unsigned int depth, uint64_t whole,
		       const struct cache_model *model, FILE *out)
{
	fprintf(out, "%8" PRIu64 " %8" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6" PRIu64
		" %6" PRIu64, node->total, node->self, node->calls, node->loads, node->loaded_bytes,
		node->stores, node->stored_bytes);
	for (size_t i = 0; model && i < model->count; i++)
		fprintf(out, " %5" PRIu64, node->misses[i]);
	fprintf(out, "  ");
	print_bar(node->self, whole, out);
	fprintf(out, " %*s%s%s\n", 2 * depth, "", node->name, kind_note(node));
	for (const struct node *child = node->first; child; child = child->next)
		print_node(child, depth + 1, whole, model, out);
}

static void print_head(const struct analysis *analysis, const struct path *path,
		       const struct view_facts *facts, FILE *out)
{
	fprintf(out, "%s, %s of %" PRIu64 " bytes, gfp %s, workload %s, state %s\n", facts->facility,
		facts->op, facts->size, facts->gfp, facts->workload, facts->state);
	fprintf(out, "Linux %s, %s, vm by tcg; %" PRIu64 " instructions, executed by %zu of %zu operations",
		facts->kernel, facts->arch, path->instructions, path->count, analysis->operations);
	if (facts->objects > analysis->operations)
		fprintf(out, " (%" PRIu64 " objects)", facts->objects);
	fprintf(out, "\n\n");
}

static void print_tree(const struct path *path, const struct view_facts *facts, FILE *out)
{
	fprintf(out, "%8s %8s %6s %6s %6s %6s %6s", "total", "self", "calls", "loads", "bytes",
		"stores", "bytes");
	for (size_t i = 0; facts->model && i < facts->model->count; i++)
		fprintf(out, " %5s", facts->model->levels[i].name);
	fprintf(out, "  %-*s function\n", BAR_WIDTH, "self");
	print_node(path->tree.root, 0, path->instructions, facts->model, out);
	fprintf(out, "\nMemory: %" PRIu64 " loads of %" PRIu64 " bytes, %" PRIu64 " stores of %" PRIu64
		" bytes; %" PRIu64 " cache lines and %" PRIu64 " pages touched\n",
		path->footprint.loads, path->footprint.loaded_bytes, path->footprint.stores,
		path->footprint.stored_bytes, path->footprint.lines, path->footprint.pages);
	if (facts->model)
		fprintf(out, "Misses are modelled, not measured: least recently used, from empty, data only\n");
}

static void print_paths(const struct analysis *analysis, FILE *out)
{
	uint64_t rest_instructions = 0;
	size_t rest = 0;

	fprintf(out, "\n%9s %7s %12s  path\n", "share", "count", "instructions");
	for (size_t i = 0; i < analysis->path_count; i++) {
		const struct path *path = &analysis->paths[i];
		const char *mark = analysis_mark(analysis, path);

		if (i >= PATHS_SHOWN) {
			rest += path->count;
			rest_instructions += path->count * path->instructions;
			continue;
		}
		fprintf(out, "%7.2f %% %7zu %12" PRIu64 "  ", 100.0 * path->count / analysis->operations,
			path->count, path->instructions);
		if (!mark)
			fprintf(out, "most frequent\n");
		else
			fprintf(out, *mark ? "through %s\n" : "the same functions, other branches\n",
				mark);
	}
	if (rest)
		fprintf(out, "%7.2f %% %7zu %12.1f  on average: %zu more paths\n",
			100.0 * rest / analysis->operations, rest, (double)rest_instructions / rest,
			analysis->path_count - PATHS_SHOWN);
}

static void print_clock(const struct analysis *analysis, FILE *out)
{
	size_t left = analysis->operations - analysis->compared;

	if (analysis->differing)
		fprintf(out, "DIFFERS in %zu of %zu operations, first in operation %zu: the clock says %" PRIu64
			", the trace %" PRIu64, analysis->differing, analysis->compared,
			analysis->first_differing, analysis->differing_clock,
			analysis->differing_trace);
	else if (analysis->compared)
		fprintf(out, analysis->compared == 1 ?
			"says the same, to the instruction, for %zu operation" :
			"says the same, to the instruction, for each of %zu operations",
			analysis->compared);
	else
		fprintf(out, "cannot say");
	if (left)
		fprintf(out, "; %zu not compared: the CPU was idle meanwhile, or left to a process",
			left);
}

static void print_sum(const struct analysis *analysis, const struct view_facts *facts, FILE *out)
{
	fprintf(out, "\nSum: %" PRIu64 " instructions in %zu operation%s", analysis->instructions,
		analysis->operations, analysis->operations == 1 ? "" : "s");
	if (analysis->interrupt_instructions)
		fprintf(out, ", and %" PRIu64 " in interrupts that hit them",
			analysis->interrupt_instructions);
	if (analysis->other_instructions)
		fprintf(out, "%s and %" PRIu64 " of the kernel for other tasks",
			analysis->interrupt_instructions ? "," : "", analysis->other_instructions);
	fprintf(out, "\nClock: ");
	print_clock(analysis, out);
	fprintf(out, "\n       (%u instructions of the clock reads themselves are taken off)\n",
		facts->overhead);
}

void view_tree(const struct analysis *analysis, const struct path *path,
	       const struct view_facts *facts, FILE *out)
{
	print_head(analysis, path, facts, out);
	print_tree(path, facts, out);
	print_paths(analysis, out);
	print_sum(analysis, facts, out);
}
