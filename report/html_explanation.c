// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An explanation as an HTML page: flame graphs and tables. A flame graph is the nested list of
 * calls with a layout in CSS, so it stays readable for screen readers, in print, and without
 * styles. Names are cut at the end of their frame.
 */
#include <stdlib.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "format.h"
#include "html.h"

static const char flame_style[] =
	".flames,.flames ul{list-style:none;margin:0;padding:0;display:flex;align-items:flex-end}\n"
	".flames{margin:.4em 0;padding:1px;overflow:hidden}\n"
	".flames li{display:flex;flex-direction:column-reverse;flex:none;min-width:0}\n"
	".flames li[hidden]{display:none}\n"
	".flames span{display:block;box-sizing:border-box;height:1.5em;padding:0 .3em;"
	"border:solid var(--back);border-width:0 1px 1px 0;font-size:12px;line-height:1.5em;"
	"white-space:nowrap;overflow:hidden;text-overflow:ellipsis;color:#1b1b1b;cursor:pointer}\n"
	".flames .thin>span{padding:0;border-right-width:0;text-indent:100%}\n"
	".flames span:hover,.flames span:focus{outline:2px solid var(--text);outline-offset:-2px}\n"
	".flames.found span{opacity:.35}.flames.found .hit>span{opacity:1;font-weight:bold}\n"
	".flames .tail_call>span{font-style:italic}\n"
	".flames .exception>span{text-decoration:underline}\n"
	".h0{background:#fbe9c6}.h1{background:#f9d894}.h2{background:#f6c066}"
	".h3{background:#f2a24a}.h4{background:#ea8244}\n"
	/* Fewer instructions than on the first kernel are blue, more are orange. */
	".less2{background:#7fb2e5}.less1{background:#bcd8f2}.same{background:#e4e4e4}"
	".more1{background:#f9d2a0}.more2{background:#f0983c}\n"
	".calls td:first-child{white-space:nowrap}.changed{font-weight:bold}\n"
	"@media print{.flames{break-inside:avoid}"
	".flames span{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

static void print_title(const json_t *node, long long total, FILE *out)
{
	html_printf(out, " title=\"%s: %s, %s of the operation; self: %s; calls: %s; loads: %s "
		    "bytes, stores: %s bytes\"", json_str(node, "name", "-"),
		    format_counted(json_int(node, "total", 0), "instruction").text,
		    format_share((double)json_int(node, "total", 0) / total).text,
		    format_at(node, "self").text, format_at(node, "calls").text,
		    format_at(node, "loaded_bytes").text, format_at(node, "stored_bytes").text);
}

/* Return the color class of a function, from 0 to 4, by its share of all instructions. */
static unsigned int heat_of(long long self, long long total)
{
	static const double steps[] = { 0.01, 0.05, 0.10, 0.20 };
	unsigned int heat = 0;

	while (heat < ARRAY_SIZE(steps) && self >= steps[heat] * total)
		heat++;
	return heat;
}

static void print_flame(const json_t *node, const json_t *parent, long long total, FILE *out)
{
	const json_t *children = json_at(node, "children");
	long long width = json_int(node, "total", 0);
	json_t *child;
	size_t i;

	fprintf(out, "<li class=\"%s%s\" style=\"width:%.4f%%\" data-n=\"%lld\"><span class=\"h%u\"",
		parent ? json_str(node, "kind", "-") : "root", 40 * width < total ? " thin" : "",
		parent ? 100.0 * width / json_int(parent, "total", 0) : 100.0,
		json_int(node, "self", 0), heat_of(json_int(node, "self", 0), total));
	print_title(node, total, out);
	html_printf(out, ">%s %s</span>", json_str(node, "name", "-"), format_count(width).text);
	if (json_array_size(children)) {
		fputs("\n<ul>", out);
		json_array_foreach(children, i, child)
			if (json_int(child, "total", 0))
				print_flame(child, node, total, out);
		fputs("</ul>", out);
	}
	fputs("</li>\n", out);
}

