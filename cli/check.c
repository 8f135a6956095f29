// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab check: tell whether kernel modules are right. */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/terminal.h"
#include "cli/check_report.h"
#include "cli/check_run.h"
#include "cli/output_file.h"
#include "report/report.h"

/* A module that is checked in a process of its own */
struct worker {
	pid_t pid;	/* 0: it has ended */
	FILE *result;	/* of the process, a JSON document */
};

static void worker_start(struct worker *worker, const struct options *options, const char *path)
{
	worker->result = tmpfile();
	fflush(NULL);
	worker->pid = worker->result ? fork() : -1;
	if (!worker->pid) {
		json_t *result = check_run(options, path);

		json_dumpf(result, worker->result, 0);
		fflush(worker->result);
		fflush(stderr);
		_exit(0);
	}
}

/* Wait until a worker ends; Ctrl-C reaches them, too. */
static void wait_for_one(struct worker *workers, size_t count)
{
	pid_t pid;

	do
		pid = wait(NULL);
	while (pid < 0 && errno == EINTR);
	for (size_t i = 0; i < count; i++)
		if (workers[i].pid == pid)
			workers[i].pid = 0;
}

static json_t *worker_result(struct worker *worker, const char *path)
{
	json_t *result = NULL;

	if (worker->result) {
		rewind(worker->result);
		result = json_loadf(worker->result, 0, NULL);
		fclose(worker->result);
	}
	return result ?: json_pack("{s:o, s:s, s:i, s:s, s:[], s:[]}", "module", json_text(path),
				   "verdict", "not checked", "error_code", EXIT_HOST_ERROR, "error",
				   "the process that checked it has failed", "findings", "notes");
}

static json_t *check_all(const struct options *options)
{
	size_t count = options->operand_count, running = 0;
	cleanup_free struct worker *workers = xcalloc(count, sizeof(*workers));
	json_t *modules = json_array();

	for (size_t i = 0; i < count && !interrupted(); i++) {
		if (running == options->jobs) {
			wait_for_one(workers, count);
			running--;
		}
		worker_start(&workers[i], options, options->operands[i]);
		running++;
	}
	for (; running; running--)
		wait_for_one(workers, count);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(modules, worker_result(&workers[i], options->operands[i]));
	return json_pack("{s:s, s:o}", "exercise", options->exercise, "modules", modules);
}

/* Return the status of all: an error of ours, a wrong module, one that does not build. */
static enum exit_code overall_status(const json_t *document)
{
	enum exit_code code = EXIT_OK;
	const json_t *module;
	size_t i;

	json_array_foreach(json_object_get(document, "modules"), i, module) {
		const char *verdict = json_str(module, "verdict", "");

		if (!strcmp(verdict, "not checked")) {
			long long cause = json_int(module, "error_code", EXIT_HOST_ERROR);

			log_error("%s: %s", json_str(module, "module", ""),
				  json_str(module, "error", "not checked"));
			return cause == EXIT_USAGE || cause == EXIT_WATCHDOG ? cause : EXIT_HOST_ERROR;
		}
		if (!strcmp(verdict, "wrong"))
			code = EXIT_CHECK_FAILED;
		else if (!strcmp(verdict, "does not build") && !code)
			code = EXIT_BUILD_FAILED;
	}
	return code;
}

/* Check that --param has the form NAME=LIST. */
static enum exit_code check_params(const struct options *options)
{
	static const char letters[] = "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < options->params.count; i++) {
		const char *text = options->params.names[i];
		size_t length = strspn(text, letters);

		if (!length || text[length] != '=' || !text[length + 1])
			return usage_error(options, "--param must be NAME=LIST, got '%s'", text);
		/* The guest repeats the values in UTF-8. */
		for (const char *c = text; *c; c++)
			if (*c < ' ' || *c > '~')
				return usage_error(options, "--param must be printable ASCII, got '%s'",
						   text);
	}
	return EXIT_OK;
}

static enum exit_code cmd_check(struct options *options)
{
	const struct output outputs[] = {
		{ options->json, report_json }, { options->csv, check_csv },
		{ options->ktap, check_ktap }, { options->markdown, check_markdown },
	};
	enum exit_code code, lost;
	bool is_stdout_free;
	json_t *document;

	code = check_params(options);
	if (code)
		return code;
	interrupt_catch();
	document = check_all(options);
	if (interrupted()) {
		json_decref(document);
		return EXIT_INTERRUPTED;
	}
	check_document_finish(document);
	lost = outputs_write(outputs, ARRAY_SIZE(outputs), document, &is_stdout_free);
	if (is_stdout_free)
		check_text(document, terminal_out());
	code = overall_status(document);
	json_decref(document);
	return lost ?: code;
}

const struct command check_command = {
	.name = "check",
	.bit = CMD_CHECK,
	.run = cmd_check,
	.summary = "tell whether a kernel module is right",
	.usage = "check FILE.c|DIR|FILE.ko... [OPTION]...",
	.description = "Build a module, load and unload it in a temporary virtual machine, and report "
		"what is wrong with it: memory, threads and files that it leaves behind, with the source "
		"line; memory that is freed twice or with another order; threads that use the CPU while "
		"they have nothing to do; crashes, endless loops and warnings of the kernel. The module "
		"and the kernel are not changed. With --exercise studio, it also checks the pages, their "
		"order and each value in memory, for several values of nr_structs.\n"
		"With several modules, a table shows them, the worst first, and equal failures are "
		"counted.\n"
		"The exit status is 0 if all modules are right, 1 if one is wrong, 3 if one does not "
		"build, 124 if a timeout expired, and 125 if a module could not be checked.",
	.example = "check kernel_memory.c --exercise studio",
	.operand = "module",
	.operands_min = 1,
	.operands_max = 1000,
};
