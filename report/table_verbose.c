// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_verbose.h"

#include <string.h>

#include "document.h"
#include "format.h"
#include "grid.h"

static const char *const statistics[] = {
	"samples", "min", "p50", "p90", "p99", "p999", "max", "mean"
};

#define STATISTICS (sizeof(statistics) / sizeof(*statistics))

static void add_statistics(struct grid *grid, const char *name, const json_t *values)
{
	if (!json_is_object(values))
		return;
	grid_add(grid, name);
	for (size_t i = 0; i < STATISTICS; i++)
		grid_add(grid, format_json(json_object_get(values, statistics[i])).text);
}

static void print_costs(const json_t *alloc, const json_t *free, FILE *out)
{
	struct grid grid = { .columns = 1 + STATISTICS };

	if (!json_is_object(alloc) && !json_is_object(free))
		return;
	grid_add(&grid, "");
	for (size_t i = 0; i < STATISTICS; i++)
		grid_add(&grid, statistics[i]);
	add_statistics(&grid, "alloc, clean", json_object_get(alloc, "clean"));
	add_statistics(&grid, "alloc, all", json_object_get(alloc, "all"));
	add_statistics(&grid, "free, clean", json_object_get(free, "clean"));
	add_statistics(&grid, "free, all", json_object_get(free, "all"));
	grid_print(&grid, "  ", out);
}

static void print_direction(const char *name, const json_t *direction, FILE *out)
{
	const json_t *loop = json_object_get(direction, "loop_mean");

	if (!json_is_object(direction))
		return;
	fprintf(out, "  %s: objects an operation %s", name,
		format_json(json_object_get(direction, "objects_per_operation")).text);
	fprintf(out, ", operations interrupted %s",
		format_json(json_object_get(direction, "interrupted")).text);
	fprintf(out, ", slept %s", format_json(json_object_get(direction, "slept")).text);
	if (json_is_number(loop))
		fprintf(out, "; mean in a loop %.1f", json_number_value(loop));
	fputc('\n', out);
}

static void print_memory(const json_t *memory, FILE *out)
{
	if (!json_is_object(memory))
		return;
	fprintf(out, "  memory in bytes: requested %s",
		format_json(json_object_get(memory, "requested_bytes")).text);
	fprintf(out, ", usable %s", format_json(json_object_get(memory, "usable_bytes")).text);
	fprintf(out, ", backing %s", format_json(json_object_get(memory, "backing_bytes")).text);
	fprintf(out, ", system %s",
		format_json(json_object_get(memory, "system_bytes")).text);
	fprintf(out, "; used %s\n", format_share(json_object_get(memory, "utilisation")).text);
}

static void print_contiguity(const json_t *contiguity, FILE *out)
{
	const char *separator = "\n  extents by order: ";
	json_t *count;
	size_t order;

	if (!json_is_object(contiguity))
		return;
	fprintf(out, "  contiguity: extents %s",
		format_json(json_object_get(contiguity, "extents")).text);
	fprintf(out, ", the largest %s bytes",
		format_json(json_object_get(contiguity, "largest_extent_bytes")).text);
	fprintf(out, ", contiguous objects %s",
		format_json(json_object_get(contiguity, "contiguous_objects")).text);
	json_array_foreach(json_object_get(contiguity, "extents_by_order"), order, count) {
		if (!json_integer_value(count))
			continue;
		fprintf(out, "%s%zu: %s", separator, order, format_json(count).text);
		separator = ", ";
	}
	fputc('\n', out);
}

static void print_verification(const json_t *verification, FILE *out)
{
	const char *separator = "\n  routes: ";
	json_t *route;
	size_t i;

	if (!json_is_object(verification))
		return;
	fprintf(out, "  verification: objects %s",
		format_json(json_object_get(verification, "objects")).text);
	fprintf(out, ", bytes %s", format_json(json_object_get(verification, "bytes")).text);
	fprintf(out, ", wrong bytes %s",
		format_json(json_object_get(verification, "mismatches")).text);
	fprintf(out, ", routes disagree on %s",
		format_json(json_object_get(verification, "route_disagreements")).text);
	json_array_foreach(json_object_get(verification, "routes"), i, route) {
		fprintf(out, "%s%s", separator, json_string_value(route));
		separator = ", ";
	}
	fputc('\n', out);
}

static void print_result(const json_t *result, FILE *out)
{
	const char *reason = json_string_value(json_object_get(result, "reason"));
	const json_t *deferred = json_object_get(result, "deferred");
	const json_t *alloc = json_object_get(result, "alloc");
	const json_t *free = json_object_get(result, "free");

	fprintf(out, "\n%s, %s, ", json_string_value(json_object_get(result, "facility")),
		json_string_value(json_object_get(result, "workload")));
	fprintf(out, "%s objects", format_json(json_object_get(result, "objects")).text);
	fprintf(out, " of %s bytes", format_json(json_object_get(result, "object_size")).text);
	fprintf(out, ": %s%s%s\n", json_string_value(json_object_get(result, "status")),
		reason && *reason ? ", " : "", reason ? reason : "");
	print_costs(alloc, free, out);
	print_direction("alloc", alloc, out);
	print_direction("free", free, out);
	if (json_is_integer(deferred))
		fprintf(out, "  deferred: %s\n", format_json(deferred).text);
	print_memory(json_object_get(result, "memory"), out);
	print_contiguity(json_object_get(result, "contiguity"), out);
	print_verification(json_object_get(result, "verification"), out);
}

void verbose_print(const json_t *document, FILE *out)
{
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result)
		print_result(result, out);
}
