// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An explanation as a page: flame graphs, tables. The graph is the nested list
 * of calls, laid out by CSS alone: what is read aloud, printed or shown without
 * styles is the same tree, and names are cut where their frame ends, at any width.
 */
#include "report.h"

#include <string.h>

#include "base/memory.h"
#include "format.h"
#include "html_parts.h"

static const char style[] =
	".flames,.flames ul{list-style:none;margin:0;padding:0;display:flex;align-items:flex-end}\n"
	".flames{margin:1em 0;padding:1px;background:#f6f4f0;overflow:hidden}\n"
	".flames li{display:flex;flex-direction:column-reverse;flex:none;min-width:0}\n"
	".flames .root{width:100%}\n"
	".flames span{display:block;box-sizing:border-box;height:1.5em;padding:0 .3em;"
	"border:solid #fff;border-width:0 1px 1px 0;font-size:12px;line-height:1.5em;"
	"white-space:nowrap;overflow:hidden;text-overflow:ellipsis}\n"
	".flames .thin>span{padding:0;border-right-width:0;text-indent:100%}\n"
	".flames span:hover{outline:2px solid #1b1b1b;outline-offset:-2px}\n"
	".flames .tail_call>span{font-style:italic}\n"
	".flames .exception>span{text-decoration:underline}\n"
	".h0{background:#fbe9c6}.h1{background:#f9d894}.h2{background:#f6c066}"
	".h3{background:#f2a24a}.h4{background:#ea8244}\n"
	".key{display:inline-block;width:1.2em;height:.8em}\n"
	".scroll{overflow-x:auto}\n"
	".calls td:first-child{white-space:nowrap}.changed{font-weight:bold}\n"
	"@media print{.flames{break-inside:avoid}"
	".flames span{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

static long long number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "-";
}

static void print_number(long long value, FILE *out)
{
	fprintf(out, "<td>%s</td>", format_count(value).text);
}

static void print_title(const json_t *node, long long whole, FILE *out)
{
	fputs(" title=\"", out);
	html_text(text(node, "name"), out);
	fprintf(out, ": %s instructions, %.1f %% of all; %s of its own; calls: %s; loads: %s bytes, "
		"stores: %s bytes\"", format_json(json_object_get(node, "total")).text,
		100.0 * number(node, "total") / whole,
		format_json(json_object_get(node, "self")).text,
		format_json(json_object_get(node, "calls")).text,
		format_json(json_object_get(node, "loaded_bytes")).text,
		format_json(json_object_get(node, "stored_bytes")).text);
}

/* Five steps of heat: how much of the whole operation is the function's own. */
static unsigned int heat(long long self, long long whole)
{
	static const double steps[] = { 0.01, 0.05, 0.10, 0.20 };
	unsigned int heat = 0;

	while (heat < 4 && self >= steps[heat] * whole)
		heat++;
	return heat;
}

static void print_flame(const json_t *node, const json_t *parent, long long whole, FILE *out)
{
	const json_t *children = json_object_get(node, "children");
	long long total = number(node, "total");
	json_t *child;
	size_t i;

	fprintf(out, "<li class=\"%s%s\" style=\"width:%.4f%%\"><span class=\"h%u\"",
		parent ? text(node, "kind") : "root", 40 * total < whole ? " thin" : "",
		parent ? 100.0 * total / number(parent, "total") : 100.0,
		heat(number(node, "self"), whole));
	print_title(node, whole, out);
	fputs(">", out);
	html_text(text(node, "name"), out);
	fprintf(out, " %s</span>", format_count(total).text);
	if (json_array_size(children)) {
		fputs("\n<ul>", out);
		json_array_foreach(children, i, child)
			if (number(child, "total"))
				print_flame(child, node, whole, out);
		fputs("</ul>", out);
	}
	fputs("</li>\n", out);
}

static void print_flames(const json_t *document, FILE *out)
{
	const json_t *tree = json_object_get(document, "tree");
	long long whole = number(tree, "total");

	if (!whole)
		return;
	fputs("<ul class=\"flames\" aria-label=\"Calls, and the instructions of each\">\n", out);
	print_flame(tree, NULL, whole, out);
	fputs("</ul>\n<p>A frame is as wide as the instructions of a function and of all that it calls; "
	      "those above it are its calls, in their order. Colour: the function's own share of the "
	      "operation, <span class=\"key h0\"></span> below 1 %, <span class=\"key h1\"></span> "
	      "5 %, <span class=\"key h2\"></span> 10 %, <span class=\"key h3\"></span> 20 %, "
	      "<span class=\"key h4\"></span> more. <i>Italic</i>: jumped to, not called; <u>underlined"
	      "</u>: an exception.</p>\n", out);
}

