// SPDX-License-Identifier: GPL-2.0-or-later
#include "map.h"

#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "format.h"
#include "schema.h"

static json_t *kinds_entry(const uint64_t *pages)
{
	json_t *kinds = json_object();

	for (unsigned int i = 0; i < KIND_COUNT; i++)
		if (pages[i])
			json_object_set_new(kinds, frames_kind_name(i), json_integer(pages[i]));
	return kinds;
}

static json_t *cma_entry(const struct zone_stats *zone)
{
	return zone->cma_pages ? json_pack("{s:I, s:o}", "pages", (json_int_t)zone->cma_pages,
					   "kinds", kinds_entry(zone->cma_kinds)) : json_null();
}

static json_t *next_block_entry(const struct next_block *next)
{
	json_t *blockers;

	if (!next->order)
		return json_null();
	blockers = json_array();
	for (size_t i = 0; i < next->count; i++)
		json_array_append_new(blockers, json_pack("{s:I, s:I, s:s}",
			"pfn", (json_int_t)next->runs[i].pfn,
			"pages", (json_int_t)next->runs[i].pages,
			"kind", frames_kind_name(next->runs[i].kind)));
	return json_pack("{s:i, s:I, s:I, s:o}", "order", (int)next->order,
			 "pfn", (json_int_t)next->pfn, "pages_in_use", (json_int_t)next->used,
			 "first_in_use", blockers);
}

static json_t *zone_entry(const json_t *map, const struct zone_stats *zone, unsigned int order_max)
{
	const json_t *name = json_array_get(json_at(map, "zones"), zone->zone);
	json_t *by_order = json_array(), *unusable = json_array(), *index = json_array();
	json_t *usable = json_array();

	for (unsigned int order = 0; order <= order_max; order++) {
		json_array_append_new(by_order, json_integer(zone->free_blocks[order]));
		json_array_append_new(usable, json_integer(zone->usable_blocks[order]));
		json_array_append_new(unusable, json_real(zone_unusable(zone, order)));
		json_array_append_new(index, json_real(zone_fragmentation(zone, order)));
	}
	return json_pack("{s:s, s:i, s:I, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o}",
			 "name", json_string_value(name) ?: "?", "node", zone->node,
			 "pages", (json_int_t)zone->pages, "kinds", kinds_entry(zone->kinds),
			 "cma", cma_entry(zone), "free_by_order", by_order,
			 "usable_by_order", usable, "largest_free_order", zone->largest_order,
			 "unusable", unusable, "fragmentation", index,
			 "next_larger", next_block_entry(&zone->next));
}

static char *add_statistics(json_t *map)
{
	cleanup_free struct zone_stats *zones = xcalloc(ZONES_MAX, sizeof(*zones));
	json_t *list = json_array();
	struct frames frames;
	char *error = frames_read(map, &frames);
	size_t count = error ? 0 : frames_zone_stats(&frames, zones, ZONES_MAX);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, zone_entry(map, &zones[i], frames.order_max));
	json_object_set_new(map, "statistics", list);
	frames_release(&frames);
	return error;
}

json_t *map_document(const char *records, size_t bytes, const struct run_facts *facts,
		     char **error)
{
	static const struct record_kind kinds[] = {
		{ "map", map_fields }, { "skipped", skipped_fields }, { NULL, NULL }
	};
	json_t *collected = document_collect(records, bytes, facts, kinds, error);
	json_t *document, *maps, *map;
	size_t i;

	if (!collected)
		return NULL;
	maps = json_object_get(collected, "map");
	json_array_foreach(maps, i, map)
		if (!*error)
			*error = add_statistics(map);
	if (!*error && !json_array_size(maps) &&
	    !json_array_size(json_object_get(collected, "skipped")))
		*error = xstrdup("the records have no map");
	document = json_pack("{s:s, s:O, s:O, s:O}", "schema", MAP_SCHEMA, "environment",
			     json_object_get(collected, "environment"), "maps", maps,
			     "skipped", json_object_get(collected, "skipped"));
	json_decref(collected);
	if (!*error)
		return document;
	json_decref(document);
	return NULL;
}

