// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "report/format.h"
#include "report/table.h"

#define BAR_WIDTH	8
#define PATHS_SHOWN	12
#define SMALL_PART	500	/* a call below this part of all operations is not shown alone */

static long long number(const json_t *object, const char *path)
{
	return json_int(object, path, 0);
}

static const char *text(const json_t *object, const char *path)
{
	return json_str(object, path, "-");
}

static void add_count(struct table *table, long long value)
{
	table_cell(table, format_count(value).text);
}

static const char *kind_note(const json_t *node)
{
	const char *kind = text(node, "kind");

	if (!strcmp(kind, "tail_call"))
		return " (tail call)";
	return strcmp(kind, "exception") ? "" : " (exception)";
}

/* Limits and scale of the printed call tree */
struct tree_style {
	long long total;	/* instructions of the tree */
	long long shown_min;	/* a call with fewer instructions is not shown alone */
};

/* The figures of a row after its name; the bar follows the second one. */
static const char *const figures[] = {
	"total", "self", "calls", "loads", "loaded_bytes", "stores", "stored_bytes"
};

/* Return the sum of a figure over a call and all that it calls. */
static long long sum_calls(const json_t *node, const char *figure)
{
	long long sum = number(node, figure);
	json_t *child;
	size_t i;

	json_array_foreach(json_at(node, "children"), i, child)
		sum += sum_calls(child, figure);
	return sum;
}

static bool is_small(const json_t *node, const struct tree_style *style)
{
	return number(node, "total") < style->shown_min;
}

/* Return the sum of a figure over the small calls of a node. */
static long long sum_small(const json_t *node, const char *figure, const struct tree_style *style)
{
	long long sum = 0;
	json_t *child;
	size_t i;

	json_array_foreach(json_at(node, "children"), i, child)
		if (is_small(child, style))
			sum += sum_calls(child, figure);
	return sum;
}

/* Add one row for the small calls of a node, so that all columns add up. */
static void add_small_calls(struct table *table, const json_t *node, size_t count,
			    const struct tree_style *style, unsigned int depth)
{
	const long long total = sum_small(node, "self", style);
	const char *level;
	json_t *unused;

	table_cellf(table, "%*s(%zu more)", 2 * depth, "", count);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		add_count(table, i ? sum_small(node, figures[i], style) : total);
		if (i == 1)
			table_bar(table, total, style->total, BAR_WIDTH);
	}
	json_object_foreach(json_at(node, "modelled_misses"), level, unused) {
		cleanup_free char *path = xasprintf("modelled_misses.%s", level);

		add_count(table, sum_small(node, path, style));
	}
}

static void add_node(struct table *table, const json_t *node, const struct tree_style *style,
		     unsigned int depth)
{
	json_t *child, *misses;
	size_t i, small = 0;
	const char *level;

	table_cellf(table, "%*s%s%s", 2 * depth, "", text(node, "name"), kind_note(node));
	for (i = 0; i < ARRAY_SIZE(figures); i++) {
		add_count(table, number(node, figures[i]));
		if (i == 1)
			table_bar(table, number(node, "self"), style->total, BAR_WIDTH);
	}
	json_object_foreach(json_at(node, "modelled_misses"), level, misses)
		add_count(table, json_integer_value(misses));
	json_array_foreach(json_at(node, "children"), i, child)
		small += is_small(child, style);
	json_array_foreach(json_at(node, "children"), i, child)
		if (small == 1 || !is_small(child, style))
			add_node(table, child, style, depth + 1);
	if (small > 1)
		add_small_calls(table, node, small, style, depth + 1);
}

static void print_experiment(const json_t *document, FILE *out)
{
	const json_t *experiment = json_at(document, "experiment");

	fprintf(out, "%s, %s of %lld bytes, gfp %s, workload %s, ",
		text(experiment, "facility"), text(experiment, "op"),
		number(experiment, "object_size"), text(experiment, "gfp"),
		text(experiment, "workload"));
	if (strcmp(text(experiment, "condition"), "fresh"))
		fprintf(out, "condition %s, ", text(experiment, "condition"));
	fprintf(out, "state %s\n", text(experiment, "state"));
}

