// SPDX-License-Identifier: GPL-2.0-or-later
#include "road.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "report/document.h"
#include "run_host.h"
#include "vm/vm.h"

/* Of a virtual machine: more would only make it slower. */
#define CPUS_MAX 8

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
	for (; *word; word++)
		*word == '\'' ? fputs("'\\''", out) : fputc(*word, out);
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

/* What the plan's experiments name or need; what can't be counted is refused by the module. */
static unsigned int cpus_wanted(const struct plan *plan)
{
	unsigned int cpus = 1;

	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];

		if (!strcmp(spec->workload, "remote_free") && cpus < 2)
			cpus = 2;
		if (spec->free_cpu >= (int)cpus && spec->free_cpu < CPUS_MAX)
			cpus = spec->free_cpu + 1;
	}
	return cpus;
}

static void run_in_vm(const struct plan *plan, const struct run_options *options,
		      unsigned int layout, struct vm_result *result)
{
	bool counted = !strcmp(plan->clock, "instructions");
	cleanup_free char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct vm_job job = {
		.kernel = options->kernel,
		.arch = options->arch,
		.clock = counted ? VM_CLOCK_INSTRUCTIONS : VM_CLOCK_TIME,
		.memory_mib = options->memory_mib,
		.cpus = counted ? 1 : cpus_wanted(plan),
		.append = options->append,
		.layout = layout,
		.timeout_s = options->timeout_s,
		.verbose = options->verbose,
	};

	plan_write(plan, out);
	fclose(out);
	job.plan = text;
	vm_run(&job, result);
}

static json_t *make_document(const struct vm_result *result, const struct run_options *options,
			     unsigned int layout, const char *command, char **error)
{
	time_t now = time(NULL);
	char date[32];
	struct run_facts facts = {
		.target = options->on_host ? "host" : "vm",
		.accelerator = result->accelerator,
		.input_sha256 = *result->input_sha256 ? result->input_sha256 : NULL,
		.arch = options->on_host ? NULL : options->arch,
		.memory_mib = options->memory_mib,
		.append = options->append,
		.layout = layout,
		.command = command,
		.date = date,
		.kmemlab_version = KMEMLAB_VERSION,
		.accelerator_reason = result->accelerator_reason,
		.qemu_version = result->qemu_version,
		.kernel_package_version = result->kernel_package_version,
		.boot_s = result->boot_s,
		.total_s = result->total_s,
	};

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	return document_build(result->records, result->records_bytes, &facts, error);
}

static enum exit_code whole_document(const struct vm_result *result, const struct plan *plan,
				     const struct run_options *options, unsigned int layout,
				     const char *command, json_t **document)
{
	cleanup_free char *error = NULL;

	*document = make_document(result, options, layout, command, &error);
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
	struct vm_result result = { .code = EXIT_FINE };
	enum exit_code code;

	*document = NULL;
	interrupt_catch();
	if (options->on_host)
		host_run(plan, options->timeout_s, &result);
	else
		run_in_vm(plan, options, layout, &result);
	code = result.code;
	if (code != EXIT_FINE)
		say_error("%s", result.message ? result.message : "the run did not end well");
	else
		code = whole_document(&result, plan, options, layout, command, document);
	vm_result_release(&result);
	return code;
}

/* One boot more, whose run is appended. */
static enum exit_code boot_next(const struct plan *plan, const struct run_options *options,
				unsigned int layout, const char *command, json_t *document)
{
	json_t *next;
	enum exit_code code = road_boot(plan, options, layout, command, &next);

	if (!code)
		document_join(document, next);
	json_decref(next);
	return code;
}

/* A boot that clears what is allocated, then one that doesn't. */
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
	code = road_boot(plan, &own, 0, command, document);
	if (code)
		return code;
	say_progress("without clearing");
	own.append = off;
	return boot_next(plan, &own, 0, command, *document);
}

static enum exit_code take_layouts(const struct plan *plan, const struct run_options *options,
				   const char *command, json_t **document)
{
	enum exit_code code = road_boot(plan, options, 0, command, document);

	for (unsigned int layout = 1; !code && layout < options->layouts; layout++) {
		say_progress("layout %u of %u", layout + 1, options->layouts);
		code = boot_next(plan, options, layout, command, *document);
	}
	return code;
}

enum exit_code road_take(const struct plan *plan, const struct run_options *options,
			 const char *command, json_t **document)
{
	enum exit_code code = options->split_zeroing ?
			      take_both(plan, options, command, document) :
			      take_layouts(plan, options, command, document);

	if (code) {
		json_decref(*document);
		*document = NULL;
	}
	return code;
}
