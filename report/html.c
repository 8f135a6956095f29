// SPDX-License-Identifier: GPL-2.0-or-later
/* One HTML file that needs nothing else: environment, table, distributions, verdict. */
#include "report.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "figures.h"
#include "format.h"
#include "html_parts.h"
#include "table_groups.h"
#include "verdict.h"

static const char style[] =
	"body{font:15px/1.45 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;"
	"color:#1b1b1b;background:#fff}\n"
	"table{border-collapse:collapse;margin:1em 0}\n"
	"td,th{padding:.2em .7em;border-bottom:1px solid #ddd;text-align:right;"
	"font-variant-numeric:tabular-nums}\n"
	"td:first-child,th:first-child,.facts td{text-align:left}\n"
	"code{white-space:pre-wrap;overflow-wrap:anywhere}\n"
	".ok{color:#14662d}.bad{color:#a40000;font-weight:bold}\n"
	"figure{display:inline-block;margin:.5em 1em .5em 0}\n"
	"svg text{font:11px sans-serif;fill:#333}svg .x{text-anchor:middle}"
	"svg .y{text-anchor:end}\n"
	"svg .grid{stroke:#ddd}svg polyline{fill:none;stroke-width:2}\n"
	"svg polyline.alloc{stroke:#0b5fa5}"
	"svg circle.alloc,.key.alloc{fill:#0b5fa5;color:#0b5fa5}\n"
	"svg polyline.free{stroke:#b85c00}"
	"svg circle.free,.key.free{fill:#b85c00;color:#b85c00}\n";

void html_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (strchr("&<>\"'", *text))
			fprintf(out, "&#%d;", *text);
		else
			fputc(*text, out);
	}
}

void html_begin(const char *title, const char *more_style, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>kmemlab: ", out);
	html_text(title, out);
	fprintf(out, "</title>\n<style>\n%s%s</style>\n</head>\n<body>\n<h1>", style, more_style);
	html_text(title, out);
	fputs("</h1>\n", out);
}

void html_end(FILE *out)
{
	fputs("</body>\n</html>\n", out);
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

static void print_fact(const char *name, const char *value, FILE *out)
{
	fputs("<tr><td>", out);
	html_text(name, out);
	fputs("</td><td><code>", out);
	html_text(value, out);
	fputs("</code></td></tr>\n", out);
}

static void print_config(const json_t *config, FILE *out)
{
	cleanup_free char *line = xstrdup("");
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)config, name, value) {
		cleanup_free char *before = line;
		cleanup_free char *other = json_dumps(value, JSON_ENCODE_ANY);

		line = xasprintf("%s%s%s=%s", before, *before ? " " : "", name,
				 json_is_string(value) ? json_string_value(value) : other);
	}
	print_fact("Options", line, out);
}

static void print_environment(const json_t *run, FILE *out)
{
	const json_t *environment = document_environment(run);
	const json_t *kernel = json_object_get(environment, "kernel");
	const json_t *clock = json_object_get(environment, "clock");
	const json_t *host = json_object_get(environment, "run");
	cleanup_free char *counted = xasprintf("%s, read from %s; its own cost of %s is taken off",
		unit_words(text_of(clock, "unit")), text_of(clock, "source"),
		format_json(json_object_get(clock, "overhead")).text);
	cleanup_free char *machine = xasprintf("%s by %s, %s CPU, %s bytes",
		text_of(environment, "target"), text_of(environment, "accelerator"),
		format_json(json_object_get(environment, "cpus")).text,
		format_json(json_object_get(environment, "memory_bytes")).text);

	fputs("<table class=\"facts\">\n", out);
	print_fact("Kernel", text_of(kernel, "release"), out);
	print_fact("Architecture", text_of(kernel, "arch"), out);
	print_fact("Command line", text_of(kernel, "cmdline"), out);
	print_fact("Machine", machine, out);
	print_fact("Clock", counted, out);
	print_config(json_object_get(kernel, "config"), out);
	print_fact("Inputs", text_of(environment, "input_sha256"), out);
	print_fact("Date", text_of(host, "date"), out);
	print_fact("Repeat", text_of(host, "command"), out);
	fputs("</table>\n", out);
}

static void print_verdict(const json_t *run, FILE *out)
{
	struct verdict verdict = verdict_of(run);
	cleanup_free char *proof = verdict_proof(&verdict);
	bool good = !verdict.failed && verdict.self_check_ok && !verdict.mismatches &&
		    !verdict.route_disagreements;

	fprintf(out,
		"<p class=\"%s\">%zu measured, %zu refused, %zu failed; self-check %s. Proof: ",
		good ? "ok" : "bad", verdict.ok, verdict.refused, verdict.failed,
		verdict.self_check_ok ? "right" : "WRONG");
	html_text(proof, out);
	fputs(".</p>\n", out);
}

static void print_cell(const json_t *value, FILE *out)
{
	fprintf(out, "<td>%s</td>", format_json(value).text);
}

static void print_costs(const json_t *result, const char *direction, FILE *out)
{
	const json_t *clean = json_object_get(json_object_get(result, direction), "clean");

	print_cell(json_object_get(clean, "p50"), out);
	print_cell(json_object_get(clean, "p99"), out);
}

static bool covers_several(const json_t *result, const char *direction)
{
	return json_integer_value(json_object_get(json_object_get(result, direction),
						  "objects_per_operation")) > 1;
}