/* Check the maps of a file. Recompute their statistics, which may be wrong in the file. */
static char *check_maps(json_t *maps)
{
	char *error = NULL;
	json_t *map;
	size_t i;

	json_array_foreach(maps, i, map) {
		cleanup_free char *prefix = xasprintf("maps[%zu].", i);

		error = json_is_object(map) ? schema_check(map_fields, prefix, map) :
					      xasprintf("'maps[%zu]' must be an object", i);
		error = error ?: add_statistics(map);
		if (error)
			return error;
	}
	return json_array_size(maps) ? NULL : xstrdup("the document has no map");
}

json_t *map_read(const char *name, const char *text, size_t bytes, char **error)
{
	json_error_t fault;
	json_t *document = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &fault);
	cleanup_free char *reason = NULL;

	*error = NULL;
	if (!document)
		reason = bytes ? xasprintf("not JSON: line %d: %s", fault.line, fault.text) :
				 xstrdup("it is empty");
	else if (!json_is(document, "schema", MAP_SCHEMA))
		*error = xasprintf("'%s' is not a map (schema '%s' expected)", name, MAP_SCHEMA);
	else if (schema_has_control(document))
		reason = xstrdup("a string contains control characters");
	else
		reason = check_maps(json_at(document, "maps"));
	if (reason)
		*error = xasprintf("cannot read '%s': %s", name, reason);
	if (!*error)
		return document;
	json_decref(document);
	return NULL;
}

/* Return "DMA32/0" for a zone and its node; the caller frees it. */
static char *zone_title(const json_t *zone)
{
	return xasprintf("%s/%lld", json_str(zone, "name", "?"), json_int(zone, "node", 0));
}

static long long kind_pages(const json_t *zone, unsigned int kind)
{
	return json_int(json_at(zone, "kinds"), frames_kind_name(kind), 0);
}

struct table map_kinds_table(const json_t *map)
{
	const json_t *zones = json_at(map, "statistics");
	struct table table = { 0 };
	long long pages = 0;
	json_t *zone;
	size_t i;

	table_column(&table, NULL, "frames", NULL, TABLE_LEFT);
	json_array_foreach(zones, i, zone) {
		cleanup_free char *title = zone_title(zone);

		table_column(&table, NULL, title, NULL, TABLE_RIGHT);
		pages += json_int(zone, "pages", 0);
	}
	table_columns(&table, ">total|>share");
	for (unsigned int kind = 0; kind < KIND_COUNT; kind++) {
		long long total = 0;

		json_array_foreach(zones, i, zone)
			total += kind_pages(zone, kind);
		if (!total)
			continue;
		table_cell(&table, frames_kind_name(kind));
		json_array_foreach(zones, i, zone)
			table_cell(&table, format_count(kind_pages(zone, kind)).text);
		table_cell(&table, format_count(total).text);
		table_cell(&table, format_share((double)total / pages).text);
	}
	return table;
}

static void add_blocks(struct table *table, const char *zone, const char *title, const json_t *blocks)
{
	json_t *value;
	size_t i;

	table_cell(table, zone);
	table_cell(table, title);
	json_array_foreach(blocks, i, value)
		table_cell(table, format_number(value).text);
}

/* Add the fragmentation index, which an order with a free block does not have. */
static void add_fragmentation(struct table *table, const json_t *zone)
{
	json_t *value;
	size_t i;

	table_cell(table, "");
	table_cell(table, "fragmentation index");
	json_array_foreach(json_at(zone, "fragmentation"), i, value) {
		if (json_number_value(value) < 0)
			table_cell(table, "-");
		else
			table_cellf(table, "%.3f", json_number_value(value));
	}
}

static bool has_fragmentation(const json_t *zone)
{
	json_t *value;
	size_t i;

	json_array_foreach(json_at(zone, "fragmentation"), i, value)
		if (json_number_value(value) >= 0)
			return true;
	return false;
}

struct table map_orders_table(const json_t *map)
{
	struct table table = { 0 };
	json_t *zone, *value;
	size_t i, j;

	table_columns(&table, "<zone|<free blocks by order");
	for (unsigned int order = 0; order <= frames_order_max(map); order++) {
		cleanup_free char *title = xasprintf("%u", order);

		table_column(&table, NULL, title, NULL, TABLE_RIGHT);
	}
	json_array_foreach(json_at(map, "statistics"), i, zone) {
		const json_t *all = json_at(zone, "free_by_order");
		const json_t *usable = json_at(zone, "usable_by_order");
		cleanup_free char *title = zone_title(zone);

		add_blocks(&table, title, "blocks", all);
		if (usable && !json_equal(all, usable))
			add_blocks(&table, "", "usable blocks", usable);
		table_cell(&table, "");
		table_cell(&table, "unusable %");
		json_array_foreach(json_at(zone, "unusable"), j, value)
			table_cellf(&table, "%.1f", percent_of(json_number_value(value)));
		if (has_fragmentation(zone))
			add_fragmentation(&table, zone);
	}
	return table;
}

