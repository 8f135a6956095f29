// SPDX-License-Identifier: GPL-2.0-or-later
/* The results as an HTML page: answer first as pictures, everything else folded below them. */
#include "html.h"

#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"

/* All statistics of each experiment are part of the page up to this number of experiments. */
#define VERBOSE_MAX	50

/* Names are listed up to this number, and counted above it. */
#define NAMES_MAX	4

static char *config_text(const json_t *config)
{
	struct strbuf line = STRBUF_INIT;
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)config, name, value) {
		cleanup_free char *other = json_dumps(value, JSON_ENCODE_ANY);

		strbuf_separate(&line, " ");
		strbuf_addf(&line, "%s=%s", name,
			    json_is_string(value) ? json_string_value(value) : other);
	}
	return strbuf_detach(&line);
}

/* Return the CPU as the user named it, or as the guest does; all its flags are too long. */
static const char *cpu_text(const json_t *environment)
{
	return json_str(environment, "machine.cpu",
			json_str(environment, "system.cpu_model", "-"));
}

static void print_environment(const json_t *environment, FILE *out)
{
	cleanup_free char *clock = clock_text(environment);
	cleanup_free char *config = config_text(json_at(environment, "kernel.config"));
	cleanup_free char *machine = xasprintf("%s (%s), %s, %s",
		json_str(environment, "target", "-"), json_str(environment, "accelerator", "-"),
		format_counted(json_int(environment, "cpus", 0), "CPU").text,
		format_memory(json_int(environment, "memory_bytes", 0)).text);

	html_fold_begin("Environment", out);
	fputs("<div class=\"scroll\"><table class=\"facts\">\n", out);
	html_fact("Kernel", json_str(environment, "kernel.release", "-"), out);
	html_fact("Architecture", json_str(environment, "kernel.arch", "-"), out);
	html_fact("Command line", json_str(environment, "kernel.cmdline", "-"), out);
	html_fact("Machine", machine, out);
	html_fact("Clock", clock, out);
	html_fact("Config", config, out);
	html_fact("SHA-256 of the inputs", json_str(environment, "input_sha256", "-"), out);
	html_fact("QEMU", json_str(environment, "run.qemu_version", "-"), out);
	html_fact("CPU", cpu_text(environment), out);
	html_fact("CPU of QEMU", json_str(environment, "machine.qemu_cpu", "-"), out);
	html_fact("kmemlab", json_str(environment, "run.kmemlab_version", "-"), out);
	html_fact("Kernel package", json_str(environment, "run.kernel_package_version", "-"), out);
	html_fact("Date", json_str(environment, "run.date", "-"), out);
	html_fact("Command", json_str(environment, "run.command", "-"), out);
	fputs("</table></div>\n", out);
	html_fold_end(out);
}

/* Return the different values of a name, or their number; the caller frees it. */
static char *names_text(const json_t *results, const char *path, const char *nouns)
{
	struct strbuf text = STRBUF_INIT;
	size_t count = 0, i, j;
	json_t *result;

	json_array_foreach(results, i, result) {
		const char *name = json_str(result, path, "-");

		for (j = 0; j < i; j++)
			if (!strcmp(json_str(json_array_get(results, j), path, "-"), name))
				break;
		if (j < i || ++count > NAMES_MAX)
			continue;
		strbuf_separate(&text, ", ");
		strbuf_addstr(&text, name);
	}
	if (count <= NAMES_MAX)
		return strbuf_detach(&text);
	strbuf_release(&text);
	return xasprintf("%zu %s", count, nouns);
}

/* Return "2,000 objects" or "8 to 65,536 bytes": the range of a number; the caller frees it. */
static char *range_text(const json_t *results, const char *path, const char *noun)
{
	long long min = 0, max = 0;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const json_t *value = json_at(result, path);
		long long number = json_is_array(value) ? (long long)json_array_size(value) :
							  json_integer_value(value);

		min = i && min < number ? min : number;
		max = max > number ? max : number;
	}
	if (min == max)
		return xstrdup(format_counted(min, noun).text);
	return xasprintf("%s to %s", format_count(min).text, format_counted(max, noun).text);
}

static void print_question(const json_t *run, FILE *out)
{
	const json_t *environment = document_environment(run), *results = document_results(run);
	cleanup_free char *facilities = names_text(results, "facility", "facilities");
	cleanup_free char *workloads = names_text(results, "workload", "workloads");
	cleanup_free char *profiles = names_text(results, "parameters.gfp", "profiles");
	cleanup_free char *conditions = names_text(results, "parameters.condition", "conditions");
	cleanup_free char *objects = range_text(results, "objects", "object");
	cleanup_free char *sizes = range_text(results, "object_size", "byte");
	cleanup_free char *cpus = range_text(results, "parameters.cpus", "CPU");
	cleanup_free char *command =
		html_repeat_command(json_str(environment, "run.command", "-"));

	html_printf(out, "<p>Asked: the cost of %s, %s of %s; workload: %s; gfp: %s; memory: %s; "
		    "%s.<br>Kernel: Linux %s, %s; %s (%s, CPU model %s); QEMU %s, kmemlab %s.<br>",
		    facilities, objects, sizes, workloads, profiles, conditions, cpus,
		    json_str(environment, "kernel.release", "-"),
		    json_str(environment, "kernel.arch", "-"),
		    json_str(environment, "target", "-"),
		    json_str(environment, "accelerator", "-"), cpu_text(environment),
		    json_str(environment, "run.qemu_version", "-"),
		    json_str(environment, "run.kmemlab_version", "-"));
	if (clock_counts_instructions(environment))
		fputs("Retired instructions are counted (rep stosb is one); caches are not modeled. "
		      "A count is not a time.<br>", out);
	html_printf(out, "Repeat: <code>%s</code></p>\n", command);
}

