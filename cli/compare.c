// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab compare: show and judge the changes between results or between kernels. */
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "cli/compare_inputs.h"
#include "cli/output_file.h"
#include "report/document.h"
#include "report/report.h"

static enum exit_code publish_comparison(const struct options *options, const json_t *comparison)
{
	const struct output outputs[] = {
		{ options->json, report_json },
		{ options->csv, comparison_csv },
		{ options->ktap, comparison_ktap },
		{ options->junit, comparison_junit },
		{ options->markdown, comparison_markdown },
		{ options->html, comparison_html },
	};
	bool is_stdout_free;
	enum exit_code code = outputs_write(outputs, ARRAY_SIZE(outputs), comparison,
					    &is_stdout_free);

	if (!code && is_stdout_free)
		comparison_table(comparison, options->verbose, terminal_out());
	return code ? code : output_finish();
}

/* Timed results of a single boot can never be significant: such a gate would always pass. */
static enum exit_code check_gate(const struct options *options, const struct input_list *list)
{
	for (size_t i = 0; options->gate.set && i < list->count; i++) {
		const struct input *input = &list->inputs[i];
		const json_t *environment = document_environment(input->document);

		if (!json_is(environment, "clock.unit", "instructions") &&
		    document_runs(input->document) < 2)
			return usage_error(options, "%s: a gate requires at least two boots of "
					   "timed results (use 'run --layouts 5')", input->label);
	}
	return EXIT_OK;
}

static enum exit_code judge_comparison(const struct options *options,
				       const struct input_list *list, bool measured)
{
	const struct comparison_gate *gate = &options->gate;
	cleanup_free char *obstacle = NULL;
	enum exit_code code = check_gate(options, list);
	json_t *comparison;

	if (code)
		return code;
	comparison = comparison_build(list->inputs, list->count, measured, gate);
	json_object_set_new(comparison, "command", json_string(options->command_line));
	obstacle = comparison_obstacle(comparison);
	if (obstacle && !options->force)
		code = usage_error(options, "the results are not comparable: %s (--force compares "
				   "them)", obstacle);
	else if (gate->set && !comparison_gate_failures(comparison) &&
		 !comparison_has_changes(comparison))
		code = usage_error(options,
				   "no common experiments: --fail-above cannot be evaluated");
	else
		code = publish_comparison(options, comparison);
	if (!code && comparison_gate_failures(comparison))
		code = EXIT_CHECK_FAILED;
	json_decref(comparison);
	return code;
}

/* Search for the change that fails the gate or, without a gate, comes first in the table. */
static enum exit_code bisect_boots(const struct options *options, struct input_list *list,
				   const struct plan *plan, const struct boot_spec_list *boots)
{
	const struct comparison_gate shown = {
		.set = false,
		.kinds = {
			[METRIC_COST] = true,
			[METRIC_TAIL] = options->verbose,
			[METRIC_MEMORY] = true,
			[METRIC_CONTIGUITY] = true,
		},
	};

	return bisect(list, boots, plan, options, options->gate.set ? &options->gate : &shown);
}

static enum exit_code compare_boots(const struct options *options, struct input_list *list)
{
	struct boot_spec_list boots = { 0 };
	enum exit_code code;
	struct plan plan;

	plan_init(&plan);
	code = boot_specs_build(&boots, options, options->bisect);
	if (!code)
		code = plan_build(&plan, options);
	if (!code && options->gate.set && strcmp(plan.clock, "instructions") &&
	    options->layouts < 2)
		code = usage_error(options, "a gate requires at least two boots of timed results "
				   "(use --layouts 5)");
	if (!code)
		code = measure_check(options, &plan);
	if (!code)
		code = options->bisect ?
		       bisect_boots(options, list, &plan, &boots) :
		       inputs_measure(list, boots.specs, boots.count, &plan, options);
	if (!code)
		code = judge_comparison(options, list, true);
	plan_release(&plan);
	boot_specs_release(&boots);
	return code;
}

static enum exit_code compare_results(const struct options *options, struct input_list *list)
{
	enum exit_code code = inputs_load(list, options->operands, options->operand_count);

	if (!code && list->count < 2)
		code = usage_error(options,
				   "a single result cannot be compared (give a second one)");
	return code ? code : judge_comparison(options, list, false);
}

static enum exit_code cmd_compare(struct options *options)
{
	struct input_list list = { 0 };
	enum exit_code code = options_check_outputs(options);

	options->gate.set = option_given(options, "fail-above") || option_given(options, "fail-on");
	if (!code)
		code = options->operand_count ? compare_results(options, &list) :
						compare_boots(options, &list);
	inputs_release(&list);
	return code;
}

const struct command compare_command = {
	.name = "compare",
	.bit = CMD_COMPARE,
	.run = cmd_compare,
	.summary = "show changes between results or kernels; can fail on regressions",
	.usage = "compare RESULT RESULT... [OPTION]...\n"
		"compare --kernel KERNEL,KERNEL... [OPTION]...\n"
		"compare --append ARGS [OPTION]...",
	.description = "Show what changed relative to the first input: cost, memory and contiguity "
		"of each experiment, the largest change first. RESULT is a file of 'run --json', "
		"or the name or number of a stored result. --kernel measures each kernel first; "
		"--append measures one kernel without and with the arguments.",
	.example = "compare --kernel 5.10,6.1 --facility kmalloc --layouts 3",
	.operand = "RESULT",
	.operands_max = 1000,
};