void map_print_orders_notes(const json_t *map, FILE *out)
{
	bool usable = false, fragmentation = false;
	json_t *zone;
	size_t i;

	json_array_foreach(json_at(map, "statistics"), i, zone) {
		const json_t *blocks = json_at(zone, "usable_by_order");

		usable |= blocks && !json_equal(blocks, json_at(zone, "free_by_order"));
		fragmentation |= has_fragmentation(zone);
	}
	if (usable)
		fprintf(out, "usable blocks: those that gfp %s may use; the other rows are about "
			"them\n", json_str(map, "gfp", "kernel"));
	if (fragmentation)
		fputs("fragmentation index (no free block): near 0 if memory is short, near 1 if it "
		      "is fragmented\n", out);
}

static void print_next_block(const json_t *next, FILE *out)
{
	json_t *blocker;
	size_t i;

	if (!json_is_object(next))
		return;
	fprintf(out, "  order %lld: ", json_int(next, "order", 0));
	if (json_int(next, "pages_in_use", 0))
		fprintf(out, "%s in use in the block at PFN %lld:",
			format_counted(json_int(next, "pages_in_use", 0), "frame").text,
			json_int(next, "pfn", 0));
	else
		fprintf(out, "the block at PFN %lld is free, but %s", json_int(next, "pfn", 0),
			json_array_size(json_at(next, "first_in_use")) ?
			"frames are in per-CPU lists:" :
			"not merged: its halves have different migrate types, or one was split");
	json_array_foreach(json_at(next, "first_in_use"), i, blocker)
		fprintf(out, "%s %lld+%lld %s", i ? "," : "", json_int(blocker, "pfn", 0),
			json_int(blocker, "pages", 0), json_str(blocker, "kind", "?"));
	fputc('\n', out);
}

/* Print the size of CMA and its users. Frames that are not free, anon or file may obstruct. */
static void print_cma(const json_t *map, const json_t *zone, const char *title, FILE *out)
{
	const json_t *cma = json_at(zone, "cma");
	const long long page_size = json_int(map, "page_size", 0);
	const char *kind;
	json_t *pages;
	bool any = false;

	if (!json_is_object(cma))
		return;
	fprintf(out, "%s: CMA: %s, %s free", title,
		format_memory(json_int(cma, "pages", 0) * page_size).text,
		format_memory(json_int(cma, "kinds.free_cma", 0) * page_size).text);
	json_object_foreach((json_t *)json_at(cma, "kinds"), kind, pages) {
		if (!strcmp(kind, "free_cma"))
			continue;
		fprintf(out, "%s %s %s", any ? "," : "; frames in use:", kind,
			format_number(pages).text);
		any = true;
	}
	fputc('\n', out);
}

void map_print_largest(const json_t *map, FILE *out)
{
	const char *gfp = json_str(map, "gfp", "kernel");
	json_t *zone;
	size_t i;

	json_array_foreach(json_at(map, "statistics"), i, zone) {
		long long order = json_int(zone, "largest_free_order", -1);
		cleanup_free char *title = zone_title(zone);

		if (order < 0)
			fprintf(out, "%s: no free block for gfp %s\n", title, gfp);
		else
			fprintf(out, "%s: largest free block for gfp %s: order %lld, %s\n", title,
				gfp, order, format_bytes(json_int(map, "page_size", 0) << order).text);
		print_next_block(json_at(zone, "next_larger"), out);
		print_cma(map, zone, title, out);
	}
}

/* Half blocks need both. */
static bool has_color_blocks(FILE *out)
{
	return terminal_has_color(out) && terminal_utf8();
}

static void print_picture(const json_t *map, FILE *out)
{
	const bool color = has_color_blocks(out);
	struct frames frames;
	char *error = frames_read(map, &frames);

	if (!error)
		map_picture_print(&frames, json_int(map, "page_size", 0), color, out);
	free(error);
	frames_release(&frames);
}