static bool shows_all(const json_t *document)
{
	return !strcmp(text(document, "experiment.state"), "all");
}

static void print_mean(const json_t *document, FILE *out)
{
	long long operations = number(document, "operations");

	fprintf(out, "; %s instructions in %s, %s on average", format_at(document, "sum").text,
		format_counted(operations, "operation").text,
		format_real((double)number(document, "sum") / operations).text);
}

static void print_head(const json_t *document, FILE *out)
{
	long long operations = number(document, "operations");
	long long objects = number(document, "experiment.objects");

	print_experiment(document, out);
	fprintf(out, "Linux %s, %s, emulated by QEMU",
		text(document, "experiment.kernel"), text(document, "experiment.arch"));
	if (shows_all(document))
		print_mean(document, out);
	else
		fprintf(out, "; %s instructions, %s of %s took this path",
			format_at(document, "sum").text,
			format_at(document, "operations_on_path").text,
			format_counted(operations, "operation").text);
	if (objects > operations)
		fprintf(out, " (%lld objects)", objects);
	fprintf(out, "\n\n");
}

static void print_mix(const json_t *document, FILE *out)
{
	const json_t *mix = json_at(document, "mix"), *named = json_at(mix, "named");
	cleanup_strbuf struct strbuf line = STRBUF_INIT;
	const char *class;
	json_t *count;
	size_t i;

	json_object_foreach(json_at(mix, "classes"), class, count)
		if (json_integer_value(count)) {
			strbuf_separate(&line, ", ");
			strbuf_addf(&line, "%s %s", format_count(json_integer_value(count)).text,
				    class);
		}
	if (!line.length)
		return;
	fprintf(out, "Mix: %s\n", line.text);
	if (json_array_size(named))
		fprintf(out, "     of these ");
	json_array_foreach(named, i, count)
		fprintf(out, "%s%s %s", i ? ", " : "", format_at(count, "count").text,
			text(count, "name"));
	if (json_array_size(named))
		fputc('\n', out);
	if (number(mix, "retpolines"))
		fprintf(out, "     %s indirect branches through retpolines\n",
			format_at(mix, "retpolines").text);
	if (number(mix, "interrupts_off.stretches"))
		fprintf(out, "Interrupts disabled: for %s instructions in %s stretch%s, at most "
			"%s\n", format_at(mix, "interrupts_off.instructions").text,
			format_at(mix, "interrupts_off.stretches").text,
			number(mix, "interrupts_off.stretches") == 1 ? "" : "es",
			format_at(mix, "interrupts_off.longest").text);
}

/* Print the lines that the path writes; old documents have none. */
static void print_written(const json_t *document, FILE *out)
{
	const json_t *written = json_at(document, "written_lines"), *named;
	json_t *name;
	size_t i;

	if (!json_is_object(written))
		return;
	fprintf(out, "Cache lines written: %s shared (%s by atomic instructions), %s per-CPU, "
		"%s of the object, %s of the task, %s of the stack%s\n",
		format_at(written, "shared").text, format_at(written, "shared_atomic").text,
		format_at(written, "per_cpu").text, format_at(written, "own").text,
		format_at(written, "task").text, format_at(written, "stack").text,
		shows_all(document) ? ", counted again in each operation" : "");
	named = json_at(written, "shared_named");
	json_array_foreach(named, i, name)
		fprintf(out, "%s%s %s", i ? ", " : "     shared: ", format_at(name, "lines").text,
			text(name, "name"));
	if (json_array_size(named))
		fputc('\n', out);
}

