// SPDX-License-Identifier: GPL-2.0-or-later
#include "written_lines.h"

#include <string.h>

#include <linux/kmemlab.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "lib/array_size.h"

const char *const line_class_names[LINE_CLASSES] = {
	[LINE_STACK] = "stack", [LINE_OWN] = "own", [LINE_TASK] = "task",
	[LINE_PER_CPU] = "per_cpu", [LINE_SHARED] = "shared",
};

/* Uses of areas, and the words around the name of a shared one. */
static const struct {
	enum line_class class;
	const char *before, *after;
} uses[KMEMLAB_AREA_KINDS] = {
	[KMEMLAB_AREA_OBJECT] = { LINE_OWN, NULL, NULL },
	[KMEMLAB_AREA_TASK] = { LINE_TASK, NULL, NULL },
	[KMEMLAB_AREA_STACK] = { LINE_STACK, NULL, NULL },
	[KMEMLAB_AREA_ZONE_LOCK] = { LINE_SHARED, "zone ", " lock" },
	[KMEMLAB_AREA_ZONE_FREE] = { LINE_SHARED, "zone ", " free lists" },
	[KMEMLAB_AREA_ZONE] = { LINE_SHARED, "zone ", "" },
	[KMEMLAB_AREA_NODE] = { LINE_SHARED, "pgdat", "" },
	[KMEMLAB_AREA_PAGES] = { LINE_SHARED, "struct page", " of other memory" },
};

struct written_line {
	enum line_class class;
	char *name;		/* of a shared one */
	bool atomic;
};

/* Lines of one operation; line i has the number numbers.numbers[i]. */
struct line_set {
	struct number_set numbers;
	struct written_line *list;
	size_t count;
};

void memory_owners_set_per_cpu(struct memory_owners *owners, const json_t *record)
{
	const json_t *areas = json_at(record, "per_cpu");
	const char *address;
	json_int_t bytes;
	json_t *area;
	size_t i;

	owners->per_cpu_known = json_is_array(areas);
	owners->per_cpu.count = 0;
	json_array_foreach(areas, i, area)
		if (!json_unpack(area, "[s,I]", &address, &bytes))
			*array_add(&owners->per_cpu.list, &owners->per_cpu.count) =
				(struct trace_area) { .address = strtoull(address, NULL, 16),
						      .bytes = bytes };
}

void memory_owners_add_data(struct memory_owners *owners, const char *text)
{
	symbols_add_kernel_data(&owners->data, text);
	owners->data_start = UINT64_MAX;	/* none, if there is no such symbol */
	for (size_t i = 0; i < owners->data.count; i++) {
		const struct symbol *symbol = &owners->data.list[i];

		if (!strcmp(symbol->name, "_sdata"))
			owners->data_start = symbol->address;
		else if (!strcmp(symbol->name, "_end"))
			owners->data_end = symbol->address;
	}
}

void memory_owners_release(struct memory_owners *owners)
{
	free(owners->per_cpu.list);
	symbols_release(&owners->data);
	*owners = (struct memory_owners) { 0 };
}

static const struct trace_area *find_area(const struct trace_areas *areas, uint64_t address)
{
	for (size_t i = 0; i < areas->count; i++)
		if (address - areas->list[i].address < areas->list[i].bytes)
			return &areas->list[i];
	return NULL;
}

/* Return the class of a byte, and the area of a shared one in *area, or NULL. */
static enum line_class class_of(const struct trace *trace, const struct operation *operation,
				const struct memory_owners *owners, uint64_t address,
				const struct trace_area **area)
{
	*area = find_area(&operation->objects, address) ?: find_area(&trace->areas, address);
	if (*area)
		return (*area)->kind < ARRAY_SIZE(uses) ? uses[(*area)->kind].class : LINE_SHARED;
	return find_area(&owners->per_cpu, address) ? LINE_PER_CPU : LINE_SHARED;
}

/*
 * Return the name of shared data; memory without a symbol is named after its writer, or the
 * caller of a function that takes a lock.
 */
static char *shared_name(const struct trace_area *area, struct memory_owners *owners,
			 uint64_t address, const struct call_node *writer)
{
	if (area && area->kind < ARRAY_SIZE(uses))
		return xasprintf("%s%s%s", uses[area->kind].before, area->name,
				 uses[area->kind].after);
	if (address >= owners->data_start && address < owners->data_end)
		return xstrdup(symbols_name(&owners->data,
					    symbols_find(&owners->data, address)));
	while (writer->parent && !strncmp(writer->name, "_raw_", 5))
		writer = writer->parent;
	return xasprintf("memory written by %s", writer->name);
}

static struct written_line *line_at(struct line_set *lines, uint64_t number)
{
	size_t index = number_set_add(&lines->numbers, number);

	return index < lines->count ? &lines->list[index] :
				      array_add(&lines->list, &lines->count);
}

static void add_access(struct line_set *lines, const struct trace *trace,
		       const struct operation *operation, const struct access *access,
		       const struct call_node *node, struct memory_owners *owners)
{
	const uint64_t first = access_first(access), last = access_last(access);
	const struct trace_code *code = &trace->code[operation->steps[access->step].code];

	for (uint64_t number = first / CACHE_LINE; number <= last / CACHE_LINE; number++) {
		const uint64_t start = number * CACHE_LINE;
		const uint64_t address = start > first ? start : first;
		struct written_line *line = line_at(lines, number);
		const struct trace_area *area;
		enum line_class class = class_of(trace, operation, owners, address, &area);

		if (class == LINE_SHARED && !line->name)
			line->name = shared_name(area, owners, address, node);
		if (class > line->class)
			line->class = class;
		line->atomic |= class == LINE_SHARED && code->kind.class == MIX_ATOMIC;
	}
}

/* Add a line to those of its name, which becomes the written lines' own. */
static void count_name(struct written_lines *written, char *name)
{
	size_t i = 0;

	while (i < written->named_count && strcmp(written->named[i].name, name))
		i++;
	if (i == written->named_count)
		array_add(&written->named, &written->named_count)->name = name;
	else
		free(name);
	written->named[i].lines++;
}

static void count_lines(struct written_lines *written, const struct line_set *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct written_line *line = &lines->list[i];

		written->classes[line->class]++;
		written->shared_atomic += line->atomic;
		if (line->name)
			count_name(written, line->name);
	}
}

void written_lines_collect(struct written_lines *written, const struct trace *trace,
			   const struct operation *operation,
			   const struct attribution *attributions, struct memory_owners *owners)
{
	struct line_set lines = { 0 };

	for (size_t i = 0; i < operation->access_count; i++) {
		const struct access *access = &operation->accesses[i];
		const struct call_node *node = attributions[access->step].node;

		if (access->is_store && node && !node_in_interrupt(node))
			add_access(&lines, trace, operation, access, node, owners);
	}
	count_lines(written, &lines);
	number_set_release(&lines.numbers);
	free(lines.list);
}

void written_lines_release(struct written_lines *written)
{
	for (size_t i = 0; i < written->named_count; i++)
		free(written->named[i].name);
	free(written->named);
	*written = (struct written_lines) { 0 };
}