static void print_map(const json_t *map, bool counted, FILE *out)
{
	cleanup_table struct table kinds = map_kinds_table(map);
	cleanup_table struct table orders = map_orders_table(map);
	const char *condition = json_str(map, "condition", "fresh");
	const char *unattributed = json_str(map, "unattributed", NULL);
	const char *missing = json_str(map, "objects_missing", NULL);
	long long pages = json_int(map, "pages", 0);

	fprintf(out, "Physical memory, %s", json_str(map, "phase", "?"));
	if (strcmp(condition, "fresh"))
		fprintf(out, ", %s", condition);
	fprintf(out, ": %s frames of %s", format_count(pages).text,
		format_bytes(json_int(map, "page_size", 0)).text);
	if (counted && pages)
		fprintf(out, ", scanned with %.1f instructions per frame",
			json_num(map, "ticks", 0) / pages);
	fputs("\n\n", out);
	print_picture(map, out);
	table_text(&kinds, "", out);
	if (unattributed)
		fprintf(out, "not attributed: %s\n", unattributed);
	if (missing)
		fprintf(out, "objects not shown: %s\n", missing);
	fputc('\n', out);
	table_text(&orders, "", out);
	map_print_orders_notes(map, out);
	fputc('\n', out);
	map_print_largest(map, out);
	fputc('\n', out);
}

void map_print(const json_t *document, bool verbose, FILE *out)
{
	const json_t *environment = json_at(document, "environment");
	const bool counted = json_is(environment, "clock.unit", "instructions");
	json_t *maps = json_at(document, "maps"), *map;
	size_t i;

	(void)verbose;
	fprintf(out, "Linux %s, %s, %s\n\n", json_str(environment, "kernel.release", "-"),
		json_str(environment, "kernel.arch", "-"), json_str(environment, "target", "-"));
	json_array_foreach(maps, i, map)
		print_map(map, counted, out);
	for (i = 1; i < json_array_size(maps); i++)
		free(map_print_diff(json_array_get(maps, i - 1), json_array_get(maps, i), out));
	if (json_array_size(maps) < 2)
		return;
	fprintf(out, "\nDifference of %s and %s:\n", json_str(json_array_get(maps, 0), "phase", "?"),
		json_str(json_array_get(maps, 1), "phase", "?"));
	map_picture_print_diff(json_array_get(maps, 0), json_array_get(maps, 1),
			       has_color_blocks(out), out);
}

static long long kind_total(const json_t *map, unsigned int kind)
{
	long long total = 0;
	json_t *zone;
	size_t i;

	json_array_foreach(json_at(map, "statistics"), i, zone)
		total += kind_pages(zone, kind);
	return total;
}

static long long order_total(const json_t *map, unsigned int order)
{
	long long total = 0;
	json_t *zone;
	size_t i;

	json_array_foreach(json_at(map, "statistics"), i, zone)
		total += json_integer_value(json_array_get(json_at(zone, "free_by_order"), order));
	return total;
}

/* Return the last map of a document, or the map itself. */
static const json_t *last_map(const json_t *json)
{
	const json_t *maps = json_at(json, "maps");

	return maps ? json_array_get(maps, json_array_size(maps) - 1) : json;
}

char *map_print_diff(const json_t *before, const json_t *after, FILE *out)
{
	const json_t *a = last_map(before), *b = last_map(after);
	const unsigned int order_a = frames_order_max(a), order_b = frames_order_max(b);
	const unsigned int order_max = order_a > order_b ? order_a : order_b;
	bool changed = false;

	if (!json_at(a, "statistics") || !json_at(b, "statistics"))
		return xstrdup("the document has no map");
	fprintf(out, "Change from %s to %s, frames:", json_str(a, "phase", "?"),
		json_str(b, "phase", "?"));
	for (unsigned int kind = 0; kind < KIND_COUNT; kind++) {
		long long change = kind_total(b, kind) - kind_total(a, kind);

		if (change)
			fprintf(out, "%s %s %s%s", changed ? "," : "", frames_kind_name(kind),
				change > 0 ? "+" : "", format_count(change).text);
		changed = changed || change;
	}
	fputs(changed ? "" : " none", out);
	fputs("\n  free blocks by order:", out);
	for (unsigned int order = 0; order <= order_max; order++)
		fprintf(out, " %+lld", order_total(b, order) - order_total(a, order));
	fputc('\n', out);
	return NULL;
}