static void print_flames(const json_t *tree, FILE *out)
{
	long long total = json_int(tree, "total", 0);

	if (!total)
		return;
	fputs("<ul class=\"flames\" aria-label=\"Call tree with instructions\">\n", out);
	print_flame(tree, NULL, total, out);
	fputs("</ul>\n<p>The width of a frame is the number of instructions of a function and its "
	      "callees; the frames above it are its calls, in order. The color is the function's "
	      "own share of all instructions: <span class=\"swatch h0\"></span> below 1 %, "
	      "<span class=\"swatch h1\"></span> 5 %, <span class=\"swatch h2\"></span> 10 %, "
	      "<span class=\"swatch h3\"></span> 20 %, <span class=\"swatch h4\"></span> or more. "
	      "<i>Italic</i>: tail call; <u>underlined</u>: exception.</p>\n", out);
}

static void add_call(struct table *table, const json_t *node, unsigned int depth)
{
	static const char *const paths[] = {
		"total", "self", "calls", "loads", "loaded_bytes", "stores", "stored_bytes"
	};
	const char *level;
	json_t *child, *misses;
	size_t i;

	table_cell(table, json_str(node, "name", "-"));
	table_cell_depth(table, depth);
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		table_cell(table, format_count(json_int(node, paths[i], 0)).text);
	json_object_foreach(json_at(node, "modelled_misses"), level, misses)
		table_cell(table, format_count(json_integer_value(misses)).text);
	json_array_foreach(json_at(node, "children"), i, child)
		add_call(table, child, depth + 1);
}

/* Print a folded table, whose name contains the kernel's: landmarks need different names. */
static void print_folded(const json_t *document, const struct table *table, const char *title,
			 const char *class, FILE *out)
{
	cleanup_free char *name = xasprintf("%s, Linux %s", title,
					    json_str(document, "experiment.kernel", "-"));

	html_fold_begin(title, out);
	html_table(table, name, class, out);
	html_fold_end(out);
}

static void print_calls(const json_t *document, FILE *out)
{
	const json_t *tree = json_at(document, "tree");
	cleanup_table struct table table = { 0 };
	const char *level;
	json_t *misses;

	table_columns(&table, "<function|>total|>self|>calls|>loads|>bytes|>stores|>bytes");
	json_object_foreach(json_at(tree, "modelled_misses"), level, misses)
		table_column(&table, level, "misses (model)", NULL, TABLE_RIGHT);
	add_call(&table, tree, 0);
	print_folded(document, &table, "Calls, loads and stores", "calls", out);
	fprintf(out, "<p>Touched: %s of 64 bytes, %s of 4 KiB%s.</p>\n",
		format_counted(json_int(document, "memory.cache_lines", 0), "cache line").text,
		format_counted(json_int(document, "memory.pages", 0), "page").text,
		json_is(document, "experiment.state", "all") ?
		", counted again in each operation" : "");
}

static void print_paths(const json_t *document, FILE *out)
{
	cleanup_table struct table table = { 0 };
	json_t *path;
	size_t i;

	table_columns(&table, "<path|>share|>operations|>instructions per operation");
	json_array_foreach(json_at(document, "paths"), i, path) {
		const char *through = json_str(path, "through", NULL);

		if (!i)
			table_cell(&table, "most frequent");
		else if (through)
			table_cellf(&table, "through %s", through);
		else
			table_cell(&table, "same functions, other branches");
		table_cell(&table, format_share_at(path, "share").text);
		table_cell(&table, format_at(path, "count").text);
		table_cell(&table, format_at(path, "instructions").text);
	}
	print_folded(document, &table, "Paths of all operations", "sort", out);
}

static void print_clock(const json_t *document, FILE *out)
{
	long long mismatches = json_int(document, "clock.mismatches", 0);

	fprintf(out, "<p class=\"%s\">%s instructions", mismatches ? "bad" : "ok",
		format_at(document, "sum").text);
	if (json_is(document, "experiment.state", "all"))
		fprintf(out, " in %s",
			format_counted(json_int(document, "operations", 0), "operation").text);
	fputs(". ", out);
	if (mismatches)
		fprintf(out, "The clock DISAGREES for %s of %s compared operations.</p>\n",
			format_count(mismatches).text, format_at(document, "clock.compared").text);
	else
		fprintf(out, "The clock agrees exactly for all %s compared operations.</p>\n",
			format_at(document, "clock.compared").text);
}

