// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab run: options -> plan -> target -> records -> document -> reports. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run_host.h"
#include "cli/run_isolated.h"
#include "cli/run_options.h"
#include "cli/run_plan.h"
#include "report/document.h"
#include "report/report.h"
#include "report/verdict.h"
#include "vm/vm.h"

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

/* The command line as a shell reads it back; lab says what it was called as. */
static char *command_line(int argc, char **argv)
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

static void run_in_vm(const struct plan *plan, const struct run_options *options,
		      struct vm_result *result)
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
		.cpus = 1,
		.append = options->append,
		.timeout_s = options->timeout_s,
		.verbose = options->verbose,
		.boot = options->boot,
	};

	plan_write(plan, out);
	fclose(out);
	job.plan = text;
	if (options->isolate)
		isolated_run(plan, &job, result);
	else
		vm_run(&job, result);
}

static json_t *make_document(const struct vm_result *result, const struct run_options *options,
			     const char *command, char **error)
{
	time_t now = time(NULL);
	char date[32];
	struct run_facts facts = {
		.target = options->on_host ? "host" : "vm",
		.accelerator = result->accelerator,
		.input_sha256 = *result->input_sha256 ? result->input_sha256 : NULL,
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

static enum exit_code write_reports(const json_t *document, const struct run_options *options)
{
	const struct {
		const char *path;
		void (*report)(const json_t *document, FILE *out);
	} files[] = {
		{ options->json, report_json },
		{ options->csv, report_csv },
		{ options->ktap, report_ktap },
	};
	enum exit_code code = EXIT_FINE;
	bool table = true;

	for (size_t i = 0; !code && i < sizeof(files) / sizeof(*files); i++) {
		if (!files[i].path)
			continue;
		code = output_write(files[i].path, document, files[i].report);
		table = table && strcmp(files[i].path, "-");
	}
	if (!code && table)
		report_table(document, options->verbose, stdout);
	return code ? code : output_finish();
}

static enum exit_code judge(const json_t *document)
{
	const json_t *first = json_array_get(document_results(document), 0);
	struct verdict verdict = verdict_of(document);

	if (verdict.failed || !verdict.self_check_ok)
		return EXIT_RECORD_FAILED;
	if (verdict.ok)
		return EXIT_FINE;
	say_error("every experiment was refused: %s",
		  json_string_value(json_object_get(first, "reason")));
	return EXIT_USAGE;
}

static enum exit_code report(const struct vm_result *result, const struct plan *plan,
			     const struct run_options *options, const char *command)
{
	cleanup_free char *error = NULL;
	json_t *document = make_document(result, options, command, &error);
	enum exit_code code;

	if (document && json_array_size(document_results(document)) != plan->count)
		error = xasprintf("%zu of %zu experiments were answered",
				  json_array_size(document_results(document)), plan->count);
	if (error) {
		say_error("the results are not whole: %s", error);
		json_decref(document);
		return EXIT_TROUBLE;
	}
	code = write_reports(document, options);
	if (!code)
		code = judge(document);
	json_decref(document);
	return code;
}

static enum exit_code check_outputs(const struct run_options *options)
{
	const char *const paths[] = { options->json, options->csv, options->ktap };
	enum exit_code code = EXIT_FINE;

	for (size_t i = 0; !code && i < sizeof(paths) / sizeof(*paths); i++)
		if (paths[i])
			code = output_check(paths[i]);
	return code;
}

static enum exit_code carry_out(const struct plan *plan, const struct run_options *options,
				const char *command)
{
	struct vm_result result = { .code = EXIT_FINE };
	enum exit_code code;

	interrupt_catch();
	if (options->on_host)
		host_run(plan, options->timeout_s, &result);
	else
		run_in_vm(plan, options, &result);
	code = result.code;
	if (code != EXIT_FINE)
		say_error("%s", result.message ? result.message : "the run did not end well");
	else
		code = report(&result, plan, options, command);
	vm_result_release(&result);
	return code;
}

enum exit_code cmd_run(int argc, char **argv)
{
	cleanup_free char *command = command_line(argc, argv);
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
		code = run_plan_make(&plan, &options);
		if (!code)
			code = check_outputs(&options);
		if (!code)
			code = carry_out(&plan, &options, command);
	}
	plan_release(&plan);
	run_options_release(&options);
	return code;
}
