// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_verbose.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "figures.h"
#include "format.h"
#include "grid.h"
#include "table_groups.h"

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
		fprintf(out, "; mean in a loop %s", format_json(loop).text);
	fputc('\n', out);
}

/* What the system lacks, taken apart. Documents of an earlier version have no such parts. */
static void print_ledger(const json_t *memory, FILE *out)
{
	static const struct {
		const char *words;
		const char *field;
	} parts[] = {
		{ "  of the system's: slabs", "system_slab_bytes" },
		{ ", page tables", "system_table_bytes" },
		{ ", by neither nor the frames explained", "unexplained_bytes" },
		{ "; kept with no object", "idle_bytes" },
		{ "; their struct pages", "struct_page_bytes" },
	};

	if (!json_is_integer(json_object_get(memory, parts[0].field)))
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		fprintf(out, "%s %s", parts[i].words,
			format_json(json_object_get(memory, parts[i].field)).text);
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
	print_ledger(memory, out);
}

/* "new_slab" as "new slab" */
static void print_words(const char *name, FILE *out)
{
	for (; *name; name++)
		fputc(*name == '_' ? ' ' : *name, out);
}

/* "    the slowest 3 of those watched, from 2,034 on: new slab 2, list refill 1" */
static void print_slow(const json_t *watched, FILE *out)
{
	const json_t *slow = json_object_get(watched, "slow");
	const json_t *unexplained = json_object_get(watched, "slow_unexplained");
	const char *separator = ": ";
	json_t *cause;
	size_t i;

	if (!json_integer_value(slow))
		return;
	fprintf(out, "    the slowest %s of those watched", format_json(slow).text);
	fprintf(out, ", from %s on", format_json(json_object_get(watched, "slow_from")).text);
	json_array_foreach(json_object_get(watched, "causes"), i, cause) {
		const json_t *count = json_object_get(cause, "slow");

		if (!json_integer_value(count))
			continue;
		fputs(separator, out);
		print_words(json_string_value(json_object_get(cause, "cause")), out);
		fprintf(out, " %s", format_json(count).text);
		separator = ", ";
	}
	if (json_integer_value(unexplained))
		fprintf(out, "%snothing seen %s", separator, format_json(unexplained).text);
	fputc('\n', out);
}

/* "alloc p99.9 2,010, max 9,871: new slab in 0.8 % of operations, ..." */
static void print_causes(const char *name, const json_t *direction, const json_t *watched,
			 FILE *out)
{
	const json_t *clean = json_object_get(direction, "clean");
	double operations = json_number_value(json_object_get(watched, "operations"));
	const char *separator = ": ";
	json_t *cause;
	size_t i;

	if (!json_is_object(watched))
		return;
	fprintf(out, "  %s p99.9 %s", name, format_json(json_object_get(clean, "p999")).text);
	fprintf(out, ", max %s", format_json(json_object_get(clean, "max")).text);
	json_array_foreach(json_object_get(watched, "causes"), i, cause) {
		double share = json_number_value(json_object_get(cause, "operations")) / operations;

		fputs(separator, out);
		print_words(json_string_value(json_object_get(cause, "cause")), out);
		fprintf(out, " in %.*f %%", share < 0.01 ? 2 : 1, 100 * share);
		separator = ", ";
	}
	fputs(*separator == ':' ? ": no slow path seen\n" : " of operations\n", out);
	print_slow(watched, out);
}

static void print_unobserved(const json_t *names, FILE *out)
{
	const char *separator = "  not to be seen on this kernel: ";
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		fputs(separator, out);
		print_words(json_string_value(name), out);
		separator = ", ";
	}
	if (*separator == ',')
		fputc('\n', out);
}

static void print_tail(const json_t *result, FILE *out)
{
	const json_t *tail = json_object_get(result, "tail");
	const char *reason = json_string_value(json_object_get(tail, "reason"));

	if (!json_is_object(tail))
		return;
	if (reason)
		fprintf(out, "  causes of the tail: none known: %s\n", reason);
	print_causes("alloc", json_object_get(result, "alloc"), json_object_get(tail, "alloc"), out);
	print_causes("free", json_object_get(result, "free"), json_object_get(tail, "free"), out);
	print_unobserved(json_object_get(tail, "unobserved"), out);
}

