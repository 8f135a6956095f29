// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "lib/catalog.h"
#include "vm/board.h"
#include "vm/kernels.h"

static void quote_word(struct strbuf *line, const char *word)
{
	const char *pos = word;

	while (isalnum((unsigned char)*pos) || (*pos && strchr("-_=+,./:@%", *pos)))
		pos++;
	if (*word && !*pos) {
		strbuf_addstr(line, word);
		return;
	}
	strbuf_addstr(line, "'");
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_addstr(line, "'\\''");
		else	/* documents contain no control characters */
			strbuf_addf(line, "%c", iscntrl((unsigned char)*word) ? '?' : *word);
	}
	strbuf_addstr(line, "'");
}

char *quote_argv(int argc, char **argv)
{
	struct strbuf line = STRBUF_INIT;

	quote_word(&line, getenv("KMEMLAB_CALLED_AS") ?: program_invocation_name);
	for (int i = 0; i < argc; i++) {
		strbuf_addstr(&line, " ");
		quote_word(&line, argv[i]);
	}
	return strbuf_detach(&line);
}

/* Return true if QEMU can count the instructions of several CPUs of the board. */
static bool counts_on_several_cpus(const char *arch_name, const char *board_name)
{
	const struct arch *arch = arch_find(arch_name);
	const struct board *board = arch ? board_find(arch, board_name) : NULL;

	return board && board->counts_on_several_cpus;
}

/* Return the CPUs that the plan needs; the module skips experiments that need more. */
static unsigned int plan_cpus(const struct plan *plan)
{
	unsigned int cpus = 1;

	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];

		if ((workload_flags(spec->workload) & KMEMLAB_WORKLOAD_REMOTE) && cpus < 2)
			cpus = 2;
		if (spec->free_cpu >= (int)cpus && spec->free_cpu < VM_CPUS_MAX)
			cpus = spec->free_cpu + 1;
		for (uint32_t j = 0; j < spec->cpu_count; j++)
			if (spec->cpus[j] >= cpus && spec->cpus[j] < VM_CPUS_MAX)
				cpus = spec->cpus[j] + 1;
	}
	return cpus;
}

void target_set_cpus(struct measure_target *target, const struct plan *plan)
{
	target->vm.cpus = plan_cpus(plan);
	if (target->vm.clock == VM_CLOCK_INSTRUCTIONS &&
	    !counts_on_several_cpus(target->vm.arch, target->vm.board))
		target->vm.cpus = 1;
}

struct measure_target target_from_options(const struct options *options, const struct plan *plan)
{
	struct measure_target target = {
		.on_host = !strcmp(options->target ?: "vm", "host"),
		.vm = request_from_options(options),
		.isolate = options->isolate,
	};

	target.vm.clock = strcmp(plan->clock, "instructions") ? VM_CLOCK_TIME :
								VM_CLOCK_INSTRUCTIONS;
	target.vm.extra = options->extra;
	target.vm.no_snapshot = options->boot;
	target_set_cpus(&target, plan);
	return target;
}

static enum exit_code build_document(const struct options *options, const struct vm_result *result,
				     const struct plan *plan, const struct measure_target *target,
				     json_t **document)
{
	struct run_facts facts = target_facts(result, target, options->command_line);
	cleanup_free char *error = NULL;

	*document = document_build(result->records, result->records_bytes, &facts, &error);
	if (*document && json_array_size(document_results(*document)) != plan->count)
		error = xasprintf("%zu of %zu experiments have a result",
				  json_array_size(document_results(*document)), plan->count);
	if (!error)
		return EXIT_OK;
	log_error("incomplete results: %s", error);
	json_decref(*document);
	*document = NULL;
	return EXIT_HOST_ERROR;
}

enum exit_code measure_once(const struct options *options, const struct plan *plan,
			    const struct measure_target *target, json_t **document)
{
	/* An isolated experiment has no history. */
	unsigned int layout = target->isolate ? 0 : target->vm.layout;
	struct vm_result result = { .code = EXIT_OK };
	enum exit_code code;
	struct plan history;
	size_t warm_ups;

	*document = NULL;
	code = history_plan(plan, layout, &history, &warm_ups);
	if (code)
		goto out;
	target_run(&history, target, &result);
	code = result.code;
	if (code != EXIT_OK)
		log_error("%s", result.message ?: "the run failed");
	else
		code = build_document(options, &result, &history, target, document);
	if (*document)
		history_restore(document_results(*document), warm_ups, layout);
	vm_result_release(&result);
out:
	plan_release(&history);
	return code;
}

void measure_join(json_t **document, json_t *run)
{
	if (!*document) {
		*document = run;
		return;
	}
	document_join(*document, run);
	json_decref(run);
}

