// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab run: build a plan, run it on the target, and print and store the results. */
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "cli/output_file.h"
#include "cli/result_store.h"
#include "report/document.h"
#include "report/format.h"
#include "report/metrics.h"
#include "report/report.h"
#include "vm/kernel.h"

/* Return false if every experiment of all runs was skipped. */
static bool any_measured(const json_t *document)
{
	bool any = false;

	for (size_t i = 0; i < document_runs(document) && !any; i++) {
		json_t *run = document_run(document, i);
		struct summary summary = summarize(run);

		any = summary.ok || summary.failed;
		json_decref(run);
	}
	return any;
}

/* Return the exit code for the worst of all runs. */
static enum exit_code exit_code_of(const struct options *options, const json_t *document)
{
	cleanup_free char *reason = NULL;

	for (size_t i = 0; i < document_runs(document); i++) {
		json_t *run = document_run(document, i);
		struct summary summary = summarize(run);

		json_decref(run);
		if (summary.failed || !summary.self_check_ok)
			return EXIT_CHECK_FAILED;
	}
	if (any_measured(document))
		return EXIT_OK;
	reason = skip_text(json_array_get(document_results(document), 0));
	return usage_error(options, "every experiment was skipped: %s", reason);
}

/* Print a table for each kernel and architecture; the runs of its layouts share it. */
static void print_tables(const json_t *document, bool verbose)
{
	json_t *group = NULL;

	if (init_cost_is_separate(document)) {
		report_table(document, verbose, terminal_out());
		return;
	}
	for (size_t i = 0; i <= document_runs(document); i++) {
		json_t *run = i < document_runs(document) ? document_run(document, i) : NULL;

		if (group && run &&
		    json_int(document_environment(run), "machine.layout", 0) > 0) {
			document_join(group, run);
			json_decref(run);
			continue;
		}
		if (group)
			report_table(group, verbose, terminal_out());
		if (group && run)
			fputc('\n', terminal_out());
		json_decref(group);
		group = run;
	}
}

enum exit_code publish_results(const struct options *options, const json_t *document,
			       void (*print)(const json_t *document, bool verbose))
{
	size_t files;
	bool is_stdout_free;
	enum exit_code code = results_files_write(options, document, &files, &is_stdout_free);

	if (!code && is_stdout_free)
		print(document, options->verbose);
	if (!code && is_stdout_free && options->histogram)
		report_histogram(document, terminal_out());
	if (!code)
		code = output_finish();
	/* Print before storing: a damaged store must not cost a result. */
	if (!options->no_store && any_measured(document))
		result_keep(document, options->name, &options->tags);
	return code ? code : exit_code_of(options, document);
}

static enum exit_code run_once(const struct options *options, struct plan *plan)
{
	json_t *document = NULL;
	enum exit_code code = plan_build(plan, options), mixed = EXIT_OK;

	if (!code && options->mix && strcmp(plan->clock, "instructions"))
		code = usage_error(options, "--mix requires the clock instructions, got '%s'",
				   plan->clock);
	if (!code)
		code = options_check_outputs(options);
	if (!code)
		code = measure_all(options, plan, &document);
	if (!code && options->mix)
		mixed = mix_add(options, plan, document);
	if (!code)
		code = publish_results(options, document, print_tables);
	json_decref(document);
	return code ?: mixed;
}

/* --repeat-of: run the plan of stored results again and compare the exact metrics. */

static enum exit_code repeat_error(const struct options *options, const char *reason)
{
	return usage_error(options, "--repeat-of %s: %s", options->repeat_of, reason);
}

static void set_cpus(struct experiment_spec *spec, const json_t *cpus)
{
	json_t *cpu;
	size_t i;

	spec->cpu_count = 0;
	json_array_foreach(cpus, i, cpu)
		if (spec->cpu_count < PLAN_CPUS_MAX)
			spec->cpus[spec->cpu_count++] = json_integer_value(cpu);
}

/* Set *spec to the parameters of a result. A null parameter keeps its default. */
static void spec_from_result(struct experiment_spec *spec, const json_t *result)
{
	const json_t *parameters = json_object_get(result, "parameters");

	experiment_spec_init(spec);
	for (const struct plan_field *param = experiment_params; param->name; param++) {
		const json_t *object = param->place == PARAM_RESULT ? result : parameters;
		const json_t *value = json_object_get(object, param->name);
		void *target = (char *)spec + param->offset;

		if (param->type == PLAN_FLAG)
			*(uint32_t *)target = json_is_object(json_object_get(result, param->group));
		else if (param->type == PLAN_CPUS)
			set_cpus(spec, value);
		else if (json_is_string(value))
			snprintf(target, param->size, "%s", json_string_value(value));
		else if (json_is_integer(value) && param->size == sizeof(uint64_t))
			*(uint64_t *)target = json_integer_value(value);
		else if (json_is_integer(value))
			*(uint32_t *)target = json_integer_value(value);
	}
}

static enum exit_code plan_from_results(const struct options *options, struct plan *plan,
					const json_t *document)
{
	enum exit_code code = EXIT_OK;
	struct experiment_spec spec;
	json_t *result;
	size_t i;

	snprintf(plan->clock, sizeof(plan->clock), "%s",
		 json_str(document_environment(document), "clock.unit", ""));
	if (strcmp(plan->clock, "instructions"))
		return repeat_error(options, "only instruction counts can be repeated exactly "
				    "(use 'kmemlab compare' for time)");
	if (!json_array_size(document_results(document)))
		return repeat_error(options, "it contains no experiments");
	json_array_foreach(document_results(document), i, result) {
		spec_from_result(&spec, result);
		if (!code)
			code = plan_check_added(plan_add(plan, &spec));
	}
	return code;
}