static void print_row(const json_t *result, FILE *out)
{
	const json_t *memory = json_object_get(result, "memory");
	const json_t *contiguity = json_object_get(result, "contiguity");
	cleanup_free char *words = experiment_words(result);
	const char *status = text_of(result, "status");

	fputs("<tr><td>", out);
	html_text(words, out);
	fprintf(out, "%s</td>", covers_several(result, "alloc") || covers_several(result, "free") ?
		" *" : "");
	print_costs(result, "alloc", out);
	print_costs(result, "free", out);
	print_cell(json_object_get(memory, "backing_bytes"), out);
	fprintf(out, "<td>%s</td>", format_share(json_object_get(memory, "utilisation")).text);
	print_cell(json_object_get(contiguity, "extents"), out);
	print_cell(json_object_get(contiguity, "contiguous_objects"), out);
	fprintf(out, "<td class=\"%s\">", !strcmp(status, "failed") ? "bad" : "");
	html_text(status, out);
	if (json_is_string(json_object_get(result, "reason"))) {
		fputs(": ", out);
		html_text(text_of(result, "reason"), out);
	}
	fputs("</td></tr>\n", out);
}

/* What one operation of the marked rows is. */
static void print_packed(const json_t *results, FILE *out)
{
	struct groups groups = groups_each(results);
	cleanup_free char *note = NULL;
	size_t bytes;
	FILE *memory = open_memstream(&note, &bytes);
	bool any = groups_print_packed(&groups, memory);

	fclose(memory);
	groups_release(&groups);
	if (!any)
		return;
	fputs("<p>", out);
	html_text(note, out);
	fputs("</p>\n", out);
}

static void print_results(const json_t *run, FILE *out)
{
	static const char *const costs[] = { "alloc p50", "p99", "free p50", "p99" };
	const json_t *clock = json_object_get(document_environment(run), "clock");
	const char *unit = unit_words(text_of(clock, "unit"));
	json_t *result;
	size_t i;

	fputs("<table>\n<tr><th>experiment</th>", out);
	for (i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		fprintf(out, "<th>%s, ", costs[i]);
		html_text(unit, out);
		fputs("</th>", out);
	}
	fputs("<th>backing bytes</th><th>used</th><th>extents</th>"
	      "<th>contiguous objects</th><th>status</th></tr>\n", out);
	json_array_foreach(document_results(run), i, result)
		print_row(result, out);
	fputs("</table>\n", out);
	print_packed(document_results(run), out);
}

static const char *const events[] = {
	"instructions", "cycles", "cache_misses", "llc_misses", "dtlb_misses"
};

#define EVENTS (sizeof(events) / sizeof(*events))

static void print_events(const json_t *result, const char *direction, FILE *out)
{
	const json_t *pmu = json_object_get(result, "pmu");
	const json_t *counted = json_object_get(pmu, direction);
	cleanup_free char *words = experiment_words(result);

	if (!json_is_object(counted))
		return;
	fputs("<tr><td>", out);
	html_text(words, out);
	fprintf(out, "</td><td>%s</td>", direction);
	for (size_t i = 0; i < EVENTS; i++)
		print_cell(json_object_get(counted, events[i]), out);
	fputs("</tr>\n", out);
}

static bool any_counted(const json_t *results)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (json_is_object(json_object_get(json_object_get(result, "pmu"), "alloc")))
			return true;
	return false;
}

/* What the CPU itself has counted, where it could. */
static void print_pmu(const json_t *run, FILE *out)
{
	const json_t *results = document_results(run);
	json_t *result;
	size_t i;

	if (!any_counted(results))
		return;
	fputs("<h3>By the CPU's own counters, an operation</h3>\n<table>\n<tr><th>experiment</th>"
	      "<th></th>", out);
	for (i = 0; i < EVENTS; i++) {
		fputs("<th>", out);
		html_text(events[i], out);
		fputs("</th>", out);
	}
	fputs("</tr>\n", out);
	json_array_foreach(results, i, result) {
		print_events(result, "alloc", out);
		print_events(result, "free", out);
	}
	fputs("</table>\n", out);
}

static void print_charts(const json_t *run, FILE *out)
{
	const json_t *clock = json_object_get(document_environment(run), "clock");
	const char *unit = unit_words(text_of(clock, "unit"));
	json_t *result;
	size_t i;

	fputs("<h3>Distributions</h3>\n<p><span class=\"key alloc\">&#9679; allocating</span> "
	      "<span class=\"key free\">&#9679; freeing</span>; operations that nothing "
	      "interrupted</p>\n", out);
	json_array_foreach(document_results(run), i, result) {
		cleanup_free char *words = experiment_words(result);

		if (!json_is_object(json_object_get(result, "alloc")))
			continue;
		fputs("<figure><figcaption>", out);
		html_text(words, out);
		fputs("</figcaption>\n", out);
		html_chart(result, unit, out);
		fputs("</figure>\n", out);
	}
	if (!strcmp(unit, "instructions"))
		fputs("<p>Instructions executed are counted; caches are not modelled. A count is not a "
		      "time.</p>\n",
		      out);
}

static void print_run(const json_t *run, size_t number, size_t runs, FILE *out)
{
	const json_t *environment = document_environment(run);
	const json_t *layout = json_object_get(json_object_get(environment, "machine"), "layout");

	fputs("<h2>Linux ", out);
	html_text(text_of(json_object_get(environment, "kernel"), "release"), out);
	if (runs > 1)
		fprintf(out, ", run %zu of %zu, layout %s", number, runs, format_json(layout).text);
	fputs("</h2>\n", out);
	print_verdict(run, out);
	print_results(run, out);
	print_pmu(run, out);
	print_charts(run, out);
	fputs("<h3>Environment</h3>\n", out);
	print_environment(run, out);
}

void report_html(const json_t *document, FILE *out)
{
	size_t runs = document_runs(document);

	html_begin("Kernel memory allocation", "", out);
	for (size_t i = 0; i < runs; i++) {
		json_t *run = document_run(document, i);

		print_run(run, i + 1, runs, out);
		json_decref(run);
	}
	html_end(out);
}