/* "  alloc by the CPU's own counters: instructions 94.0, cycles 120.3" */
static void print_events(const char *name, const json_t *events, FILE *out)
{
	const char *separator = ": ", *event;
	json_t *value;

	if (!json_is_object(events))
		return;
	fprintf(out, "  %s by the CPU's own counters", name);
	json_object_foreach((json_t *)events, event, value) {
		if (!json_is_number(value) || !strcmp(event, "operations"))
			continue;
		fputs(separator, out);
		print_words(event, out);
		fprintf(out, " %.2f", json_number_value(value));
		separator = ", ";
	}
	fputs(*separator == ':' ? ": none counted\n" : " an operation\n", out);
}

static void print_pmu(const json_t *pmu, FILE *out)
{
	const char *reason = json_string_value(json_object_get(pmu, "reason"));

	if (reason)
		fprintf(out, "  the CPU's own counters: none: %s\n", reason);
	print_events("alloc", json_object_get(pmu, "alloc"), out);
	print_events("free", json_object_get(pmu, "free"), out);
}

/* ": order 3: 4, order 9: 1" of a list with an element for each order. */
static void print_orders(const char *name, const json_t *counts, FILE *out)
{
	const char *separator = name;
	json_t *count;
	size_t order;

	json_array_foreach(counts, order, count) {
		if (!json_integer_value(count))
			continue;
		fprintf(out, "%s%zu: %s", separator, order, format_json(count).text);
		separator = ", ";
	}
}

static void print_contiguity(const json_t *contiguity, FILE *out)
{
	const json_t *ready = json_object_get(contiguity, "device_ready_objects");

	if (!json_is_object(contiguity))
		return;
	fprintf(out, "  contiguity: extents %s",
		format_json(json_object_get(contiguity, "extents")).text);
	fprintf(out, ", the largest %s bytes",
		format_json(json_object_get(contiguity, "largest_extent_bytes")).text);
	fprintf(out, ", contiguous objects %s",
		format_json(json_object_get(contiguity, "contiguous_objects")).text);
	if (json_is_integer(ready))
		fprintf(out, ", ready for a device %s", format_json(ready).text);
	print_orders("\n  extents by order: ", json_object_get(contiguity, "extents_by_order"), out);
	print_orders("\n  naturally aligned blocks in them: ",
		     json_object_get(contiguity, "aligned_by_order"), out);
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

/* Over all objects of all rounds. */
static void print_deferred(const json_t *result, FILE *out)
{
	const json_t *parameters = json_object_get(result, "parameters");
	const json_t *deferred = json_object_get(result, "deferred");
	double objects = (double)objects_held(result) *
			 json_number_value(json_object_get(parameters, "repeats"));

	if (json_is_integer(deferred))
		fprintf(out, "  deferred: %s, %.1f an object\n", format_json(deferred).text,
			json_number_value(deferred) / objects);
}

static void print_result(const json_t *result, FILE *out)
{
	const char *reason = json_string_value(json_object_get(result, "reason"));
	const json_t *alloc = json_object_get(result, "alloc");
	const json_t *free = json_object_get(result, "free");

	cleanup_free char *rest = experiment_unusual(result);

	fprintf(out, "\n%s, %s, ", json_string_value(json_object_get(result, "facility")),
		json_string_value(json_object_get(result, "workload")));
	fprintf(out, "%s of ", format_counted(objects_held(result), "object").text);
	fprintf(out, "%s%s", format_counted(json_integer_value(json_object_get(result, "object_size")),
					    "byte").text, rest);
	fprintf(out, ": %s%s%s\n", json_string_value(json_object_get(result, "status")),
		reason && *reason ? ", " : "", reason ? reason : "");
	print_costs(alloc, free, out);
	print_direction("alloc", alloc, out);
	print_direction("free", free, out);
	print_tail(result, out);
	print_pmu(json_object_get(result, "pmu"), out);
	print_deferred(result, out);
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
