// SPDX-License-Identifier: GPL-2.0-or-later
#include "alignment.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/*
 * What the compiler appends (f.isra.0) differs from kernel to kernel and means
 * nothing; nor does what tells an allocator from the macro that counts its callers.
 */
static size_t name_length(const char *name)
{
	static const char suffix[] = "_noprof";
	size_t length = strcspn(name, "."), end = strlen(suffix);

	if (length > end && !strncmp(name + length - end, suffix, end))
		length -= end;
	return length;
}

static struct aligned *child_for(struct aligned *parent, const char *name)
{
	size_t length = name_length(name);
	struct aligned *child;

	for (child = parent->first; child; child = child->next)
		if (strlen(child->name) == length && !strncmp(child->name, name, length))
			return child;
	child = xcalloc(1, sizeof(*child));
	child->name = xasprintf("%.*s", (int)length, name);
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	return child;
}

static void lay_over(struct aligned *aligned, const struct node *node, size_t side)
{
	aligned->self[side] += node->self;
	aligned->total[side] += node->total;
	for (const struct node *child = node->first; child; child = child->next)
		lay_over(child_for(aligned, child->name), child, side);
}

struct aligned *align_trees(const struct node *const roots[], size_t sides)
{
	struct aligned *tree = xcalloc(1, sizeof(*tree));

	tree->name = xstrdup(roots[0]->name);
	for (size_t side = 0; side < sides; side++)
		lay_over(tree, roots[side], side);
	return tree;
}

static void collect(struct aligned *functions, const struct aligned *from, size_t sides)
{
	struct aligned *to = child_for(functions, from->name);

	for (size_t side = 0; side < sides; side++)
		to->self[side] += from->self[side];
	for (const struct aligned *child = from->first; child; child = child->next)
		collect(functions, child, sides);
}

int64_t aligned_change(const struct aligned *aligned, size_t side)
{
	return (int64_t)(aligned->self[side] - aligned->self[0]);
}

static uint64_t largest_change(const struct aligned *aligned, size_t sides)
{
	uint64_t largest = 0;

	for (size_t side = 1; side < sides; side++) {
		uint64_t change = llabs(aligned_change(aligned, side));

		largest = change > largest ? change : largest;
	}
	return largest;
}

static bool before(const struct aligned *first, const struct aligned *second, size_t sides)
{
	uint64_t one = largest_change(first, sides), other = largest_change(second, sides);

	return one != other ? one > other : strcmp(first->name, second->name) < 0;
}

/* By insertion: a tree has some dozens of functions. */
static void sort_children(struct aligned *parent, size_t sides)
{
	struct aligned *sorted = NULL, *next;

	for (struct aligned *child = parent->first; child; child = next) {
		struct aligned **place = &sorted;

		next = child->next;
		while (*place && before(*place, child, sides))
			place = &(*place)->next;
		child->next = *place;
		*place = child;
	}
	parent->first = sorted;
}

struct aligned *align_functions(const struct aligned *tree, size_t sides)
{
	struct aligned *functions = xcalloc(1, sizeof(*functions));

	collect(functions, tree, sides);
	sort_children(functions, sides);
	return functions;
}

bool aligned_same(const struct aligned *aligned, size_t sides)
{
	for (size_t side = 1; side < sides; side++)
		if (aligned->self[side] != aligned->self[0] ||
		    aligned->total[side] != aligned->total[0])
			return false;
	for (const struct aligned *child = aligned->first; child; child = child->next)
		if (!aligned_same(child, sides))
			return false;
	return true;
}

void aligned_release(struct aligned *tree)
{
	struct aligned *child = tree->first;

	while (child) {
		struct aligned *next = child->next;

		aligned_release(child);
		child = next;
	}
	free(tree->name);
	free(tree);
}