/* Print each line that a function prints as an item of a list. */
static void print_items(const json_t *run, FILE *out)
{
	long long page_size = json_int(document_environment(run), "page_size", 0);
	char *text;
	size_t bytes;
	FILE *notes = open_memstream(&text, &bytes);

	if (!notes)
		return;
	print_notes(document_results(run), page_size, false, notes);
	fclose(notes);
	if (*text)
		html_fold_begin("Notes: skipped experiments and odd statistics", out);
	html_lines(text, out);
	if (*text)
		html_fold_end(out);
	free(text);
}

/* Print the text report, which has what no picture shows. */
static void print_as_text(const json_t *document, FILE *out)
{
	bool verbose = json_array_size(document_results(document)) <= VERBOSE_MAX;
	char *text;
	size_t bytes;
	FILE *report = open_memstream(&text, &bytes);

	if (!report)
		return;
	report_table(document, verbose, report);
	fclose(report);
	html_fold_begin("All statistics as text", out);
	html_printf(out, "<pre tabindex=\"0\">%s</pre>\n", text);
	html_fold_end(out);
	free(text);
}

static void print_summary(const json_t *run, FILE *out)
{
	struct summary summary = summarize(run);
	cleanup_free char *verification = verification_summary(&summary);
	bool good = !summary.failed && summary.self_check_ok && !summary.mismatched_bytes &&
		    !summary.route_mismatches;

	fprintf(out, "<p class=\"%s\"><strong>%s</strong> %zu measured, %zu skipped, %zu failed; "
		"self-check %s. Verification: ", good ? "ok" : "bad",
		!good ? "NOT verified:" : summary.verified ? "Verified:" : "Nothing to verify:",
		summary.ok, summary.skipped, summary.failed,
		summary.self_check_ok ? "passed" : "FAILED");
	html_printf(out, "%s.</p>\n", verification);
}

static char *packing_note(const json_t *results)
{
	struct results_rows rows = results_rows_each(results);
	char *note = results_rows_note(&rows);

	results_rows_release(&rows);
	return note;
}

static void print_results(const json_t *run, FILE *out)
{
	cleanup_table struct table table = experiments_table(run);
	cleanup_table struct table kept = kept_table(document_results(run));
	cleanup_table struct table mix = mix_table(document_results(run));
	cleanup_table struct table pmu = pmu_table(document_results(run));
	cleanup_free char *note = packing_note(document_results(run));

	html_fold_begin("All experiments", out);
	html_table(&table, "All experiments", "sort filter", out);
	if (note) {
		html_printf(out, "<p>%s</p>\n", note);
	}
	html_fold_end(out);
	if (kept.cell_count) {
		html_fold_begin("Memory after partial frees", out);
		html_table(&kept, "Memory after partial frees", "sort", out);
		html_fold_end(out);
	}
	if (mix.cell_count) {
		html_fold_begin("Instruction mix per object", out);
		html_table(&mix, "Instruction mix per object", "sort", out);
		html_fold_end(out);
	}
	html_distributions(run, out);
	if (pmu.cell_count) {
		html_fold_begin("PMU events per operation", out);
		html_table(&pmu, "PMU events per operation", "sort", out);
		html_fold_end(out);
	}
}

static void print_run(const json_t *run, FILE *out)
{
	print_question(run, out);
	print_summary(run, out);
	html_pictures(run, out);
	print_items(run, out);
	print_results(run, out);
	print_environment(document_environment(run), out);
}

/* Return the name of one of several runs; the caller frees it. */
static char *run_name(const json_t *document, size_t index)
{
	json_t *run = document_run(document, index);
	const json_t *environment = document_environment(run);
	struct strbuf name = STRBUF_INIT;

	strbuf_addf(&name, "Linux %s, run %zu of %zu", json_str(environment, "kernel.release", "-"),
		    index + 1, document_runs(document));
	if (init_cost_is_separate(document))
		strbuf_addf(&name, ", init_on_alloc=%d", !index);
	else
		strbuf_addf(&name, ", layout %s", format_at(environment, "machine.layout").text);
	json_decref(run);
	return strbuf_detach(&name);
}

void report_html(const json_t *document, FILE *out)
{
	size_t runs = document_runs(document);

	html_begin("Kernel memory allocation", "", out);
	for (size_t i = 0; i < runs; i++) {
		cleanup_free char *name = run_name(document, i);
		json_t *run = document_run(document, i);

		if (i) {
			html_fold_begin(name, out);
		} else if (runs > 1) {
			html_printf(out, "<p>%s; the other runs are folded below.</p>\n", name);
		}
		print_run(run, out);
		if (i)
			html_fold_end(out);
		json_decref(run);
	}
	if (init_cost_is_separate(document)) {
		cleanup_table struct table table = init_cost_table(document);

		fputs("<h2>Cost of init_on_alloc</h2>\n", out);
		html_table(&table, "Cost of init_on_alloc", "sort", out);
	}
	print_as_text(document, out);
	html_end("", out);
}
