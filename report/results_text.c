// SPDX-License-Identifier: GPL-2.0-or-later
/* The text report: environment, table, notes, verification, hints. */
#include "results.h"

#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"
#include "metrics.h"

bool clock_counts_instructions(const json_t *environment)
{
	return json_is(environment, "clock.unit", "instructions");
}

char *clock_text(const json_t *environment)
{
	return xasprintf("%s, read from %s; clock overhead of %s subtracted",
			 unit_name(json_str(environment, "clock.unit", "-")),
			 json_str(environment, "clock.source", "-"),
			 format_at(environment, "clock.overhead").text);
}

static void print_machine(const json_t *environment, FILE *out)
{
	const char *accelerator = json_str(environment, "accelerator", NULL);

	fprintf(out, "Linux %s, %s, %s", json_str(environment, "kernel.release", "-"),
		json_str(environment, "kernel.arch", "-"),
		format_counted(json_int(environment, "cpus", 0), "CPU").text);
	if (json_at(environment, "memory_bytes"))
		fprintf(out, ", %s", format_memory(json_int(environment, "memory_bytes", 0)).text);
	fprintf(out, ", %s pages, %s", format_bytes(json_int(environment, "page_size", 0)).text,
		json_str(environment, "target", "-"));
	if (accelerator)
		fprintf(out, " (%s)", accelerator);
	fputc('\n', out);
}

/* Print the kernel options that are on; those that are off do not affect the results. */
static void print_config(const json_t *config, FILE *out)
{
	struct strbuf line = STRBUF_INIT;
	size_t column = fprintf(out, "Config: ");
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)config, name, value) {
		cleanup_free char *other = json_dumps(value, JSON_ENCODE_ANY);
		const char *text = json_is_string(value) ? json_string_value(value) : other;

		if (!strcmp(text, "off") || !strcmp(text, "false") || !strcmp(text, "null"))
			continue;
		strbuf_addstr(&line, name);
		if (strcmp(text, "on"))
			strbuf_addf(&line, "=%s", text);
		strbuf_addstr(&line, " ");
	}
	strbuf_addstr(&line, line.length ? "(others off)" : "all off");
	text_wrap(line.text, column, &column, out);
	fputc('\n', out);
	strbuf_release(&line);
}

static void print_head(const json_t *document, FILE *out)
{
	const json_t *environment = document_environment(document);
	const char *reason = json_str(environment, "run.accelerator_reason", NULL);
	cleanup_free char *clock = clock_text(environment);

	print_machine(environment, out);
	fprintf(out, "Clock: %s\n", clock);
	if (reason)
		fprintf(out, "Accelerator: %s\n", reason);
	print_config(json_at(environment, "kernel.config"), out);
}

/* Print what all rows have in common. */
static void print_common(const json_t *document, const struct results_rows *rows, FILE *out)
{
	const json_t *results = document_results(document);
	const json_t *first = json_array_get(results, 0);
	const char *unit = json_str(document_environment(document), "clock.unit", "-");
	long long align = json_int(first, "parameters.align", 0);

	fputs("Objects: ", out);
	if (results_hold_same_count(results))
		fprintf(out, "%s ", format_count(objects_held(first)).text);
	if (results_agree(results, "object_size"))
		fprintf(out, "of %s",
			format_counted(json_int(first, "object_size", 0), "byte").text);
	else
		fputs("of several sizes", out);
	if (results_agree(results, "parameters.gfp"))
		fprintf(out, ", gfp %s", json_str(first, "parameters.gfp", "-"));
	if (align && results_agree(results, "parameters.align"))
		fprintf(out, ", aligned to %s", format_count(align).text);
	if (condition_of(first) && results_agree(results, "parameters.condition"))
		fprintf(out, ", memory %s", condition_of(first));
	if (rows->count) {
		fputs("; costs ", out);
		if (rows->cost_workload)
			fprintf(out, "of workload %s ", rows->cost_workload);
		fprintf(out, "in %s per object", unit_name(unit));
	}
	fputc('\n', out);
}

/* Under TCG all CPUs are threads of one process on the host, with locks of its own. */
static bool cpus_are_emulated(const json_t *environment)
{
	return json_is(environment, "accelerator", "tcg") &&
	       !clock_counts_instructions(environment);
}

static bool any_drift(const struct results_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (cost_drifts(rows->list[i].cost, "alloc") ||
		    cost_drifts(rows->list[i].cost, "free"))
			return true;
	return false;
}

static void print_rows(const json_t *document, const struct results_rows *rows, FILE *out)
{
	const json_t *results = document_results(document);
	cleanup_table struct table table = results_table(results, rows);
	cleanup_free char *note = results_rows_note(rows);
	bool throughput = table.columns[table.column_count - 1].group != NULL;

	if (!rows->count)
		return;
	fputc('\n', out);
	table_text(&table, "", out);
	if (note)
		fprintf(out, "%s%s\n", note, throughput ? ", in the last column as well" : "");
	if (any_drift(rows))
		fputs("~ not stationary: the mean differs by more than 10 % between quarters of the "
		      "operations\n", out);
	if (throughput && cpus_are_emulated(document_environment(document)))
		fputs("EMULATED: the CPUs are threads of QEMU. With several CPUs, costs and "
		      "operations show how\n"
		      "          the emulator scales, not the kernel (use --target host).\n",
		      out);
	if (throughput_is_missing(rows))
		fputs("- operations: the CPUs did not run at the same time; "
		      "increase --objects or --repeats\n", out);
}

