// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "view.h"

/* A function on both sides; instructions that it executed itself, wherever it was called. */
struct line {
	char *name;
	uint64_t self[2];
};

struct lines {
	struct line *list;
	size_t count;
};

/* What the compiler appends (f.isra.0) differs from kernel to kernel and means nothing. */
static struct line *line_for(struct lines *lines, const char *name)
{
	size_t length = strcspn(name, ".");

	for (size_t i = 0; i < lines->count; i++)
		if (strlen(lines->list[i].name) == length &&
		    !strncmp(lines->list[i].name, name, length))
			return &lines->list[i];
	lines->list = xrealloc(lines->list, (lines->count + 1) * sizeof(*lines->list));
	lines->list[lines->count] = (struct line) { .name = strndup(name, length) };
	return &lines->list[lines->count++];
}

static void collect(struct lines *lines, const struct node *node, int side)
{
	line_for(lines, node->name)->self[side] += node->self;
	for (const struct node *child = node->first; child; child = child->next)
		collect(lines, child, side);
}

static int64_t difference(const struct line *line)
{
	return (int64_t)(line->self[1] - line->self[0]);
}

static int by_difference(const void *a, const void *b)
{
	const struct line *first = a, *second = b;
	int64_t left = difference(first), right = difference(second);
	uint64_t left_size = left < 0 ? -left : left, right_size = right < 0 ? -right : right;

	if (left_size != right_size)
		return left_size < right_size ? 1 : -1;
	return strcmp(first->name, second->name);
}

static struct lines lines_of(const struct compared sides[2])
{
	struct lines lines = { 0 };

	for (int side = 0; side < 2; side++)
		collect(&lines, sides[side].path->tree.root, side);
	qsort(lines.list, lines.count, sizeof(*lines.list), by_difference);
	return lines;
}

static void lines_release(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->list[i].name);
	free(lines->list);
}

void view_comparison(const struct compared sides[2], FILE *out)
{
	const struct view_facts *facts = sides[0].facts;
	struct lines lines = lines_of(sides);
	uint64_t same = 0;

	fprintf(out, "%s, %s of %" PRIu64 " bytes, gfp %s, workload %s, state %s\n\n", facts->facility,
		facts->op, facts->size, facts->gfp, facts->workload, facts->state);
	fprintf(out, "%16.16s %16.16s %11s  function\n", sides[0].facts->kernel,
		sides[1].facts->kernel, "difference");
	for (size_t i = 0; i < lines.count; i++) {
		const struct line *line = &lines.list[i];

		if (!difference(line)) {
			same += line->self[0];
			continue;
		}
		fprintf(out, "%16" PRIu64 " %16" PRIu64 " %+11" PRId64 "  %s\n", line->self[0],
			line->self[1], difference(line), line->name);
	}
	fprintf(out, "%16" PRIu64 " %16" PRIu64 " %11d  functions that cost the same\n", same, same, 0);
	fprintf(out, "%16" PRIu64 " %16" PRIu64 " %+11" PRId64 "  sum; the clocks say the same%s\n",
		sides[0].path->instructions, sides[1].path->instructions,
		(int64_t)(sides[1].path->instructions - sides[0].path->instructions),
		sides[0].analysis->differing || sides[1].analysis->differing ? ": NO" : "");
	lines_release(&lines);
}

json_t *view_comparison_json(const struct compared sides[2])
{
	struct lines lines = lines_of(sides);
	json_t *functions = json_array(), *kernels = json_array();

	for (size_t i = 0; i < lines.count; i++)
		json_array_append_new(functions, json_pack("{s:s, s:[I,I], s:I}", "name",
			lines.list[i].name, "self", (json_int_t)lines.list[i].self[0],
			(json_int_t)lines.list[i].self[1], "difference",
			(json_int_t)difference(&lines.list[i])));
	for (int side = 0; side < 2; side++)
		json_array_append_new(kernels, view_json(sides[side].analysis, sides[side].path,
							 sides[side].facts));
	lines_release(&lines);
	return json_pack("{s:s, s:o, s:o}", "schema", "kmemlab.explain/1", "kernels", kernels,
			 "differences", functions);
}