static void print_calls(const json_t *document, FILE *out)
{
	const json_t *tree = json_at(document, "tree"), *memory = json_at(document, "memory");
	const json_t *misses = json_at(tree, "modelled_misses");
	struct tree_style style = { .total = number(document, "sum") };
	cleanup_table struct table table = { 0 };
	const char *level;
	json_t *unused;

	table_columns(&table, "<function|>total|>self|<self|>calls|>loads|>bytes|>stores|>bytes");
	json_object_foreach((json_t *)misses, level, unused)
		table_column(&table, NULL, level, NULL, TABLE_RIGHT);
	if (shows_all(document))
		style.shown_min = style.total / SMALL_PART;
	add_node(&table, tree, &style, 0);
	table_text(&table, "", out);
	fprintf(out, "\nMemory: %s loads of %s bytes, %s stores of %s bytes; "
		"%s cache lines and %s pages touched%s\n", format_at(memory, "loads").text,
		format_at(memory, "loaded_bytes").text, format_at(memory, "stores").text,
		format_at(memory, "stored_bytes").text, format_at(memory, "cache_lines").text,
		format_at(memory, "pages").text,
		shows_all(document) ? ", counted again in each operation" : "");
	if (number(memory, "cleared_bytes") || number(memory, "copied_bytes"))
		fprintf(out, "String instructions cleared %s bytes and copied %s\n",
			format_at(memory, "cleared_bytes").text,
			format_at(memory, "copied_bytes").text);
	print_written(document, out);
	print_mix(document, out);
	if (misses)
		fprintf(out,
			"Misses are modeled, not measured: LRU, empty at the start, data only\n");
}

static void add_path(struct table *table, double share, long long count, double instructions)
{
	table_cellf(table, "%.2f %%", 100 * share);
	add_count(table, count);
	table_cell(table, instructions != (long long)instructions ?
		   format_real(instructions).text : format_count(instructions).text);
}

static void print_paths(const json_t *document, FILE *out)
{
	double rest_share = 0, rest_instructions = 0;
	cleanup_table struct table table = { 0 };
	const json_t *paths = json_at(document, "paths");
	long long rest = 0;
	json_t *path;
	size_t i;

	table_columns(&table, ">share|>count|>instructions|<path");
	json_array_foreach(paths, i, path) {
		const char *through = json_str(path, "through", NULL);
		double share = json_num(path, "share", 0);
		long long count = number(path, "count");
		long long instructions = number(path, "instructions");

		if (i >= PATHS_SHOWN) {
			rest_share += share;
			rest += count;
			rest_instructions += (double)count * instructions;
			continue;
		}
		add_path(&table, share, count, instructions);
		table_cellf(&table, "%s%s", !i ? "most frequent" : through ? "through " :
			    "same functions, other branches", i && through ? through : "");
	}
	if (rest) {
		add_path(&table, rest_share, rest, rest_instructions / rest);
		table_cellf(&table, "mean of %zu more paths", json_array_size(paths) - PATHS_SHOWN);
	}
	fputc('\n', out);
	table_text(&table, "", out);
}

static void print_clock(const json_t *document, FILE *out)
{
	const json_t *clock = json_at(document, "clock");
	long long compared = number(clock, "compared"), mismatches = number(clock, "mismatches");
	long long skipped = number(document, "operations") - compared;

	fprintf(out, "Clock: ");
	if (mismatches)
		fprintf(out, "DIFFERS in %lld of %lld operations (operation %lld: the clock "
			"counted %lld instructions, the trace has %lld)", mismatches, compared,
			number(clock, "first_mismatch.operation"),
			number(clock, "first_mismatch.clock"),
			number(clock, "first_mismatch.trace"));
	else if (compared)
		fprintf(out, "agrees to the instruction in %lld operation%s", compared,
			compared == 1 ? "" : "s");
	else
		fprintf(out, "not compared");
	if (skipped)
		fprintf(out, "; %lld not compared (the CPU was idle or in user mode, or an "
			"interrupt hit the clock)", skipped);
	fprintf(out, "\n       (net of %lld instructions for reading the clock)\n",
		number(clock, "overhead"));
}