static void print_kept(const json_t *results, FILE *out)
{
	cleanup_table struct table table = kept_table(results);

	if (!table.cell_count)
		return;
	fputc('\n', out);
	table_text(&table, "", out);
	fputs("ratio: backing bytes to the kept objects' own; share: part of the backing of all "
	      "objects that stays.\n", out);
}

static void print_mix(const json_t *results, FILE *out)
{
	cleanup_table struct table table = mix_table(results);

	if (!table.cell_count)
		return;
	fputc('\n', out);
	table_text(&table, "", out);
	fputs("Means of all operations, traced in boots of their own, without interrupts, other "
	      "tasks and deferred\n"
	      "work. branches has jumps too; irqs off are instructions with interrupts disabled; "
	      "lines of 64 bytes and\n"
	      "pages of 4 KiB count once in each operation.\n", out);
}

static void print_self_check(const json_t *environment, bool ok, FILE *out)
{
	const enum style style = ok ? STYLE_PLAIN : STYLE_RED;

	fprintf(out, "%sSelf-check: %s%s; null reads %s, delay reads %s", style_start(out, style),
		ok ? "passed" : "FAILED", style_end(out, style), format_at(environment, "self_check.null").text,
		format_at(environment, "self_check.delay_measured").text);
	if (clock_counts_instructions(environment))
		fprintf(out, " (expected %s)\n",
			format_at(environment, "self_check.delay_expected").text);
	else
		fprintf(out, " %s for %s instructions\n",
			unit_name(json_str(environment, "clock.unit", "-")),
			format_at(environment, "self_check.delay_expected").text);
}

/* Print the mean with the largest relative difference between the boots. */
static void print_layouts(const json_t *document, FILE *out)
{
	const json_t *results = document_results(document), *widest = NULL;
	size_t boots = document_runs(document), i;
	const struct metric *metric = NULL;
	struct interval max = { 0 };
	cleanup_free char *title = NULL;

	if (boots < 2 || init_cost_is_separate(document))
		return;
	for (i = 0; i < json_array_size(results); i++) {
		json_t *experiment = experiment_at(results, i);

		for (size_t m = 0; m < metric_count; m++) {
			struct interval interval = metric_interval(document, experiment,
								   &metrics[m]);

			if (metrics[m].kind != METRIC_COST ||
			    interval_relative_width(&interval) <= interval_relative_width(&max))
				continue;
			max = interval;
			metric = &metrics[m];
			widest = json_array_get(results, i);
		}
		json_decref(experiment);
	}
	if (!widest) {
		fprintf(out, "Layouts: %zu boots, every mean is the same in all of them\n", boots);
		return;
	}
	title = experiment_title(widest);
	fprintf(out, "Layouts: %zu boots; largest difference: %s: %s %s to %s\n", boots, title,
		metric->name, format_real(max.min).text, format_real(max.max).text);
}

static void print_meaning(const json_t *environment, const struct results_rows *rows, FILE *out)
{
	if (rows->has_pairs && rows->cost_workload)
		fprintf(out, "Columns under pair: workload pair, p50. All others: workload %s.\n",
			rows->cost_workload);
	fputs("n: operations; mean: all of them, with refills, flushes and deferred work; "
	      "p50, pair: the fast path.\n", out);
	if (clock_counts_instructions(environment))
		fputs("Retired instructions are counted (rep stosb is one); caches are not modeled. "
		      "A count is not a time.\n", out);
}

/* The sizes of a plan or of a repeated result are fixed. */
static bool can_add_sizes(const char *command)
{
	return !strstr(command, " --size") && !strstr(command, " --plan") &&
	       !strstr(command, " --repeat-of");
}

/* Suggest an option that the command does not have yet. */
static void print_next(const json_t *document, const struct results_rows *rows, bool verbose,
		       FILE *out)
{
	const char *command = json_str(document_environment(document), "run.command", "-");

	fprintf(out, "Repeat: %s\n", command);
	if (!rows->count)
		return;
	if (results_agree(document_results(document), "object_size") && can_add_sizes(command))
		fputs("Next: add --size 8..4096x2 to see how the costs grow with the size\n", out);
	else if (!verbose && !strstr(command, " --verbose"))
		fputs("Next: add --verbose to see all statistics of each experiment\n", out);
}

static void print_results(const json_t *document, bool verbose, FILE *out)
{
	const json_t *results = document_results(document);
	const json_t *environment = document_environment(document);
	struct results_rows rows = results_rows_build(results);
	struct summary summary = summarize(document);
	cleanup_free char *outcome = verification_summary(&summary);
	cleanup_free char *verification = xasprintf("Verification: %s", outcome);

	print_head(document, out);
	print_common(document, &rows, out);
	print_rows(document, &rows, out);
	print_kept(results, out);
	print_mix(results, out);
	if (init_cost_is_separate(document)) {
		cleanup_table struct table table = init_cost_table(document);

		fputc('\n', out);
		table_text(&table, "", out);
	}
	if (verbose)
		print_verbose(document, out);
	fputc('\n', out);
	print_notes(results, json_int(environment, "page_size", 0), verbose, out);
	print_self_check(environment, summary.self_check_ok, out);
	print_outcome(verification, !strncmp(outcome, "FAILED", 6), out);
	print_layouts(document, out);
	if (!log_is_quiet()) {
		if (rows.count)
			print_meaning(environment, &rows, out);
		print_next(document, &rows, verbose, out);
	}
	results_rows_release(&rows);
}

void report_table(const json_t *document, bool verbose, FILE *out)
{
	if (!verbose && has_operations(document))
		print_operations(document, out);
	else
		print_results(document, verbose, out);
}
