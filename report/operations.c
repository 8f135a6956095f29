// SPDX-License-Identifier: GPL-2.0-or-later
/* The text report of kmemlab measure: the operations of a user's file. */

#include "base/json_path.h"
#include "base/memory.h"
#include "document.h"
#include "format.h"
#include "report.h"
#include "results.h"

/*
 * A slab or two may be started by others in a guest. A leak of 8 bytes in each of 2,000
 * operations is more.
 */
#define LEAK_BYTES_MIN	(8 << 10)

static long long lost_bytes(const json_t *result)
{
	return json_int(result, "operation.lost_bytes", 0);
}

static bool is_leak(const json_t *result)
{
	return lost_bytes(result) > LEAK_BYTES_MIN;
}

static void add_bytes(struct table *table, const json_t *bytes)
{
	table_cell(table, json_is_integer(bytes) ? format_bytes(json_integer_value(bytes)).text :
						   "-");
}

static void add_row(struct table *table, const json_t *environment, const json_t *result)
{
	cleanup_free char *machine = xasprintf("%s (%s)",
					       json_str(environment, "kernel.release", "-"),
					       json_str(environment, "kernel.arch", "-"));

	table_cell(table, json_str(result, "facility", "-"));
	table_cell(table, machine);
	table_cell(table, format_at(result, "objects").text);
	table_cell(table, format_at(result, "alloc.mean").text);
	table_cell(table, format_at(result, "alloc.uninterrupted.min").text);
	table_cell(table, format_at(result, "alloc.uninterrupted.p50").text);
	table_cell(table, format_at(result, "alloc.uninterrupted.p99").text);
	table_cell(table, format_at(result, "alloc.uninterrupted.max").text);
	table_cell(table, format_at(result, "alloc.loop_mean").text);
	table_cell(table, format_at(result, "alloc.interrupted").text);
	table_cell(table, format_at(result, "alloc.slept").text);
	add_bytes(table, json_at(result, "operation.held_bytes"));
	add_bytes(table, json_at(result, "operation.lost_bytes"));
}

static void print_outcomes(const json_t *run, void *context)
{
	FILE *out = context;
	json_t *result;
	size_t i;

	json_array_foreach(document_results(run), i, result) {
		const bool is_measured = json_is(result, "status", "ok");
		cleanup_free char *reason = is_measured ? NULL : skip_text(result);
		cleanup_free char *line = NULL;

		if (reason)
			line = xasprintf("Not measured: %s\n", reason);
		else if (json_int(result, "alloc.uninterrupted.max", 1) == 0)
			line = xasprintf("%s costs 0: the compiler removed it or moved it out of "
					 "the loop, unless it does nothing\n",
					 json_str(result, "facility", "-"));
		else if (is_leak(result))
			line = xasprintf("%s: setup, %s and teardown lose %s each time: a leak\n",
					 json_str(result, "facility", "-"),
					 format_counted(json_int(result, "objects", 0),
							"operation").text,
					 format_bytes(lost_bytes(result)).text);
		if (line)
			print_outcome(line, !is_measured || is_leak(result), out);
	}
}

/* Call a function for each run of a document. */
static void for_each_run(const json_t *document, void *context,
			 void (*function)(const json_t *run, void *context))
{
	for (size_t i = 0; i < document_runs(document); i++) {
		json_t *run = document_run(document, i);

		function(run, context);
		json_decref(run);
	}
}

static void add_rows(const json_t *run, void *context)
{
	json_t *result;
	size_t i;

	json_array_foreach(document_results(run), i, result)
		if (json_is(result, "status", "ok"))
			add_row(context, document_environment(run), result);
}

static void find_leak(const json_t *run, void *context)
{
	bool *found = context;
	json_t *result;
	size_t i;

	json_array_foreach(document_results(run), i, result)
		*found |= is_leak(result);
}

bool operations_leak(const json_t *document)
{
	bool found = false;

	for_each_run(document, &found, find_leak);
	return found;
}

/* The module of kmemlab measure has facilities that no other run has. */
bool has_operations(const json_t *document)
{
	const json_t *facility;
	size_t i;

	json_array_foreach(json_at(document_environment(document), "facilities"), i, facility)
		if (json_has_text(json_at(facility, "capabilities"), "operation"))
			return true;
	return false;
}

void print_operations(const json_t *document, FILE *out)
{
	cleanup_table struct table table = { 0 };
	cleanup_free char *clock = clock_text(document_environment(document));

	table_columns(&table, "<operation|<kernel|>number|>mean|>min|>p50|>p99|>max|>loop|"
		      ">interrupted|>slept|>memory:held|>memory:lost");
	for_each_run(document, &table, add_rows);
	fprintf(out, "Clock: %s\n\n", clock);
	if (table.cell_count) {
		table_text(&table, "", out);
		fputs("\nmean, min, p50, p99 and max are costs of one operation, loop is their mean "
		      "without clock reads\nbetween them. held is the memory taken by setup and all "
		      "operations, lost what a round of setup,\noperations and teardown does not "
		      "give back; up to 8 KiB can be caches of the kernel.\n", out);
	}
	for_each_run(document, out, print_outcomes);
}
