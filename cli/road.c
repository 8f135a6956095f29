// SPDX-License-Identifier: GPL-2.0-or-later
#include "road.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "report/document.h"
#include "target.h"
#include "vm/kernels.h"
#include "vm/suites.h"

static void print_word(const char *word, FILE *out)
{
	const char *at = word;

	while (isalnum((unsigned char)*at) || (*at && strchr("-_=+,./:@%", *at)))
		at++;
	if (*word && !*at) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else	/* a document has no control characters */
			fputc(iscntrl((unsigned char)*word) ? '?' : *word, out);
	}
	fputc('\'', out);
}

char *road_command_line(int argc, char **argv)
{
	char *line;
	size_t length;
	FILE *out = open_memstream(&line, &length);

	print_word(getenv("KMEMLAB_CALLED_AS") ?: program_invocation_name, out);
	for (int i = 0; i < argc; i++) {
		fputc(' ', out);
		print_word(argv[i], out);
	}
	fclose(out);
	return line;
}

/* Whether it can count the instructions of two CPUs that take turns. */
static bool counts_on_several_cpus(const char *arch_name, const char *board_name)
{
	const struct arch *arch = arch_find(arch_name);
	const struct board *board = arch ? board_find(arch, board_name) : NULL;

	return board && board->counts_on_several_cpus;
}

/* What the plan's experiments name or need; what can't be counted is refused by the module. */
static unsigned int cpus_wanted(const struct plan *plan)
{
	unsigned int cpus = 1;

	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];

		if (!strcmp(spec->workload, "remote_free") && cpus < 2)
			cpus = 2;
		if (spec->free_cpu >= (int)cpus && spec->free_cpu < ROAD_CPUS_MAX)
			cpus = spec->free_cpu + 1;
		for (uint32_t j = 0; j < spec->cpu_count; j++)
			if (spec->cpus[j] >= cpus && spec->cpus[j] < ROAD_CPUS_MAX)
				cpus = spec->cpus[j] + 1;
	}
	return cpus;
}

static struct target target_of(const struct plan *plan, const struct run_options *options,
			       unsigned int layout)
{
	const bool counted = !strcmp(plan->clock, "instructions");
	const bool one_cpu = counted && !counts_on_several_cpus(options->arch, options->board);

	return (struct target) {
		.on_host = options->on_host,
		.kernel = options->kernel,
		.headers = options->headers,
		.arch = options->arch,
		.board = options->board,
		.append = options->append,
		.memory_mib = options->memory_mib,
		.memory_asked = options->memory_asked,
		.layout = layout,
		.clock = counted ? VM_CLOCK_INSTRUCTIONS : VM_CLOCK_TIME,
		.cpus = one_cpu ? 1 : cpus_wanted(plan),
		.verbose = options->verbose && !options->quiet,
		.timeout_s = options->timeout_s,
		.boot = options->boot,
		.isolate = options->isolate,
	};
}

static enum exit_code whole_document(const struct vm_result *result, const struct plan *plan,
				     const struct target *target, const char *command,
				     json_t **document)
{
	struct run_facts facts = target_facts(result, target, command);
	cleanup_free char *error = NULL;

	*document = document_build(result->records, result->records_bytes, &facts, &error);
	if (*document && json_array_size(document_results(*document)) != plan->count)
		error = xasprintf("%zu of %zu experiments were answered",
				  json_array_size(document_results(*document)), plan->count);
	if (!error)
		return EXIT_FINE;
	say_error("the results are not whole: %s", error);
	json_decref(*document);
	*document = NULL;
	return EXIT_TROUBLE;
}

enum exit_code road_boot(const struct plan *plan, const struct run_options *options,
			 unsigned int layout, const char *command, json_t **document)
{
	const struct target target = target_of(plan, options, layout);
	struct vm_result result = { .code = EXIT_FINE };
	enum exit_code code;

	*document = NULL;
	target_run(plan, &target, &result);
	code = result.code;
	if (code != EXIT_FINE)
		say_error("%s", result.message ? result.message : "the run did not end well");
	else
		code = whole_document(&result, plan, &target, command, document);
	vm_result_release(&result);
	return code;
}