static long long number_at(const json_t *array, size_t index)
{
	return json_integer_value(json_array_get(array, index));
}

/* Return the color class of a change by its share of the first kernel's operation. */
static const char *change_class(long long change, long long total)
{
	bool large = llabs(change) * 20 >= total;

	if (!change)
		return "same";
	if (change < 0)
		return large ? "less2" : "less1";
	return large ? "more2" : "more1";
}

/* The instructions of the operation on the first kernel, and on the one that is drawn. */
struct flames {
	size_t kernel;
	long long first_sum, sum;
};

static void print_changed_title(const json_t *node, const struct flames *flames, FILE *out)
{
	const json_t *self = json_at(node, "self"), *total = json_at(node, "total");
	long long change = number_at(self, flames->kernel) - number_at(self, 0);

	html_printf(out, " title=\"%s: %s, self: %s", json_str(node, "name", "-"),
		    format_counted(number_at(total, flames->kernel), "instruction").text,
		    format_count(number_at(self, flames->kernel)).text);
	if (flames->kernel && number_at(total, 0))
		fprintf(out, ", change of self: %+lld", change);
	else if (flames->kernel)
		fputs(", not on the first kernel", out);
	fputs("\"", out);
}

/* Draw a function of the merged tree with its callees, if the kernel calls it. */
static void print_changed_flame(const json_t *node, const json_t *parent,
				const struct flames *flames, FILE *out)
{
	const json_t *self = json_at(node, "self"), *total = json_at(node, "total");
	long long width = number_at(total, flames->kernel);
	long long change = number_at(self, flames->kernel) - number_at(self, 0);
	double percent = parent ? 100.0 * width / number_at(json_at(parent, "total"),
							    flames->kernel) : 100;
	json_t *child;
	size_t i;

	fprintf(out, "<li class=\"%s%s\" style=\"width:%.4f%%\" data-n=\"%lld\"><span class=\"%s\"",
		parent ? "call" : "root", 40 * width < flames->sum ? " thin" : "", percent,
		number_at(self, flames->kernel), flames->kernel ?
		change_class(change, flames->first_sum) : "same");
	print_changed_title(node, flames, out);
	html_printf(out, ">%s %s", json_str(node, "name", "-"), format_count(width).text);
	if (flames->kernel && change)
		fprintf(out, " (%+lld)", change);
	fputs("</span><ul>", out);
	json_array_foreach(json_at(node, "children"), i, child)
		if (number_at(json_at(child, "total"), flames->kernel))
			print_changed_flame(child, node, flames, out);
	fputs("</ul></li>\n", out);
}

/* Draw one flame graph for each kernel; equal widths are equal numbers of instructions. */
static void print_changed_flames(const json_t *document, FILE *out)
{
	const json_t *tree = json_at(document, "tree"), *totals = json_at(tree, "total");
	long long max = 1;
	json_t *kernel;
	size_t i;

	for (i = 0; i < json_array_size(totals); i++)
		max = number_at(totals, i) > max ? number_at(totals, i) : max;
	fputs("<h2>Call trees on one scale</h2>\n<p class=\"note\">The width of a frame is the number of "
	      "instructions of a function and its callees, on the same scale for all kernels. The "
	      "color is the change of its own instructions since the first kernel: <span "
	      "class=\"swatch less2\"></span> fewer by 5 % of the operation or more, <span "
	      "class=\"swatch less1\"></span> fewer, <span class=\"swatch same\"></span> as many, "
	      "<span class=\"swatch more1\"></span> more, <span class=\"swatch more2\"></span> "
	      "more by 5 % or more. The table below has all numbers.</p>\n", out);
	json_array_foreach(json_at(document, "kernels"), i, kernel) {
		struct flames flames = {
			i, number_at(totals, 0), number_at(totals, i)
		};

		html_printf(out, "<h3>Linux %s: %s instructions",
			    json_str(kernel, "experiment.kernel", "-"),
			    format_count(flames.sum).text);
		if (i)
			fprintf(out, " (%+lld)", flames.sum - flames.first_sum);
		fprintf(out, "</h3>\n<div style=\"width:%.4f%%\"><ul class=\"flames\" "
			"aria-label=\"Call tree with instructions and changes\">\n",
			100.0 * flames.sum / max);
		if (flames.sum)
			print_changed_flame(tree, NULL, &flames, out);
		fputs("</ul></div>\n", out);
	}
}