/* Return the identity of a local kernel, or NULL if the kernel is from a package. */
static const char *local_build(const json_t *environment)
{
	const char *version = json_str(environment, "run.kernel_package_version", NULL);

	return version && kernel_was_local(version) ? version : NULL;
}

/* A local kernel's location is not in the results, so the options must give it. */
static enum exit_code check_repeat_kernel(const struct options *options, const json_t *before)
{
	const bool kernel_given = option_given(options, "kernel");
	cleanup_free char *local = NULL;

	for (size_t i = 0; i < document_runs(before); i++) {
		json_t *run = document_run(before, i);
		const char *build = local_build(document_environment(run));
		const bool differs = build && local && strcmp(build, local);

		local = local ?: build ? xstrdup(build) : NULL;
		json_decref(run);
		if (differs)
			return repeat_error(options, "it has runs of several local kernels, which "
					    "cannot be repeated");
	}
	if (local && (!kernel_given || !kernel_is_local(options->kernels.names[0])))
		return repeat_error(options, "it was measured on a local kernel (give --kernel "
				    "with its build tree, or with its image and --headers)");
	if (!local && kernel_given)
		return usage_error(options, "--kernel cannot be used with --repeat-of (the "
				   "repeated result defines it)");
	return EXIT_OK;
}

/* Set kernel and machine as they were in the run. */
static void target_from_run(struct measure_target *target, const json_t *run)
{
	const json_t *environment = document_environment(run);
	const json_t *machine = json_object_get(environment, "machine");

	if (!local_build(environment)) {
		target->vm.kernel = json_str(environment, "kernel.release", NULL);
		target->vm.headers = NULL;
	}
	if (!json_is_object(machine))
		return;
	target->vm.board = json_str(machine, "board", NULL);
	target->vm.append = json_str(machine, "append", NULL);
	/* The CPU of a machine with KVM or of a Raspberry Pi cannot be chosen. */
	target->vm.cpu = json_str(machine, "cpu", NULL);
	if (target->vm.cpu && !strcmp(target->vm.cpu, "host"))
		target->vm.cpu = NULL;
	target->vm.memory_mib = json_int(machine, "memory_mib", 0);
	target->vm.layout = json_int(machine, "layout", 0);
	target->vm.arch = json_str(machine, "arch", NULL);
}

static enum exit_code measure_again(const struct options *options, const struct plan *plan,
				    const json_t *before, json_t **document)
{
	enum exit_code code = EXIT_OK;

	for (size_t i = 0; !code && i < document_runs(before); i++) {
		struct measure_target target = target_from_options(options, plan);
		json_t *run = document_run(before, i), *next;

		target_from_run(&target, run);
		target_set_cpus(&target, plan);
		code = measure_once(options, plan, &target, &next);
		if (!code)
			measure_join(document, next);
		json_decref(run);
	}
	return code;
}

static enum exit_code compare_repeated(const struct options *options, const json_t *before,
				       const json_t *after)
{
	for (size_t i = 0; i < document_runs(before); i++) {
		json_t *first = document_run(before, i), *second = document_run(after, i);
		cleanup_free char *difference = results_diff(first, second);
		const bool same_inputs =
			!strcmp(json_str(document_environment(first), "input_sha256", ""),
				json_str(document_environment(second), "input_sha256", ""));

		json_decref(first);
		json_decref(second);
		if (!difference)
			continue;
		log_error("run: --repeat-of %s: %s%s", options->repeat_of, difference,
			  same_inputs ? "" : " (the inputs differ: input_sha256)");
		return EXIT_CHECK_FAILED;
	}
	log_notice("Repeated: all metrics are equal to those of %s", options->repeat_of);
	return EXIT_OK;
}

static enum exit_code run_again(const struct options *options, struct plan *plan)
{
	json_t *before = NULL, *document = NULL;
	enum exit_code code = result_load("run: --repeat-of", options->repeat_of, &before);

	if (!code)
		code = plan_from_results(options, plan, before);
	if (!code)
		code = check_repeat_kernel(options, before);
	if (!code)
		code = options_check_outputs(options);
	if (!code)
		code = measure_again(options, plan, before, &document);
	if (!code)
		code = publish_results(options, document, print_tables);
	if (!code)
		code = compare_repeated(options, before, document);
	json_decref(document);
	json_decref(before);
	return code;
}

static enum exit_code check_split_zeroing(const struct options *options)
{
	if (!options->split_zeroing)
		return EXIT_OK;
	if (options->kernels.count * options->archs.count > 1)
		return usage_error(options, "--split-zeroing requires a single kernel and "
				   "architecture");
	if (options->append && strstr(options->append, "init_on_alloc"))
		return usage_error(options, "--append with init_on_alloc cannot be used with "
				   "--split-zeroing");
	return EXIT_OK;
}

static enum exit_code cmd_run(struct options *options)
{
	enum exit_code code = check_split_zeroing(options);
	struct plan plan;

	plan_init(&plan);
	if (!code)
		code = options->repeat_of ? run_again(options, &plan) : run_once(options, &plan);
	plan_release(&plan);
	return code;
}

const struct command run_command = {
	.name = "run",
	.bit = CMD_RUN,
	.run = cmd_run,
	.summary = "measure allocations, by default in a temporary virtual machine",
	.usage = "run [OPTION]...",
	.description = "Allocate objects with each kernel allocation facility, verify their "
		"addresses, and report the cost of each operation. By default this runs in a "
		"temporary virtual machine with a distribution kernel: 2000 objects of 32 bytes, "
		"all facilities, workloads pair and batch.\n"
		"A LIST is separated by commas; A..BxK multiplies and A..B+K steps from A to B; "
		"the suffixes K, M and G are binary.",
	.example = "run --facility kmalloc,page --size 32..4096x2 --json sizes.json",
};