static void print_call(const json_t *node, unsigned int depth, FILE *out)
{
	static const char *const columns[] = { "total", "self", "calls", "loads", "loaded_bytes",
					       "stores", "stored_bytes" };
	const char *level;
	json_t *child, *misses;
	size_t i;

	fprintf(out, "<tr><td style=\"padding-left:%.1fem\">", 0.7 + depth * 1.2);
	html_text(text(node, "name"), out);
	fputs("</td>", out);
	for (i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		print_number(number(node, columns[i]), out);
	json_object_foreach(json_object_get(node, "modelled_misses"), level, misses)
		print_number(json_integer_value(misses), out);
	fputs("</tr>\n", out);
	json_array_foreach(json_object_get(node, "children"), i, child)
		print_call(child, depth + 1, out);
}

static void print_calls(const json_t *document, FILE *out)
{
	const json_t *tree = json_object_get(document, "tree");
	const json_t *memory = json_object_get(document, "memory");
	const char *level;
	json_t *misses;

	fputs("<div class=\"scroll\"><table class=\"calls\">\n<tr><th>function</th><th>total</th>"
	      "<th>self</th><th>calls</th><th>loads</th><th>bytes</th><th>stores</th><th>bytes</th>",
	      out);
	json_object_foreach(json_object_get(tree, "modelled_misses"), level, misses)
		fprintf(out, "<th>%s misses, modelled</th>", level);
	fputs("</tr>\n", out);
	print_call(tree, 0, out);
	fputs("</table></div>\n", out);
	fprintf(out, "<p>Touched: %s cache lines of 64 bytes, %s pages of 4 KiB.</p>\n",
		format_json(json_object_get(memory, "cache_lines")).text,
		format_json(json_object_get(memory, "pages")).text);
}

static void print_paths(const json_t *document, FILE *out)
{
	json_t *path;
	size_t i;

	fputs("<h3>Paths of all operations</h3>\n<div class=\"scroll\"><table>\n<tr><th>path</th>"
	      "<th>share</th><th>operations</th><th>instructions of each</th></tr>\n", out);
	json_array_foreach(json_object_get(document, "paths"), i, path) {
		const char *through = json_string_value(json_object_get(path, "through"));

		fputs("<tr><td>", out);
		html_text(!i ? "most frequent" : through ? "through " :
			  "the same functions, other branches", out);
		html_text(i && through ? through : "", out);
		fprintf(out, "</td><td>%s</td>", format_share(json_object_get(path, "share")).text);
		print_number(number(path, "count"), out);
		print_number(number(path, "instructions"), out);
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

static void print_clock(const json_t *document, FILE *out)
{
	const json_t *clock = json_object_get(document, "clock");
	long long differing = number(clock, "differing");

	fprintf(out, "<p class=\"%s\">%s instructions. The clock ", differing ? "bad" : "ok",
		format_json(json_object_get(document, "sum")).text);
	if (differing)
		fprintf(out, "DIFFERS in %s of ", format_count(differing).text);
	else
		fputs("says the same, to the instruction, for each of ", out);
	fprintf(out, "%s operations that it was compared for.</p>\n",
		format_json(json_object_get(clock, "compared")).text);
}

static void print_kernel(const json_t *document, FILE *out)
{
	const json_t *experiment = json_object_get(document, "experiment");

	fputs("<h2>Linux ", out);
	html_text(text(experiment, "kernel"), out);
	fputs(", ", out);
	html_text(text(experiment, "arch"), out);
	fputs("</h2>\n", out);
	print_clock(document, out);
	print_flames(document, out);
	print_calls(document, out);
	print_paths(document, out);
	fputs("<p>Inputs: <code>", out);
	html_text(text(document, "input_sha256"), out);
	fputs("</code></p>\n", out);
}

static void print_difference(const json_t *line, FILE *out)
{
	json_t *self;
	size_t i;

	fputs("<tr><td>", out);
	html_text(text(line, "name"), out);
	fputs("</td>", out);
	json_array_foreach(json_object_get(line, "self"), i, self) {
		long long change = i ? json_integer_value(
			json_array_get(json_object_get(line, "changes"), i - 1)) : 0;

		print_number(json_integer_value(self), out);
		if (i)
			fprintf(out, "<td%s>%+lld</td>", change ? " class=\"changed\"" : "", change);
	}
	fputs("</tr>\n", out);
}

static void print_differences(const json_t *document, FILE *out)
{
	const json_t *kernels = json_object_get(document, "kernels");
	json_t *item;
	size_t i;

	fputs("<h2>By function</h2>\n<div class=\"scroll\"><table>\n<tr><th>function</th>", out);
	json_array_foreach(kernels, i, item) {
		fputs("<th>", out);
		html_text(text(json_object_get(item, "experiment"), "kernel"), out);
		fputs(i ? "</th><th>more</th>" : "</th>", out);
	}
	fputs("</tr>\n", out);
	json_array_foreach(json_object_get(document, "differences"), i, item)
		print_difference(item, out);
	fputs("<tr><th>sum</th>", out);
	json_array_foreach(kernels, i, item) {
		fprintf(out, "<th>%s</th>", format_json(json_object_get(item, "sum")).text);
		if (i)
			fprintf(out, "<th>%+lld</th>", number(item, "sum") -
				number(json_array_get(kernels, 0), "sum"));
	}
	fputs("</tr>\n</table></div>\n", out);
}

void report_explanation_html(const json_t *document, FILE *out)
{
	const json_t *kernels = json_object_get(document, "kernels");
	const json_t *first = kernels ? json_array_get(kernels, 0) : document;
	const json_t *experiment = json_object_get(first, "experiment");
	cleanup_free char *title = xasprintf("%s, %s of %s bytes", text(experiment, "facility"),
		text(experiment, "op"), format_json(json_object_get(experiment, "object_size")).text);
	json_t *kernel;
	size_t i;

	html_begin(title, style, out);
	fputs("<p>Workload ", out);
	html_text(text(experiment, "workload"), out);
	fputs(", GFP profile ", out);
	html_text(text(experiment, "gfp"), out);
	fputs("; shown is the operation of state ", out);
	html_text(text(experiment, "state"), out);
	fputs(". Instructions executed are counted; a count is not a time.</p>\n", out);
	if (kernels)
		print_differences(document, out);
	json_array_foreach(kernels, i, kernel)
		print_kernel(kernel, out);
	if (!kernels)
		print_kernel(document, out);
	html_end(out);
}
