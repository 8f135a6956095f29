// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab run: options -> plan -> target -> records -> document -> reports. */
#include "base/memory.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/forms.h"
#include "cli/kept.h"
#include "cli/output.h"
#include "cli/repeat.h"
#include "cli/road.h"
#include "cli/run_options.h"
#include "cli/run_plan.h"
#include "report/document.h"
#include "report/format.h"
#include "report/report.h"
#include "report/verdict.h"
#include "report/zeroing.h"

/* The worst of all boots. */
static enum exit_code judge(const json_t *document)
{
	const json_t *first = json_array_get(document_results(document), 0);
	cleanup_free char *refusal = NULL;
	bool any_ok = false;

	for (size_t i = 0; i < document_runs(document); i++) {
		json_t *run = document_run(document, i);
		struct verdict verdict = verdict_of(run);

		json_decref(run);
		if (verdict.failed || !verdict.self_check_ok)
			return EXIT_RECORD_FAILED;
		any_ok = any_ok || verdict.ok;
	}
	if (any_ok)
		return EXIT_FINE;
	refusal = refusal_of(first);
	say_error("every experiment was refused: %s", refusal);
	return EXIT_USAGE;
}

/*
 * A table for each kernel and architecture; the layouts of one share theirs, and
 * so do the two runs that tell clearing apart.
 */
static void print_tables(const json_t *document, bool verbose)
{
	json_t *group = NULL;

	if (zeroing_told_apart(document)) {
		report_table(document, verbose, stdout);
		return;
	}
	for (size_t i = 0; i <= document_runs(document); i++) {
		json_t *run = i < document_runs(document) ? document_run(document, i) : NULL;
		const json_t *machine = run ? json_object_get(document_environment(run), "machine") :
					      NULL;

		if (group && json_integer_value(json_object_get(machine, "layout")) > 0) {
			document_join(group, run);
			json_decref(run);
			continue;
		}
		if (group)
			report_table(group, verbose, stdout);
		if (group && run)
			putchar('\n');
		json_decref(group);
		group = run;
	}
}

/* Shown first, kept then: a store that is broken costs nobody a result. */
static enum exit_code finish(const json_t *document, const struct run_options *options)
{
	bool table;
	enum exit_code code = forms_write(document, options, &table);

	if (!code && table)
		print_tables(document, options->verbose);
	if (!code)
		code = output_finish();
	if (!options->no_store)
		kept_add(document, options->name, &options->tags);
	return code ? code : judge(document);
}

static enum exit_code carry_out(struct plan *plan, const struct run_options *options,
				const char *command)
{
	json_t *document = NULL;
	enum exit_code code = run_plan_make(plan, options);

	if (!code)
		code = forms_check(options);
	if (!code)
		code = road_take(plan, options, command, &document);
	if (!code)
		code = finish(document, options);
	json_decref(document);
	return code;
}

static enum exit_code repeat(struct plan *plan, const struct run_options *options,
			     const char *command)
{
	json_t *before = NULL, *document = NULL;
	enum exit_code code = kept_load("run: --repeat-of", options->repeat_of, &before);

	if (!code)
		code = repeat_plan(plan, before);
	if (!code)
		code = repeat_check(options, before);
	if (!code)
		code = forms_check(options);
	if (!code)
		code = repeat_take(plan, options, before, command, &document);
	if (!code)
		code = finish(document, options);
	if (!code)
		code = repeat_judge(options, before, document);
	json_decref(document);
	json_decref(before);
	return code;
}

enum exit_code cmd_run(int argc, char **argv)
{
	cleanup_free char *command = road_command_line(argc, argv);
	struct run_options options;
	struct plan plan;
	enum exit_code code;

	plan_init(&plan);
	code = run_options_read(&options, argc, argv);
	if (!code && options.help) {
		fputs(run_help, stdout);
		code = output_finish();
	} else if (!code) {
		say_quiet(options.quiet);
		code = options.repeat_of ? repeat(&plan, &options, command) :
					   carry_out(&plan, &options, command);
	}
	plan_release(&plan);
	run_options_release(&options);
	return code;
}