/* Run each layout. */
static enum exit_code measure_layouts(const struct options *options, const struct plan *plan,
				      struct measure_target *target, json_t **document)
{
	enum exit_code code = EXIT_OK;

	for (unsigned int layout = 0; !code && layout < options->layouts; layout++) {
		json_t *next;

		if (layout)
			log_progress("layout %u of %u", layout + 1, options->layouts);
		target->vm.layout = layout;
		code = measure_once(options, plan, target, &next);
		if (!code)
			measure_join(document, next);
	}
	return code;
}

/* Run the plan with init_on_alloc=1 and then with init_on_alloc=0. */
static enum exit_code measure_zeroing(const struct options *options, const struct plan *plan,
				      struct measure_target *target, json_t **document)
{
	const char *append = options->append ?: "";
	const char *blank = *append ? " " : "";
	cleanup_free char *on = xasprintf("%s%sinit_on_alloc=1", append, blank);
	cleanup_free char *off = xasprintf("%s%sinit_on_alloc=0", append, blank);
	enum exit_code code;

	target->vm.append = on;
	code = measure_layouts(options, plan, target, document);
	if (code)
		return code;
	log_progress("measuring with init_on_alloc=0 ...");
	target->vm.append = off;
	return measure_layouts(options, plan, target, document);
}

/* Run the plan on each CPU model. */
static enum exit_code measure_cpus(const struct options *options, const struct plan *plan,
				   struct measure_target *target, json_t **document)
{
	enum exit_code code = EXIT_OK;
	size_t i = 0;

	do {
		if (options->cpus.count)
			target->vm.cpu = options->cpus.names[i];
		code = options->split_zeroing ?
		       measure_zeroing(options, plan, target, document) :
		       measure_layouts(options, plan, target, document);
	} while (!code && ++i < options->cpus.count);
	return code;
}

static bool has_only_remote_free(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!(workload_flags(plan->experiments[i].workload) & KMEMLAB_WORKLOAD_REMOTE))
			return false;
	return plan->count;
}

/* Other workloads make a boot worthwhile; remote_free alone would be skipped. */
static enum exit_code check_remote_free(const struct options *options, const struct plan *plan)
{
	const struct measure_target target = target_from_options(options, plan);

	if (target.on_host || target.vm.clock != VM_CLOCK_INSTRUCTIONS ||
	    !has_only_remote_free(plan))
		return EXIT_OK;
	for (size_t i = 0; i < options->archs.count; i++)
		if (!counts_on_several_cpus(options->archs.names[i], options->board))
			return usage_error(options, "remote_free requires two CPUs, but on %s "
					   "instructions are counted on one CPU only (use "
					   "--clock time or --arch arm64)",
					   options->archs.names[i]);
	return EXIT_OK;
}

static enum exit_code download_kernel(const char *kernel_name, const char *arch)
{
	struct error failure = { 0 };
	struct kernel kernel;
	enum exit_code code = EXIT_OK;

	if (kernel_find(kernel_name, NULL, arch, false, &kernel, &failure)) {
		code = failure.code;
		log_error("%s", failure.message);
	}
	error_release(&failure);
	kernel_release(&kernel);
	return code;
}

enum exit_code measure_check(const struct options *options, const struct plan *plan)
{
	const struct name_list *kernels = &options->kernels, *archs = &options->archs;
	enum exit_code code = check_remote_free(options, plan);

	interrupt_catch();
	if (kernels->count * archs->count < 2)
		return code;
	for (size_t k = 0; !code && k < kernels->count; k++)
		for (size_t a = 0; !code && a < archs->count; a++)
			code = download_kernel(kernels->names[k], archs->names[a]);
	return code;
}

enum exit_code measure_all(const struct options *options, const struct plan *plan,
			   json_t **document)
{
	const struct name_list *kernels = &options->kernels, *archs = &options->archs;
	struct measure_target target = target_from_options(options, plan);
	enum exit_code code = measure_check(options, plan);

	*document = NULL;
	for (size_t k = 0; !code && k < kernels->count; k++) {
		target.vm.kernel = kernels->names[k];
		for (size_t a = 0; !code && a < archs->count; a++) {
			target.vm.arch = archs->names[a];
			target_set_cpus(&target, plan);
			code = measure_cpus(options, plan, &target, document);
		}
	}
	if (code) {
		json_decref(*document);
		*document = NULL;
	}
	return code;
}

struct vm_request request_from_options(const struct options *options)
{
	return (struct vm_request) {
		.kernel = options->kernels.names[0],
		.headers = options->headers,
		.arch = options->archs.names[0],
		.board = options->board,
		.memory_mib = options->memory_mib,
		.memory_set = option_given(options, "memory"),
		.cpus = 1,
		.append = options->append,
		.cpu = options->cpus.count ? options->cpus.names[0] : NULL,
		.timeout_s = options->timeout_s,
		.console = options->console,
	};
}
