// SPDX-License-Identifier: GPL-2.0-or-later
#include "map.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "format.h"

static const char *zone_name(const json_t *map, const struct zone_figures *zone)
{
	const json_t *names = json_object_get(map, "zones");

	return json_string_value(json_array_get(names, zone->zone)) ?: "?";
}

static json_t *kinds_of(const struct zone_figures *zone)
{
	json_t *kinds = json_object();

	for (unsigned int i = 0; i < KIND_COUNT; i++)
		if (zone->kinds[i])
			json_object_set_new(kinds, frames_kind_name(i),
					    json_integer(zone->kinds[i]));
	return kinds;
}

static json_t *next_of(const struct next_block *next)
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

static json_t *figures_of(const json_t *map, const struct zone_figures *zone,
			  unsigned int order_max)
{
	json_t *by_order = json_array(), *unusable = json_array(), *index = json_array();

	for (unsigned int order = 0; order <= order_max; order++) {
		json_array_append_new(by_order, json_integer(zone->free_blocks[order]));
		json_array_append_new(unusable, json_real(zone_unusable(zone, order)));
		json_array_append_new(index, json_real(zone_fragmentation(zone, order)));
	}
	return json_pack("{s:s, s:i, s:I, s:o, s:o, s:i, s:o, s:o, s:o}",
			 "name", zone_name(map, zone), "node", zone->node,
			 "pages", (json_int_t)zone->pages, "kinds", kinds_of(zone),
			 "free_by_order", by_order, "largest_free_order", zone->largest_order,
			 "unusable", unusable, "fragmentation", index,
			 "next_larger", next_of(&zone->next));
}

static char *add_figures(json_t *map)
{
	struct zone_figures *zones = xcalloc(ZONES_FIGURED_MAX, sizeof(*zones));
	json_t *list = json_array();
	struct frames frames;
	char *error = frames_read(map, &frames);
	size_t count = error ? 0 : frames_figures(&frames, zones, ZONES_FIGURED_MAX);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, figures_of(map, &zones[i], frames.order_max));
	json_object_set_new(map, "figures", list);
	frames_release(&frames);
	free(zones);
	return error;
}

json_t *map_document(const char *records, size_t bytes, const struct run_facts *facts,
		     char **error)
{
	static const char *const kinds[] = { "map", "refusal", NULL };
	json_t *collected = document_collect(records, bytes, facts, kinds, error);
	json_t *document, *maps, *map;
	size_t i;

	if (!collected)
		return NULL;
	maps = json_object_get(collected, "map");
	json_array_foreach(maps, i, map)
		if (!*error)
			*error = add_figures(map);
	if (!*error && !json_array_size(maps) &&
	    !json_array_size(json_object_get(collected, "refusal")))
		*error = xasprintf("the records have no map");
	document = json_pack("{s:s, s:O, s:O, s:O}", "schema", MAP_SCHEMA, "environment",
			     json_object_get(collected, "environment"), "maps", maps,
			     "refusals", json_object_get(collected, "refusal"));
	json_decref(collected);
	if (!*error)
		return document;
	json_decref(document);
	return NULL;
}