void explain_print_tree(const json_t *document, FILE *out)
{
	long long operations = number(document, "operations");
	long long interrupts = number(document, "interrupt_instructions");
	long long others = number(document, "other_task_instructions");

	print_head(document, out);
	print_calls(document, out);
	print_paths(document, out);
	fprintf(out, "\nSum: %s instructions in %s",
		format_at(document, "total_instructions").text,
		format_counted(operations, "operation").text);
	if (interrupts)
		fprintf(out, ", %s in interrupts", format_count(interrupts).text);
	if (others)
		fprintf(out, ", %s in the kernel for other tasks", format_count(others).text);
	fputc('\n', out);
	print_clock(document, out);
	explain_print_cycles(document, out);
}

void explain_print_blocks(const json_t *document, FILE *out)
{
	cleanup_table struct table table = { 0 };
	json_t *block;
	size_t i;

	table_columns(&table, "<address|>executed|>length|>instructions|<basic block");
	json_array_foreach(json_at(document, "blocks"), i, block) {
		table_cell(&table, text(block, "address"));
		add_count(&table, number(block, "executed"));
		add_count(&table, number(block, "length"));
		add_count(&table, number(block, "instructions"));
		table_cell(&table, text(block, "place"));
	}
	table_cell(&table, "");
	table_cell(&table, "");
	table_cell(&table, "");
	add_count(&table, number(document, "sum"));
	table_cell(&table, "sum");
	fputc('\n', out);
	table_text(&table, "", out);
}

static long long element(const json_t *array, size_t index)
{
	return json_integer_value(json_array_get(array, index));
}

static void add_change(struct table *table, long long change)
{
	table_cellf(table, "%s%s", change >= 0 ? "+" : "", format_count(change).text);
	if (change)
		table_cell_style(table, change > 0 ? STYLE_RED : STYLE_GREEN);
}

/* Append the value of each kernel and, after the first, the difference from the first. */
static void add_figures(struct table *table, const json_t *figures)
{
	for (size_t i = 0; i < json_array_size(figures); i++) {
		add_count(table, element(figures, i));
		if (i)
			add_change(table, element(figures, i) - element(figures, 0));
	}
}

static bool all_equal(const json_t *figures)
{
	for (size_t i = 1; i < json_array_size(figures); i++)
		if (element(figures, i) != element(figures, 0))
			return false;
	return true;
}

/* Return true if the function and everything it calls costs the same on all kernels. */
static bool is_same_tree(const json_t *node)
{
	json_t *child;
	size_t i;

	if (!all_equal(json_at(node, "self")) || !all_equal(json_at(node, "total")))
		return false;
	json_array_foreach(json_at(node, "children"), i, child)
		if (!is_same_tree(child))
			return false;
	return true;
}

static void add_diff_columns(struct table *table, size_t kernels)
{
	cleanup_strbuf struct strbuf titles = STRBUF_INIT;

	strbuf_addstr(&titles, "<function|>1");
	for (size_t i = 2; i <= kernels; i++)
		strbuf_addf(&titles, "|>%zu|>%zu - 1", i, i);
	table_columns(table, titles.text);
}

static void add_sum(struct table *table, const json_t *kernels)
{
	json_t *sums = json_array(), *kernel;
	bool differs = false;
	size_t i;

	json_array_foreach(kernels, i, kernel) {
		json_array_append_new(sums, json_integer(number(kernel, "sum")));
		differs |= number(kernel, "clock.mismatches") != 0;
	}
	table_cell(table, differs ? "sum (DIFFERS from the clocks)" :
		   "sum (agrees with the clocks)");
	add_figures(table, sums);
	json_decref(sums);
}

