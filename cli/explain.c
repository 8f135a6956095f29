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

static void (*const writers[EXPLAIN_OUTPUTS])(const json_t *document, FILE *out) = {
	[EXPLAIN_JSON] = report_json,
	[EXPLAIN_FOLDED] = view_folded,
	[EXPLAIN_HTML] = report_explanation_html,
};

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
	bool stdout_taken = false;

	for (size_t i = 0; i < EXPLAIN_OUTPUTS && !code; i++) {
		const char *path = options->outputs[i];

		if (path)
			code = output_write(path, document, writers[i]);
		stdout_taken |= path && !strcmp(path, "-");
	}
	if (!code && !stdout_taken)
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
		for (size_t i = 0; i < EXPLAIN_OUTPUTS && !code; i++)
			if (options.outputs[i])
				code = output_check(options.outputs[i]);
		if (!code)
			code = explain(&options);
	}
	explain_options_release(&options);
	return code;
}
