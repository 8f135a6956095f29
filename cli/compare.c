// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab compare: what changed between results, or between kernels; a gate where asked. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "cli/bisect.h"
#include "cli/commands.h"
#include "cli/compare_subjects.h"
#include "cli/output.h"
#include "cli/road.h"
#include "cli/run_plan.h"
#include "report/comparison.h"
#include "report/document.h"
#include "report/report.h"

static const char help[] =
	"Usage: kmemlab compare RESULT RESULT... [OPTION]...\n"
	"       kmemlab compare --kernel KERNEL,KERNEL... [OPTION]...\n"
	"       kmemlab compare --append ARGS [OPTION]...\n"
	"\n"
	"Shows what changed since the first one: costs, memory and contiguity of each\n"
	"experiment, the largest change first. RESULT is a file of 'run --json', or a kept\n"
	"result's name or number. With --kernel it runs all of them first; with --append one\n"
	"kernel without and with the words. The options of 'kmemlab run' say what is run.\n"
	"\n"
	"  --force             compare what differs in what matters\n"
	"  --fail-above P%     exit 1 where a figure is worse by more than P per cent\n"
	"  --fail-on LIST      of these: cost (unless told), tail, memory, contiguity\n"
	"  --bisect            the smallest step in the list that shows the largest change\n"
	"  --json FILE         the whole comparison, see docs/results.md\n"
	"  --ktap FILE         one test an experiment\n"
	"  --markdown FILE     a summary for a pull request\n"
	"  --verbose           the tails (p99) as well\n"
	"\n"
	"What is run (as 'kmemlab run --help' says):\n"
	"  --facility LIST  --workload LIST  --objects LIST  --size LIST  --cpus LIST\n"
	"  --gfp LIST\n"
	"  --condition LIST  --repeats N  --seed N  --plan FILE  --clock CLOCK  --kernel LIST  --arch ARCH  --memory MIB  --append ARGS\n"
	"  --layouts K  --timeout SECONDS  --tag LIST  --no-store  --quiet\n"
	"  --help              this text\n"
	"\n"
	"Example: kmemlab compare --kernel 5.10,6.1 --facility kmalloc --layouts 3\n";

enum own_option {
	OWN_FORCE = OPTION_EXTENSION, OWN_FAIL_ABOVE, OWN_FAIL_ON, OWN_BISECT, OWN_JSON, OWN_KTAP,
	OWN_MARKDOWN,
};

/* With id 0: options of run that make no sense here. */
static const struct option own_options[] = {
	{ "force", no_argument, NULL, OWN_FORCE },
	{ "fail-above", required_argument, NULL, OWN_FAIL_ABOVE },
	{ "fail-on", required_argument, NULL, OWN_FAIL_ON },
	{ "bisect", no_argument, NULL, OWN_BISECT },
	{ "json", required_argument, NULL, OWN_JSON },
	{ "ktap", required_argument, NULL, OWN_KTAP },
	{ "markdown", required_argument, NULL, OWN_MARKDOWN },
	{ "csv", required_argument, NULL, 0 },
	{ "html", required_argument, NULL, 0 },
	{ "name", required_argument, NULL, 0 },
	{ "target", required_argument, NULL, 0 },
	{ "repeat-of", required_argument, NULL, 0 },
	{ "tails", no_argument, NULL, 0 },
	{ "pmu", no_argument, NULL, 0 },
	{ "split-zeroing", no_argument, NULL, 0 },
	{ 0 }
};

struct compare {
	struct run_options options;
	struct comparison_gate gate;
	bool force, bisect, any_kind;
	const char *json, *ktap, *markdown;
	struct subject_list list;
};

static char *read_percent(struct comparison_gate *gate, const char *text)
{
	char *end;

	errno = 0;
	gate->above_percent = strtod(text, &end);
	gate->set = true;
	if (end != text && !errno && isfinite(gate->above_percent) && gate->above_percent >= 0 &&
	    (!*end || !strcmp(end, "%")))
		return NULL;
	return xstrdup("a percentage is wanted, as 5%");
}