static void print_functions(const json_t *document, size_t count, FILE *out)
{
	cleanup_table struct table table = { 0 };
	json_t *function, *same = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(same, json_integer(0));
	add_diff_columns(&table, count);
	json_array_foreach(json_at(document, "differences"), i, function) {
		const json_t *self = json_at(function, "self");

		if (!all_equal(self)) {
			table_cell(&table, text(function, "name"));
			add_figures(&table, self);
			continue;
		}
		for (size_t kernel = 0; kernel < count; kernel++)
			json_array_set_new(same, kernel, json_integer(
				element(same, kernel) + element(self, kernel)));
	}
	table_cell(&table, "functions with equal cost");
	add_figures(&table, same);
	add_sum(&table, json_at(document, "kernels"));
	fprintf(out, "\nInstructions by function\n");
	table_text(&table, "", out);
	json_decref(same);
}

/* Add the function's own instructions, or a total in one row if nothing below differs. */
static void add_call(struct table *table, const json_t *node, unsigned int depth)
{
	const json_t *children = json_at(node, "children");
	bool is_total = json_array_size(children) && is_same_tree(node);
	json_t *child;
	size_t i;

	table_cellf(table, "%*s%s%s", 2 * depth, "", text(node, "name"),
		    is_total ? " (including calls)" : "");
	add_figures(table, json_at(node, is_total ? "total" : "self"));
	if (!is_total)
		json_array_foreach(children, i, child)
			add_call(table, child, depth + 1);
}

/* Return true if sums over all operations are not of equally many. */
static bool has_other_operations(const json_t *kernels)
{
	const json_t *first = json_array_get(kernels, 0);
	json_t *kernel;
	size_t i;

	json_array_foreach(kernels, i, kernel)
		if (shows_all(kernel) && number(kernel, "operations") != number(first, "operations"))
			return true;
	return false;
}

void explain_print_diff(const json_t *document, FILE *out)
{
	const json_t *kernels = json_at(document, "kernels");
	size_t count = json_array_size(kernels), i;
	cleanup_table struct table calls = { 0 };
	json_t *kernel;

	print_experiment(json_array_get(kernels, 0), out);
	fputc('\n', out);
	json_array_foreach(kernels, i, kernel) {
		fprintf(out, "%zu: Linux %s, %s", i + 1, text(kernel, "experiment.kernel"),
			text(kernel, "experiment.arch"));
		if (shows_all(kernel))
			print_mean(kernel, out);
		fputc('\n', out);
	}
	if (has_other_operations(kernels))
		fputs("The kernels executed different numbers of operations: compare the means\n", out);
	print_functions(document, count, out);
	add_diff_columns(&calls, count);
	add_call(&calls, json_at(document, "tree"), 0);
	add_sum(&calls, kernels);
	fprintf(out, "\nInstructions by call\n");
	table_text(&calls, "", out);
}

/* Return the instructions of a node, of all kernels together. */
static long long node_sum(const json_t *self)
{
	long long sum = json_integer_value(self);
	json_t *value;
	size_t i;

	json_array_foreach(self, i, value)
		sum += json_integer_value(value);
	return sum;
}

/* Several kernels have a number each in the line, as difffolded.pl of FlameGraph writes them. */
static void print_folded_node(const json_t *node, const char *callers, FILE *out)
{
	const char *name = text(node, "name");
	cleanup_free char *stack = callers ? xasprintf("%s;%s", callers, name) : xstrdup(name);
	const json_t *self = json_at(node, "self");
	cleanup_strbuf struct strbuf counts = STRBUF_INIT;
	json_t *child;
	size_t i;

	format_value(&counts, self, false);
	if (node_sum(self))
		fprintf(out, "%s %s\n", stack, counts.text);
	json_array_foreach(json_at(node, "children"), i, child)
		print_folded_node(child, stack, out);
}

void explain_print_folded(const json_t *document, FILE *out)
{
	print_folded_node(json_at(document, "tree"), NULL, out);
}
