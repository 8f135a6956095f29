// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory.h"
#include "view.h"

static void fold(const json_t *node, const char *above, FILE *out)
{
	const char *name = json_string_value(json_object_get(node, "name"));
	cleanup_free char *stack = above ? xasprintf("%s;%s", above, name) : xstrdup(name);
	json_int_t self = json_integer_value(json_object_get(node, "self"));
	json_t *child;
	size_t i;

	if (self)
		fprintf(out, "%s %" JSON_INTEGER_FORMAT "\n", stack, self);
	json_array_foreach(json_object_get(node, "children"), i, child)
		fold(child, stack, out);
}

void view_folded(const json_t *document, FILE *out)
{
	fold(json_object_get(document, "tree"), NULL, out);
}
