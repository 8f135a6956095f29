// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab report: print or convert existing results. */
#include <stdio.h>

#include "base/memory.h"
#include "base/terminal.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/result_store.h"
#include "report/document.h"
#include "report/report.h"

/* Load the results, and join copies of them in one document. */
static enum exit_code load_results(const struct options *options, json_t **documents,
				   json_t **joined)
{
	enum exit_code code = EXIT_OK;

	for (int i = 0; !code && i < options->operand_count; i++) {
		code = result_load("report", options->operands[i], &documents[i]);
		if (code)
			break;
		if (*joined) {
			document_join(*joined, documents[i]);
			continue;
		}
		*joined = json_copy(documents[i]);
		json_object_set_new(*joined, "runs",
				    json_copy(json_object_get(documents[i], "runs")));
	}
	return code;
}

static enum exit_code print_results(const struct options *options, json_t **documents,
				    json_t *joined)
{
	size_t files;
	bool is_stdout_free;
	enum exit_code code = results_files_write(options, joined, &files, &is_stdout_free);

	for (int i = 0; !code && !files && i < options->operand_count; i++) {
		if (i)
			fputc('\n', terminal_out());
		report_table(documents[i], options->verbose, terminal_out());
		if (options->histogram)
			report_histogram(documents[i], terminal_out());
	}
	return code;
}

static enum exit_code cmd_report(struct options *options)
{
	cleanup_free json_t **documents = xcalloc(options->operand_count, sizeof(*documents));
	enum exit_code code = options_check_outputs(options);
	json_t *joined = NULL;

	if (!code)
		code = load_results(options, documents, &joined);
	if (!code)
		code = print_results(options, documents, joined);
	for (int i = 0; i < options->operand_count; i++)
		json_decref(documents[i]);
	json_decref(joined);
	return code;
}

const struct command report_command = {
	.name = "report",
	.bit = CMD_REPORT,
	.run = cmd_report,
	.summary = "print results, or convert them to the formats of other tools",
	.usage = "report RESULT... [OPTION]...",
	.description = "Print the tables of existing results, or write them to files; several "
		"results are joined in one file. RESULT is a file of 'run --json', or the name or "
		"number of a stored result.",
	.example = "report last --html last.html",
	.operand = "RESULT",
	.operands_min = 1,
	.operands_max = 1000,
};
