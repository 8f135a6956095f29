// SPDX-License-Identifier: GPL-2.0-or-later
#include "repeat.h"

#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "report/document.h"
#include "report/sameness.h"
#include "road.h"
#include "vm/own_kernel.h"

static void set_name(char *to, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	if (text)
		snprintf(to, KMEMLAB_NAME_MAX, "%s", text);
}

static long long count_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* What a document leaves null stays at the plan's default. */
static void set_spec(struct experiment_spec *spec, const json_t *result)
{
	const json_t *parameters = json_object_get(result, "parameters");
	json_t *cpu;
	size_t i;

	experiment_spec_init(spec);
	set_name(spec->facility, result, "facility");
	set_name(spec->workload, result, "workload");
	set_name(spec->gfp, parameters, "gfp");
	set_name(spec->condition, parameters, "condition");
	set_name(spec->free_order, parameters, "free_order");
	spec->object_size = count_of(result, "object_size");
	spec->objects = count_of(result, "objects");
	spec->align = count_of(parameters, "align");
	spec->seed = count_of(parameters, "seed");
	spec->bulk = count_of(parameters, "bulk");
	spec->repeats = count_of(parameters, "repeats");
	if (json_is_integer(json_object_get(parameters, "node")))
		spec->node = count_of(parameters, "node");
	if (json_is_integer(json_object_get(parameters, "free_cpu")))
		spec->free_cpu = count_of(parameters, "free_cpu");
	spec->tails = json_is_object(json_object_get(result, "tail"));
	spec->pmu = json_is_object(json_object_get(result, "pmu"));
	spec->cpu_count = 0;
	json_array_foreach(json_object_get(parameters, "cpus"), i, cpu)
		if (spec->cpu_count < PLAN_CPUS_MAX)
			spec->cpus[spec->cpu_count++] = json_integer_value(cpu);
}

enum exit_code repeat_plan(struct plan *plan, const json_t *document)
{
	const json_t *environment = document_environment(document);
	const json_t *clock = json_object_get(environment, "clock");
	struct experiment_spec spec;
	json_t *result;
	size_t i;

	set_name(plan->clock, clock, "unit");
	if (strcmp(plan->clock, "instructions")) {
		say_error(
			"run: --repeat-of: it was timed, and only counted figures are the same twice: "
			"'kmemlab compare' compares timed ones");
		return EXIT_USAGE;
	}
	if (!json_array_size(document_results(document))) {
		say_error("run: --repeat-of: nothing was measured in it: there is nothing to repeat");
		return EXIT_USAGE;
	}
	json_array_foreach(document_results(document), i, result) {
		set_spec(&spec, result);
		if (plan_add(plan, &spec)) {
			say_error("out of memory");
			return EXIT_TROUBLE;
		}
	}
	return EXIT_FINE;
}

/* What stands for the build of a kernel of the user's own, NULL of a distribution's. */
static const char *own_build(const json_t *environment)
{
	const json_t *version = json_object_get(json_object_get(environment, "run"),
						"kernel_package_version");
	const char *text = json_string_value(version);

	return text && own_kernel_was(text) ? text : NULL;
}

static enum exit_code say_own(const struct run_options *options, const char *what)
{
	say_error("run: --repeat-of %s: %s: give --kernel with its build tree, or with its image "
		  "and --headers", options->repeat_of, what);
	return EXIT_USAGE;
}

enum exit_code repeat_check(const struct run_options *options, const json_t *before)
{
	cleanup_free char *own = NULL;

	for (size_t i = 0; i < document_runs(before); i++) {
		json_t *run = document_run(before, i);
		const char *build = own_build(document_environment(run));
		bool is_other = build && own && strcmp(build, own);

		own = own ?: build ? xstrdup(build) : NULL;
		json_decref(run);
		if (!is_other)
			continue;
		say_error("run: --repeat-of %s: it is of several kernels that no package has: "
			  "only one of them can be given", options->repeat_of);
		return EXIT_USAGE;
	}
	if (own && !options->seen_kernel)
		return say_own(options, "its kernel was no package's, but a tree or an image");
	if (own && !own_kernel_is(options->kernel))
		return say_own(options, "its kernel is in no package");
	if (own || !options->seen_kernel)
		return EXIT_FINE;
	say_error("run: --%s and --repeat-of: the result that is repeated says it",
		  options->headers ? "headers" : "kernel");
	return EXIT_USAGE;
}

/* The options that one run of the document was made with. */
static struct run_options options_of(const struct run_options *options, const json_t *run)
{
	const json_t *environment = document_environment(run);
	const json_t *machine = json_object_get(environment, "machine");
	const json_t *kernel = json_object_get(environment, "kernel");
	struct run_options own = *options;

	if (!own_build(environment)) {
		own.kernel = json_string_value(json_object_get(kernel, "release"));
		own.headers = NULL;
	}
	if (json_is_object(machine)) {
		own.arch = json_string_value(json_object_get(machine, "arch"));
		own.board = json_string_value(json_object_get(machine, "board"));
		own.append = json_string_value(json_object_get(machine, "append"));
		own.memory_mib = count_of(machine, "memory_mib");
	}
	return own;
}

enum exit_code repeat_take(const struct plan *plan, const struct run_options *options,
			   const json_t *before, const char *command, json_t **document)
{
	enum exit_code code = EXIT_FINE;

	*document = NULL;
	for (size_t i = 0; !code && i < document_runs(before); i++) {
		json_t *run = document_run(before, i), *now;
		struct run_options own = options_of(options, run);
		const json_t *machine = json_object_get(document_environment(run), "machine");

		code = road_boot(plan, &own, count_of(machine, "layout"), command, &now);
		if (!code && *document)
			document_join(*document, now);
		else if (!code)
			*document = json_incref(now);
		json_decref(now);
		json_decref(run);
	}
	return code;
}

static bool inputs_differ(const json_t *before, const json_t *now)
{
	return !json_equal(json_object_get(document_environment(before), "input_sha256"),
			   json_object_get(document_environment(now), "input_sha256"));
}

enum exit_code repeat_judge(const struct run_options *options, const json_t *before,
			    const json_t *now)
{
	for (size_t i = 0; i < document_runs(before); i++) {
		json_t *first = document_run(before, i), *second = document_run(now, i);
		cleanup_free char *difference = sameness_difference(first, second);
		bool other_inputs = inputs_differ(first, second);

		json_decref(first);
		json_decref(second);
		if (!difference)
			continue;
		say_error("run: --repeat-of %s: %s%s", options->repeat_of, difference,
			  other_inputs ? " (the inputs are not the same: input_sha256)" : "");
		return EXIT_RECORD_FAILED;
	}
	say_note("Repeated: every figure is the same as in %s", options->repeat_of);
	return EXIT_FINE;
}
