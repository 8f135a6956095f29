// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab explain: one operation, and where each of its instructions goes. */
#include <string.h>

#include "base/interrupt.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/explain_run.h"
#include "cli/output.h"
#include "explain/alignment.h"
#include "report/report.h"

static bool goes_to_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

static void print_views(const struct compared *sides, size_t count, bool blocks)
{
	if (count > 1) {
		view_comparison(sides, count, stdout);
		return;
	}
	view_tree(sides[0].analysis, sides[0].path, sides[0].facts, stdout);
	if (blocks)
		view_blocks(sides[0].analysis, sides[0].path, stdout);
}

static enum exit_code report(const struct compared *sides, size_t count,
			     const struct explain_options *options)
{
	json_t *document = count > 1 ? view_comparison_json(sides, count) :
			   view_json(sides[0].analysis, sides[0].path, sides[0].facts);
	enum exit_code code = EXIT_FINE;

	if (options->json)
		code = output_write(options->json, document, report_json);
	if (!code && options->folded)
		code = output_write(options->folded, document, view_folded);
	if (!code && !goes_to_stdout(options->json) && !goes_to_stdout(options->folded))
		print_views(sides, count, options->blocks);
	json_decref(document);
	if (!code)
		code = output_finish();
	for (size_t i = 0; i < count && !code; i++)
		if (sides[i].analysis->differing)
			code = EXIT_RECORD_FAILED;
	return code;
}

static enum exit_code explain(const struct explain_options *options)
{
	struct explanation explanations[SIDES_MAX] = { 0 };
	struct compared sides[SIDES_MAX] = { 0 };
	size_t count = options->kernels.count;
	enum exit_code code = EXIT_FINE;

	for (size_t i = 0; i < count && !code; i++) {
		code = explain_kernel(&explanations[i], options->kernels.names[i], options);
		sides[i] = (struct compared) {
			.analysis = &explanations[i].analysis,
			.path = analysis_path(&explanations[i].analysis, options->state),
			.facts = &explanations[i].facts,
		};
	}
	if (!code)
		code = report(sides, count, options);
	for (size_t i = 0; i < count; i++)
		explanation_release(&explanations[i]);
	return code;
}

enum exit_code cmd_explain(int argc, char **argv)
{
	struct explain_options options;
	enum exit_code code = explain_options_read(&options, argc, argv);

	if (!code && options.help) {
		fputs(explain_help, stdout);
		code = output_finish();
	} else if (!code) {
		say_quiet(options.quiet);
		interrupt_catch();
		if (options.json)
			code = output_check(options.json);
		if (!code && options.folded)
			code = output_check(options.folded);
		if (!code)
			code = explain(&options);
	}
	explain_options_release(&options);
	return code;
}