static long long figure(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void print_kinds(const json_t *figures, FILE *out)
{
	json_t *zone;
	size_t i;

	fprintf(out, "%-10s", "frames");
	json_array_foreach(figures, i, zone)
		fprintf(out, " %9s/%lld", json_string_value(json_object_get(zone, "name")),
			figure(zone, "node"));
	fputs("       all   share\n", out);
	for (unsigned int kind = 0; kind < KIND_COUNT; kind++) {
		long long all = 0, pages = 0;

		json_array_foreach(figures, i, zone) {
			all += figure(json_object_get(zone, "kinds"), frames_kind_name(kind));
			pages += figure(zone, "pages");
		}
		if (!all)
			continue;
		fprintf(out, "%-10s", frames_kind_name(kind));
		json_array_foreach(figures, i, zone)
			fprintf(out, " %11s", format_count(figure(json_object_get(zone, "kinds"),
							   frames_kind_name(kind))).text);
		fprintf(out, " %9s %6.1f %%\n", format_count(all).text, 100.0 * all / pages);
	}
}

/* Only where no block can be had does the index say why: too little, or in pieces. */
static void print_fragmentation(const json_t *index, FILE *out)
{
	fputs("\n              fragmented ", out);
	for (size_t order = 0; order < json_array_size(index); order++) {
		const double value = json_real_value(json_array_get(index, order));

		if (value < 0)
			fprintf(out, " %6s", "-");
		else
			fprintf(out, " %6.3f", value);
	}
	fputc('\n', out);
}

static void print_zone_orders(const json_t *zone, FILE *out)
{
	const json_t *unusable = json_object_get(zone, "unusable");
	json_t *value;
	size_t i;

	fprintf(out, "%9s/%-2lld  blocks     ", json_string_value(json_object_get(zone, "name")),
		figure(zone, "node"));
	json_array_foreach(json_object_get(zone, "free_by_order"), i, value)
		fprintf(out, " %6lld", (long long)json_integer_value(value));
	fputs("\n              unusable % ", out);
	json_array_foreach(unusable, i, value)
		fprintf(out, " %6.1f", 100 * json_real_value(value));
	print_fragmentation(json_object_get(zone, "fragmentation"), out);
}

static void print_orders(const json_t *map, FILE *out)
{
	json_t *zone;
	size_t i;

	fputs("\nfree blocks by order  ", out);
	for (unsigned int order = 0; order <= frames_order_max(map); order++)
		fprintf(out, " %6u", order);
	fputc('\n', out);
	json_array_foreach(json_object_get(map, "figures"), i, zone)
		print_zone_orders(zone, out);
}

static void print_next(const json_t *zone, FILE *out)
{
	const json_t *next = json_object_get(zone, "next_larger");
	json_t *blocker;
	size_t i;

	if (!json_is_object(next))
		return;
	fprintf(out, "  the next larger one, order %lld, lacks %s frame%s of the block at %lld:",
		figure(next, "order"), format_count(figure(next, "pages_in_use")).text,
		figure(next, "pages_in_use") == 1 ? "" : "s", figure(next, "pfn"));
	json_array_foreach(json_object_get(next, "first_in_use"), i, blocker)
		fprintf(out, "%s %lld+%lld %s", i ? "," : "", figure(blocker, "pfn"),
			figure(blocker, "pages"), json_string_value(json_object_get(blocker, "kind")));
	fputc('\n', out);
}

static void print_largest(const json_t *map, FILE *out)
{
	json_t *zone;
	size_t i;

	fputc('\n', out);
	json_array_foreach(json_object_get(map, "figures"), i, zone) {
		long long order = figure(zone, "largest_free_order");

		fprintf(out, "%s/%lld: ", json_string_value(json_object_get(zone, "name")),
			figure(zone, "node"));
		if (order < 0)
			fputs("no block is free\n", out);
		else
			fprintf(out, "the largest block that can be had now: order %lld, %s\n", order,
				format_bytes(figure(map, "page_size") << order).text);
		print_next(zone, out);
	}
}

static void print_map(const json_t *map, bool counted, FILE *out)
{
	const bool colour = isatty(fileno(out)) && !getenv("NO_COLOR");
	const char *condition = json_string_value(json_object_get(map, "condition"));
	const char *untold = json_string_value(json_object_get(map, "untold"));
	struct frames frames;
	char *error = frames_read(map, &frames);

	fprintf(out, "Physical memory, %s", json_string_value(json_object_get(map, "phase")));
	if (condition && strcmp(condition, "fresh"))
		fprintf(out, ", %s", condition);
	fprintf(out, ": %s frames of %s",
		format_count(figure(map, "pages")).text, format_bytes(figure(map, "page_size")).text);
	if (counted && figure(map, "pages"))
		fprintf(out, ", looked at with %.1f instructions each",
			(double)figure(map, "ticks") / figure(map, "pages"));
	fputs("\n\n", out);
	if (!error)
		map_picture_print(&frames, colour, out);
	free(error);
	frames_release(&frames);
	print_kinds(json_object_get(map, "figures"), out);
	if (untold)
		fprintf(out, "not told apart: %s\n", untold);
	print_orders(map, out);
	print_largest(map, out);
	fputc('\n', out);
}

void map_print(const json_t *document, bool verbose, FILE *out)
{
	const json_t *environment = json_object_get(document, "environment");
	const json_t *kernel = json_object_get(environment, "kernel");
	const json_t *clock = json_object_get(environment, "clock");
	const char *unit = json_string_value(json_object_get(clock, "unit"));
	json_t *maps = json_object_get(document, "maps"), *map;
	size_t i;

	(void)verbose;
	fprintf(out, "Linux %s, %s, %s\n\n", json_string_value(json_object_get(kernel, "release")),
		json_string_value(json_object_get(kernel, "arch")),
		json_string_value(json_object_get(environment, "target")));
	json_array_foreach(maps, i, map)
		print_map(map, unit && !strcmp(unit, "instructions"), out);
	for (i = 1; i < json_array_size(maps); i++) {
		const json_t *before = json_array_get(maps, i - 1);
		const json_t *after = json_array_get(maps, i);

		free(map_print_diff(before, after, out));
	}
}

static long long kind_sum(const json_t *map, unsigned int kind)
{
	json_t *zone;
	long long sum = 0;
	size_t i;

	json_array_foreach(json_object_get(map, "figures"), i, zone)
		sum += figure(json_object_get(zone, "kinds"), frames_kind_name(kind));
	return sum;
}

static long long order_sum(const json_t *map, unsigned int order)
{
	json_t *zone;
	long long sum = 0;
	size_t i;

	json_array_foreach(json_object_get(map, "figures"), i, zone)
		sum += json_integer_value(json_array_get(json_object_get(zone, "free_by_order"),
							 order));
	return sum;
}

/* A document's last map, or the map itself. */
static const json_t *map_of(const json_t *json)
{
	const json_t *maps = json_object_get(json, "maps");

	return maps ? json_array_get(maps, json_array_size(maps) - 1) : json;
}

char *map_print_diff(const json_t *before, const json_t *after, FILE *out)
{
	const json_t *a = map_of(before), *b = map_of(after);
	const unsigned int of_a = frames_order_max(a), of_b = frames_order_max(b);
	const unsigned int order_max = of_a > of_b ? of_a : of_b;
	bool changed = false;

	if (!json_object_get(a, "figures") || !json_object_get(b, "figures"))
		return xasprintf("no map to compare");
	fprintf(out, "From %s to %s, frames:", json_string_value(json_object_get(a, "phase")) ?: "?",
		json_string_value(json_object_get(b, "phase")) ?: "?");
	for (unsigned int kind = 0; kind < KIND_COUNT; kind++) {
		long long change = kind_sum(b, kind) - kind_sum(a, kind);

		if (change)
			fprintf(out, " %s %s%s", frames_kind_name(kind), change > 0 ? "+" : "",
				format_count(change).text);
		changed = changed || change;
	}
	if (!changed)
		fputs(" as many of each kind", out);
	fputs("\n  free blocks by order:", out);
	for (unsigned int order = 0; order <= order_max; order++)
		fprintf(out, " %+lld", order_sum(b, order) - order_sum(a, order));
	fputc('\n', out);
	return NULL;
}
