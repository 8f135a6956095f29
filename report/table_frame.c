// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_frame.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "figures.h"
#include "format.h"
#include "table_refusals.h"
#include "table_remarks.h"
#include "verdict.h"
#include "zeroing.h"

#define COLUMNS_MAX 100

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

static long long count_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static bool is_instructions(const json_t *document)
{
	const json_t *clock = json_object_get(document_environment(document), "clock");

	return !strcmp(text_of(clock, "unit"), "instructions");
}

static void print_machine(const json_t *environment, FILE *out)
{
	const json_t *kernel = json_object_get(environment, "kernel");
	const char *accelerator = json_string_value(json_object_get(environment, "accelerator"));
	long long cpus = count_of(environment, "cpus");

	fprintf(out, "Linux %s, %s, %lld CPU%s", text_of(kernel, "release"),
		text_of(kernel, "arch"), cpus, cpus == 1 ? "" : "s");
	if (json_is_integer(json_object_get(environment, "memory_bytes")))
		fprintf(out, ", %s", format_bytes(count_of(environment, "memory_bytes")).text);
	fprintf(out, ", pages of %s", format_bytes(count_of(environment, "page_size")).text);
	if (accelerator)
		fprintf(out, ", %s by %s\n", text_of(environment, "target"), accelerator);
	else
		fprintf(out, ", %s\n", text_of(environment, "target"));
}

static void print_wrapped(const char *word, int *column, FILE *out)
{
	int length = strlen(word);

	if (*column + 1 + length > COLUMNS_MAX)
		*column = fprintf(out, "\n        ") - 1;
	*column += fprintf(out, " %s", word);
}

/* What is off leaves the figures alone, so only the rest is named. */
static void print_config(const json_t *config, FILE *out)
{
	int column = fprintf(out, "Options:");
	const char *name;
	json_t *value;
	bool any = false;

	json_object_foreach((json_t *)config, name, value) {
		cleanup_free char *shown = json_dumps(value, JSON_ENCODE_ANY);
		const char *text = json_is_string(value) ? json_string_value(value) : shown;
		cleanup_free char *word = NULL;

		if (!strcmp(text, "off") || !strcmp(text, "false") || !strcmp(text, "null"))
			continue;
		word = !strcmp(text, "on") ? xstrdup(name) : xasprintf("%s=%s", name, text);
		print_wrapped(word, &column, out);
		any = true;
	}
	print_wrapped(any ? "(others off)" : "none on", &column, out);
	fputc('\n', out);
}

void frame_print_head(const json_t *document, FILE *out)
{
	const json_t *environment = document_environment(document);
	const json_t *clock = json_object_get(environment, "clock");
	const json_t *run = json_object_get(environment, "run");
	const char *reason = json_string_value(json_object_get(run, "accelerator_reason"));

	print_machine(environment, out);
	fprintf(out, "Clock: %s, read from %s; its own cost of %lld is taken off\n",
		unit_words(text_of(clock, "unit")), text_of(clock, "source"),
		count_of(clock, "overhead"));
	if (reason)
		fprintf(out, "Accelerator: %s\n", reason);
	print_config(json_object_get(json_object_get(environment, "kernel"), "config"), out);
}

void frame_print_common(const json_t *document, const struct groups *groups, FILE *out)
{
	const json_t *results = document_results(document);
	const json_t *first = json_array_get(results, 0);
	const json_t *parameters = json_object_get(first, "parameters");
	const json_t *clock = json_object_get(document_environment(document), "clock");

	fputs("Objects: ", out);
	if (results_hold_alike(results))
		fprintf(out, "%s ", format_count(objects_held(first)).text);
	if (results_agree(results, NULL, "object_size"))
		fprintf(out, "of %s", format_counted(count_of(first, "object_size"), "byte").text);
	else
		fputs("of several sizes", out);
	if (results_agree(results, "parameters", "gfp"))
		fprintf(out, ", gfp %s", text_of(parameters, "gfp"));
	if (results_agree(results, "parameters", "align") && count_of(parameters, "align"))
		fprintf(out, ", aligned to %s", format_count(count_of(parameters, "align")).text);
	if (results_agree(results, "parameters", "condition") && condition_of(first))
		fprintf(out, ", memory %s", condition_of(first));
	if (groups->count) {
		fputs("; costs are ", out);
		if (groups->cost_workload)
			fprintf(out, "of workload %s, ", groups->cost_workload);
		fprintf(out, "in %s an operation", unit_words(text_of(clock, "unit")));
	}
	fputc('\n', out);
}