static char *read_kinds(struct comparison_gate *gate, const char *text)
{
	static const struct name_entry entries[] = {
		{ "cost", "" }, { "tail", "" }, { "memory", "" }, { "contiguity", "" },
	};
	static const struct name_table kinds = {
		"kind of figures", "kmemlab compare --help", entries, FIGURE_KINDS
	};
	struct name_list list = { 0 };
	char *error = name_list_read(&list, text, &kinds);

	for (size_t i = 0; !error && i < list.count; i++)
		for (size_t kind = 0; kind < FIGURE_KINDS; kind++)
			if (!strcmp(list.names[i], figure_kind_names[kind]))
				gate->kinds[kind] = true;
	name_list_release(&list);
	gate->set = true;
	return error;
}

static char *read_own(void *context, int id, const char *text)
{
	struct compare *compare = context;

	switch (id) {
	case OWN_FORCE:
		compare->force = true;
		return NULL;
	case OWN_FAIL_ABOVE:
		return read_percent(&compare->gate, text);
	case OWN_FAIL_ON:
		compare->any_kind = true;
		return read_kinds(&compare->gate, text);
	case OWN_BISECT:
		compare->bisect = true;
		return NULL;
	case OWN_JSON:
		compare->json = output_path(text);
		break;
	case OWN_KTAP:
		compare->ktap = output_path(text);
		break;
	default:
		compare->markdown = output_path(text);
		break;
	}
	return *text ? NULL : xstrdup("it is empty");
}

static void report_comparison_table(const json_t *comparison, FILE *out)
{
	comparison_table(comparison, false, out);
}

static void report_comparison_verbose(const json_t *comparison, FILE *out)
{
	comparison_table(comparison, true, out);
}

static enum exit_code write_forms(const struct compare *compare, const json_t *comparison)
{
	const struct {
		const char *path;
		void (*report)(const json_t *comparison, FILE *out);
	} forms[] = {
		{ compare->json, report_json },
		{ compare->ktap, comparison_ktap },
		{ compare->markdown, comparison_markdown },
	};
	enum exit_code code = EXIT_FINE;
	bool table = true;

	for (size_t i = 0; !code && i < sizeof(forms) / sizeof(*forms); i++) {
		if (!forms[i].path)
			continue;
		code = output_write(forms[i].path, comparison, forms[i].report);
		table = table && strcmp(forms[i].path, "-");
	}
	if (!code && table)
		code = output_write("-", comparison, compare->options.verbose ?
				    report_comparison_verbose : report_comparison_table);
	return code ? code : output_finish();
}

static enum exit_code check_files(const struct compare *compare)
{
	const struct output_option files[] = {
		{ "json", compare->json }, { "ktap", compare->ktap },
		{ "markdown", compare->markdown },
	};
	const size_t count = sizeof(files) / sizeof(*files);
	enum exit_code code = output_check_distinct("compare", files, count);

	for (size_t i = 0; !code && i < count; i++)
		if (files[i].path)
			code = output_check(files[i].path);
	return code;
}