static void print_details(const json_t *document, FILE *out)
{
	print_calls(document, out);
	print_paths(document, out);
	html_printf(out, "<p>SHA-256 of the inputs: <code>%s</code></p>\n",
		    json_str(document, "input_sha256", "-"));
}

static void print_kernel(const json_t *document, bool is_only, FILE *out)
{
	html_printf(out, "<h2>Linux %s, %s; QEMU %s</h2>\n",
		    json_str(document, "experiment.kernel", "-"),
		    json_str(document, "experiment.arch", "-"),
		    json_str(document, "qemu_version", "-"));
	print_clock(document, out);
	if (is_only)
		print_flames(json_at(document, "tree"), out);
	print_details(document, out);
}

static void add_change(struct table *table, long long change)
{
	if (change)
		table_cellf(table, "%+lld", change);
	else
		table_cell(table, "=");
	if (change)
		table_cell_class(table, "changed");
}

static void print_differences(const json_t *document, FILE *out)
{
	const json_t *kernels = json_at(document, "kernels");
	cleanup_table struct table table = { 0 };
	json_t *item, *self;
	size_t i, k;

	table_column(&table, NULL, "function", NULL, TABLE_LEFT);
	json_array_foreach(kernels, i, item) {
		table_column(&table, NULL, json_str(item, "experiment.kernel", "-"), NULL,
			     TABLE_RIGHT);
		if (i)
			table_column(&table, NULL, "change", NULL, TABLE_RIGHT);
	}
	json_array_foreach(json_at(document, "differences"), i, item) {
		table_cell(&table, json_str(item, "name", "-"));
		json_array_foreach(json_at(item, "self"), k, self) {
			/* A function that the kernel does not have, or does not call here. */
			table_cell(&table, json_integer_value(self) ? format_number(self).text :
								      "-");
			if (k && !json_integer_value(self) &&
			    !number_at(json_at(item, "self"), 0))
				table_cell(&table, "-");
			else if (k)
				add_change(&table, number_at(json_at(item, "changes"), k - 1));
		}
	}
	table_cell(&table, "sum");
	json_array_foreach(kernels, i, item) {
		table_cell(&table, format_at(item, "sum").text);
		if (i)
			add_change(&table, json_int(item, "sum", 0) -
				   json_int(json_array_get(kernels, 0), "sum", 0));
	}
	fputs("<h2>By function</h2>\n<p class=\"note\">Own instructions of each function, the largest "
	      "change first. A dash: the function does not exist or is not called on this "
	      "kernel.</p>\n", out);
	html_table(&table, "Instructions by function", "sort filter", out);
}

static void print_command(const json_t *document, FILE *out)
{
	cleanup_free char *command = html_repeat_command(json_str(document, "command", "-"));

	html_printf(out, "<p>Repeat: <code>%s</code> (kmemlab %s)</p>\n", command,
		    json_str(document, "kmemlab_version", "-"));
}

void report_explanation_html(const json_t *document, FILE *out)
{
	const json_t *kernels = json_at(document, "kernels");
	const json_t *first = kernels ? json_array_get(kernels, 0) : document;
	const json_t *experiment = json_at(first, "experiment");
	cleanup_free char *title = xasprintf("%s, %s of %s bytes",
		json_str(experiment, "facility", "-"), json_str(experiment, "op", "-"),
		format_at(experiment, "object_size").text);
	json_t *kernel;
	size_t i;

	html_begin(title, flame_style, out);
	html_printf(out, "<p>Workload %s, GFP profile %s, memory condition %s; state %s. Retired "
		    "instructions are counted; a count is not a time.</p>\n",
		    json_str(experiment, "workload", "-"), json_str(experiment, "gfp", "-"),
		    json_str(experiment, "condition", "-"), json_str(experiment, "state", "-"));
	print_command(document, out);
	if (kernels) {
		print_changed_flames(document, out);
		print_differences(document, out);
	}
	json_array_foreach(kernels, i, kernel)
		print_kernel(kernel, false, out);
	if (!kernels)
		print_kernel(document, true, out);
	html_end("", out);
}