static void print_failed(const json_t *results, FILE *out)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		cleanup_free char *words = experiment_short(result, results);

		if (!strcmp(text_of(result, "status"), "failed"))
			fprintf(out, "FAILED: %s: %s\n", words, text_of(result, "reason"));
	}
}

static void print_self_check(const json_t *document, const struct verdict *verdict, FILE *out)
{
	const json_t *environment = document_environment(document);
	const json_t *check = json_object_get(environment, "self_check");
	const char *unit = text_of(json_object_get(environment, "clock"), "unit");

	fprintf(out, "Self-check: %s; null reads %s", verdict->self_check_ok ? "right" : "WRONG",
		format_json(json_object_get(check, "null")).text);
	fprintf(out, ", delay reads %s", format_json(json_object_get(check, "delay_read")).text);
	if (is_instructions(document))
		fputs(" of ", out);
	else
		fprintf(out, " %s for ", unit_words(unit));
	fprintf(out, "%s%s\n", format_json(json_object_get(check, "delay_asked")).text,
		is_instructions(document) ? "" : " instructions");
}

/* The p50 that differs most between the boots, in shares of itself. */
static void print_layouts(const json_t *document, FILE *out)
{
	size_t boots = document_runs(document);
	const struct figure *figure = NULL;
	const json_t *results = document_results(document);
	const json_t *widest = NULL;
	struct spread most = { 0 };
	size_t i;

	if (boots < 2 || zeroing_told_apart(document))
		return;
	for (i = 0; i < json_array_size(results); i++) {
		json_t *experiment = experiment_at(results, i);

		for (size_t j = 0; j < figure_count && figures[j].kind == FIGURE_COST; j++) {
			struct spread spread = figure_spread(document, experiment, &figures[j]);

			if (spread_share(&spread) <= spread_share(&most))
				continue;
			most = spread;
			figure = &figures[j];
			widest = json_array_get(results, i);
		}
		json_decref(experiment);
	}
	if (!widest) {
		fprintf(out, "Layouts: %zu boots, and every p50 is the same in each\n", boots);
	} else {
		cleanup_free char *words = experiment_words(widest);

		fprintf(out, "Layouts: %zu boots; furthest apart: %s: %s %s to %s\n", boots, words,
			figure->name, format_count(most.least).text, format_count(most.most).text);
	}
}

static void print_meaning(const json_t *document, FILE *out)
{
	fputs("p50: half of the operations that nothing interrupted cost this or less; p99: 99 of 100.\n",
	      out);
	if (is_instructions(document))
		fputs("     Instructions executed are counted; caches are not modelled. "
		      "A count is not a time.\n", out);
}

/* A plan, and the results that a run repeats, have sizes of their own. */
static bool may_add_sizes(const char *command)
{
	static const char *const others[] = { " --size", " --plan", " --repeat-of" };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strstr(command, others[i]))
			return false;
	return true;
}

/* Nothing that the command has already. */
static void print_next(const json_t *document, const struct groups *groups, bool verbose, FILE *out)
{
	const json_t *run = json_object_get(document_environment(document), "run");
	const json_t *results = document_results(document);
	const char *command = text_of(run, "command");

	fprintf(out, "Repeat: %s\n", command);
	if (!groups->count)
		return;
	if (results_agree(results, NULL, "object_size") && may_add_sizes(command))
		fputs("Next: add --size 8..4096x2 to see how the costs grow with the size\n", out);
	else if (!verbose && !strstr(command, " --verbose"))
		fputs("Next: add --verbose to see each experiment in full\n", out);
}

void frame_print_foot(const json_t *document, const struct groups *groups, bool verbose, FILE *out)
{
	struct verdict verdict = verdict_of(document);
	cleanup_free char *proof = verdict_proof(&verdict);

	refusals_print(document_results(document), verbose, out);
	print_failed(document_results(document), out);
	remarks_print(document_results(document), out);
	print_self_check(document, &verdict, out);
	fprintf(out, "Proof: %s\n", proof);
	print_layouts(document, out);
	if (groups->count)
		print_meaning(document, out);
	print_next(document, groups, verbose, out);
}