/* One kernel on one architecture: a run for each layout joins *document, or begins it. */
static enum exit_code take_layouts(const struct plan *plan, const struct run_options *options,
				   const char *command, json_t **document)
{
	enum exit_code code = EXIT_FINE;

	for (unsigned int layout = 0; !code && layout < options->layouts; layout++) {
		json_t *next;

		if (layout)
			say_progress("layout %u of %u", layout + 1, options->layouts);
		code = road_boot(plan, options, layout, command, &next);
		if (code || !*document) {
			*document = code ? *document : next;
			continue;
		}
		document_join(*document, next);
		json_decref(next);
	}
	return code;
}

/* Boots that clear what is allocated, then boots that don't: a run of each. */
static enum exit_code take_both(const struct plan *plan, const struct run_options *options,
				const char *command, json_t **document)
{
	const char *more = options->append ? options->append : "";
	const char *blank = *more ? " " : "";
	cleanup_free char *on = xasprintf("%s%sinit_on_alloc=1", more, blank);
	cleanup_free char *off = xasprintf("%s%sinit_on_alloc=0", more, blank);
	struct run_options own = *options;
	enum exit_code code;

	own.append = on;
	code = take_layouts(plan, &own, command, document);
	if (code)
		return code;
	say_progress("with init_on_alloc=0");
	own.append = off;
	return take_layouts(plan, &own, command, document);
}

static bool is_remote_free_only(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->experiments[i].workload, "remote_free"))
			return false;
	return plan->count;
}

/* What a boot would only refuse. Beside other workloads it may, and they are carried out. */
static enum exit_code check_remote_free(const struct plan *plan, const struct run_options *options,
					const struct name_list *archs)
{
	if (options->on_host || strcmp(plan->clock, "instructions") || !is_remote_free_only(plan))
		return EXIT_FINE;
	for (size_t a = 0; a < archs->count; a++) {
		if (counts_on_several_cpus(archs->names[a], options->board))
			continue;
		say_error("%s: remote_free needs two CPUs, and %s counts instructions on one: "
			  "take --clock time, or --arch arm64", options->command,
			  archs->names[a]);
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

static enum exit_code find_kernel(const char *wanted, const char *arch)
{
	struct failure failure = { 0 };
	struct kernel kernel;
	enum exit_code code = EXIT_FINE;

	if (kernel_find(wanted, NULL, arch, false, &kernel, &failure)) {
		code = failure.code;
		say_error("%s", failure.message);
	}
	failure_release(&failure);
	kernel_release(&kernel);
	return code;
}

/* The options' reader has refused lists that are none. */
static void read_machines(const struct run_options *options, struct name_list *kernels,
			  struct name_list *archs)
{
	free(name_list_read(kernels, options->kernel, NULL));
	free(name_list_read(archs, options->arch, NULL));
}

static enum exit_code check(const struct plan *plan, const struct run_options *options,
			    const struct name_list *kernels, const struct name_list *archs)
{
	const bool several = kernels->count * archs->count > 1;
	enum exit_code code = check_remote_free(plan, options, archs);

	interrupt_catch();
	for (size_t k = 0; several && !code && k < kernels->count; k++)
		for (size_t a = 0; !code && a < archs->count; a++)
			code = find_kernel(kernels->names[k], archs->names[a]);
	return code;
}

enum exit_code road_check(const struct plan *plan, const struct run_options *options)
{
	struct name_list kernels = { 0 }, archs = { 0 };
	enum exit_code code;

	read_machines(options, &kernels, &archs);
	code = check(plan, options, &kernels, &archs);
	name_list_release(&kernels);
	name_list_release(&archs);
	return code;
}

enum exit_code road_take(const struct plan *plan, const struct run_options *options,
			 const char *command, json_t **document)
{
	struct name_list kernels = { 0 }, archs = { 0 };
	struct run_options own = *options;
	enum exit_code code;

	*document = NULL;
	read_machines(options, &kernels, &archs);
	code = check(plan, options, &kernels, &archs);
	for (size_t k = 0; !code && k < kernels.count; k++) {
		for (size_t a = 0; !code && a < archs.count; a++) {
			own.kernel = kernels.names[k];
			own.arch = archs.names[a];
			code = own.split_zeroing ? take_both(plan, &own, command, document) :
						   take_layouts(plan, &own, command, document);
		}
	}
	name_list_release(&kernels);
	name_list_release(&archs);
	if (code) {
		json_decref(*document);
		*document = NULL;
	}
	return code;
}