/* A gate that cannot trip would let everything pass. */
static enum exit_code check_gate(const struct compare *compare)
{
	for (size_t i = 0; compare->gate.set && i < compare->list.count; i++) {
		const struct subject *subject = &compare->list.subjects[i];
		const json_t *clock = json_object_get(document_environment(subject->document),
						      "clock");
		const char *unit = json_string_value(json_object_get(clock, "unit"));

		if (!strcmp(unit, "instructions") || document_runs(subject->document) > 1)
			continue;
		say_error("compare: %s: timed, and one boot only: a gate needs two at least, "
			  "as 'run --layouts 5' makes them", subject->label);
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

static enum exit_code judge(const struct compare *compare, bool asked)
{
	cleanup_free char *obstacle = NULL;
	enum exit_code code = check_gate(compare);
	json_t *comparison;

	if (code)
		return code;
	comparison = comparison_build(compare->list.subjects, compare->list.count, asked,
				      &compare->gate);
	obstacle = comparison_obstacle(comparison);
	if (obstacle && !compare->force) {
		say_error(
			"compare: these differ in what matters: %s; --force compares them all the same",
			obstacle);
		code = EXIT_USAGE;
	} else if (compare->gate.set && !comparison_trips(comparison) &&
		   !comparison_has_changes(comparison)) {
		say_error("compare: nothing was measured in both: there is nothing for a gate");
		code = EXIT_USAGE;
	} else {
		code = write_forms(compare, comparison);
		if (!code && comparison_trips(comparison))
			code = EXIT_RECORD_FAILED;
	}
	json_decref(comparison);
	return code;
}

/* What trips the gate is looked for; without one, what the table shows. */
static enum exit_code bisect_shown(struct compare *compare, const struct plan *plan,
				   const struct step_list *steps, const char *command)
{
	const struct comparison_gate shown = {
		.set = false,
		.kinds = {
			[FIGURE_COST] = true,
			[FIGURE_TAIL] = compare->options.verbose,
			[FIGURE_MEMORY] = true,
			[FIGURE_CONTIGUITY] = true,
		},
	};

	return bisect(&compare->list, steps, plan, &compare->options,
		      compare->gate.set ? &compare->gate : &shown, command);
}

static enum exit_code measure_all(struct compare *compare, const struct plan *plan,
				  const struct step_list *steps, const char *command)
{
	if (compare->bisect)
		return bisect_shown(compare, plan, steps, command);
	return subjects_measure(&compare->list, steps->steps, steps->count, plan,
				&compare->options, command);
}

static enum exit_code compare_kernels(struct compare *compare, const char *command)
{
	struct step_list steps = { 0 };
	enum exit_code code;
	struct plan plan;

	plan_init(&plan);
	code = steps_from(&steps, &compare->options, compare->bisect);
	if (!code)
		code = run_plan_make(&plan, &compare->options);
	if (!code && compare->gate.set && strcmp(plan.clock, "instructions") &&
	    compare->options.layouts < 2) {
		say_error("compare: a gate on timed figures needs two boots of each at least: "
			  "--layouts 5");
		code = EXIT_USAGE;
	}
	if (!code && strchr(compare->options.arch, ',')) {
		say_error("compare: --arch %s: one is wanted: costs of two architectures are of "
			  "different instructions", compare->options.arch);
		code = EXIT_USAGE;
	}
	if (!code)
		code = road_check(&plan, &compare->options);
	if (!code)
		code = measure_all(compare, &plan, &steps, command);
	if (!code)
		code = judge(compare, true);
	plan_release(&plan);
	steps_release(&steps);
	return code;
}

static enum exit_code compare_results(struct compare *compare, char **wanted, int count)
{
	enum exit_code code;

	if (compare->bisect || compare->options.seen_measurement) {
		say_error("compare: results are there already: %s is for kernels that are run",
			  compare->bisect ? "--bisect" : "an option of run");
		return EXIT_USAGE;
	}
	code = subjects_load(&compare->list, wanted, count);
	if (!code && compare->list.count < 2) {
		say_error("compare: one result is compared with nothing: name a second one");
		code = EXIT_USAGE;
	}
	return code ? code : judge(compare, false);
}

enum exit_code cmd_compare(int argc, char **argv)
{
	cleanup_free char *command = road_command_line(argc, argv);
	struct compare compare = { .force = false };
	const struct option_extension extension = {
		.command = "compare", .options = own_options, .read = read_own,
		.context = &compare, .takes_operands = true,
	};
	enum exit_code code = run_options_read_for(&extension, &compare.options, argc, argv);

	if (!code && compare.options.help) {
		fputs(help, stdout);
		code = output_finish();
	} else if (!code) {
		say_quiet(compare.options.quiet);
		compare.gate.kinds[FIGURE_COST] |= !compare.any_kind;
		code = check_files(&compare);
		if (!code && optind < argc)
			code = compare_results(&compare, argv + optind, argc - optind);
		else if (!code)
			code = compare_kernels(&compare, command);
	}
	subjects_release(&compare.list);
	run_options_release(&compare.options);
	return code;
}
