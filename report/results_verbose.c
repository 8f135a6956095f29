// SPDX-License-Identifier: GPL-2.0-or-later
/* All statistics of each experiment, for --verbose. */
#include "results.h"

#include "base/json_path.h"
#include "base/memory.h"
#include "document.h"
#include "format.h"
#include "metrics.h"

static void add_statistics(struct table *table, const char *name, const json_t *statistics)
{
	if (!json_is_object(statistics))
		return;
	table_cell(table, name);
	for (size_t i = 1; i < table->column_count; i++)
		table_cell(table, format_at(statistics, table->columns[i].title).text);
}

static void print_costs(const json_t *result, FILE *out)
{
	cleanup_table struct table table = { 0 };

	table_columns(&table, "<per operation|>samples|>min|>p50|>p90|>p99|>p999|>max|>mean");
	add_statistics(&table, "alloc, uninterrupted", json_at(result, "alloc.uninterrupted"));
	add_statistics(&table, "alloc, all", json_at(result, "alloc.all"));
	add_statistics(&table, "free, uninterrupted", json_at(result, "free.uninterrupted"));
	add_statistics(&table, "free, all", json_at(result, "free.all"));
	if (table.cell_count)
		table_text(&table, "  ", out);
}

/* Print one line for each part: its share of the operations and of the mean. */
static void add_parts(struct table *table, const char *name, const json_t *direction)
{
	double operations = json_num(direction, "all.samples", 0), total = 0;
	json_t *part;
	size_t i;

	json_array_foreach(json_at(direction, "parts"), i, part)
		total += json_num(part, "ticks", 0);
	json_array_foreach(json_at(direction, "parts"), i, part) {
		double ticks = json_num(part, "ticks", 0);

		table_cellf(table, "%s, %s", name, json_str(part, "part", "-"));
		table_cell(table, format_at(part, "min").text);
		table_cell(table, format_at(part, "max").text);
		table_cell(table, format_at(part, "operations").text);
		table_cell(table, !json_at(part, "operations") ? "-" :
				  format_share(json_num(part, "operations", 0) / operations).text);
		table_cell(table, format_at(part, "ticks").text);
		table_cell(table, total ? format_share(ticks / total).text : "-");
	}
}

static void print_parts(const json_t *result, FILE *out)
{
	cleanup_table struct table table = { 0 };

	table_columns(&table, "<part|>from|>to|>operations|>share|>total|>share");
	add_parts(&table, "alloc", json_at(result, "alloc"));
	add_parts(&table, "free", json_at(result, "free"));
	if (table.cell_count)
		table_text(&table, "  ", out);
}

/* Print an identifier with blanks: "new slab" for "new_slab". */
static void print_name(const char *name, FILE *out)
{
	for (; *name; name++)
		fputc(*name == '_' ? ' ' : *name, out);
}

/* Print "    slowest 3 traced operations, from 2,034: new slab 2, list refill 1". */
static void print_slowest(const json_t *traced, FILE *out)
{
	const char *separator = ": ";
	json_t *cause;
	size_t i;

	if (!json_int(traced, "slow", 0))
		return;
	fprintf(out, "    slowest %s traced operations, from %s", format_at(traced, "slow").text,
		format_at(traced, "slow_from").text);
	json_array_foreach(json_at(traced, "causes"), i, cause) {
		if (!json_int(cause, "slow", 0))
			continue;
		fputs(separator, out);
		print_name(json_str(cause, "cause", "-"), out);
		fprintf(out, " %s", format_at(cause, "slow").text);
		separator = ", ";
	}
	if (json_int(traced, "slow_unexplained", 0))
		fprintf(out, "%sunexplained %s", separator,
			format_at(traced, "slow_unexplained").text);
	fputc('\n', out);
}

/* Print "  alloc p99.9 2,010, max 9,871: new slab in 0.8 % (mean 6,120), ... of operations". */
static void print_causes(const char *name, const json_t *direction, const json_t *traced, FILE *out)
{
	double operations = json_num(traced, "operations", 0);
	const char *separator = ": ";
	json_t *cause;
	size_t i;

	if (!json_is_object(traced))
		return;
	fprintf(out, "  %s p99.9 %s, max %s", name, format_at(direction, "uninterrupted.p999").text,
		format_at(direction, "uninterrupted.max").text);
	json_array_foreach(json_at(traced, "causes"), i, cause) {
		double share = json_num(cause, "operations", 0) / operations;

		fputs(separator, out);
		print_name(json_str(cause, "cause", "-"), out);
		fprintf(out, " in %.*f %%", share < 0.01 ? 2 : 1, 100 * share);
		if (json_at(cause, "mean"))
			fprintf(out, " (mean %s)", format_at(cause, "mean").text);
		separator = ", ";
	}
	fputs(*separator == ':' ? ": no slow path seen\n" : " of operations\n", out);
	print_slowest(traced, out);
}

static void print_group(const json_t *result, const char *path, FILE *out)
{
	cleanup_free char *title = xasprintf("%s:", path);

	print_members(title, json_at(result, path), out);
}

static void print_tail(const json_t *result, FILE *out)
{
	print_causes("alloc", json_at(result, "alloc"), json_at(result, "tail.alloc"), out);
	print_causes("free", json_at(result, "free"), json_at(result, "tail.free"), out);
	print_group(result, "tail", out);
}

/* Deferred frees are counted over all objects of all repeats. */
static void print_deferred(const json_t *result, FILE *out)
{
	double objects = objects_held(result) * json_num(result, "parameters.repeats", 0);

	if (json_at(result, "deferred"))
		fprintf(out, "  deferred: %s, %.1f per object\n",
			format_at(result, "deferred").text,
			json_num(result, "deferred", 0) / objects);
}

static void print_result(const json_t *result, FILE *out)
{
	static const char *const groups[] = {
		"alloc", "free", "pmu", "pmu.alloc", "pmu.free", "throughput", "memory",
		"kept", "contiguity", "verification",
	};
	const char *reason = json_str(result, "reason", "");
	cleanup_free char *parameters = experiment_parameters(result);

	fprintf(out, "\n%s, %s, %s of %s%s: %s%s%s\n", json_str(result, "facility", "-"),
		json_str(result, "workload", "-"),
		format_counted(objects_held(result), "object").text,
		format_counted(json_int(result, "object_size", 0), "byte").text, parameters,
		json_str(result, "status", "-"), *reason ? ", " : "", reason);
	print_costs(result, out);
	print_parts(result, out);
	print_tail(result, out);
	print_deferred(result, out);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		print_group(result, groups[i], out);
}

void print_verbose(const json_t *document, FILE *out)
{
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result)
		print_result(result, out);
}
