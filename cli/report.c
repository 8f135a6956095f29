// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab report: turns results that are there into the forms that run writes. */
#include <stdio.h>

#include "base/memory.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/forms.h"
#include "cli/kept.h"
#include "cli/output.h"
#include "report/document.h"
#include "report/report.h"

static const char help[] =
	"Usage: kmemlab report RESULT... [OPTION]...\n"
	"\n"
	"Shows results again. RESULT is a file of 'run --json', or a kept result's name or\n"
	"number. Without options the table; several results become one file of each form.\n"
	"\n"
	"  --json FILE         the whole document (FILE may be -, standard output)\n"
	"  --csv FILE          one row an experiment\n"
	"  --ktap FILE         one test an experiment\n"
	"  --html FILE         one page that needs no other file\n"
	"  --verbose           each experiment in full\n"
	"  --quiet             results and errors only\n"
	"  --help              this text\n"
	"\n"
	"Example: kmemlab report last --html last.html\n";

/* All that says what to run. */
static const struct option own_options[] = {
	{ "facility", 1, NULL, 0 }, { "workload", 1, NULL, 0 }, { "objects", 1, NULL, 0 },
	{ "size", 1, NULL, 0 }, { "align", 1, NULL, 0 }, { "gfp", 1, NULL, 0 }, { "condition", 1, NULL, 0 },
	{ "repeats", 1, NULL, 0 }, { "seed", 1, NULL, 0 },
	{ "plan", 1, NULL, 0 }, { "clock", 1, NULL, 0 }, { "target", 1, NULL, 0 },
	{ "kernel", 1, NULL, 0 }, { "arch", 1, NULL, 0 }, { "memory", 1, NULL, 0 },
	{ "append", 1, NULL, 0 }, { "layouts", 1, NULL, 0 }, { "timeout", 1, NULL, 0 },
	{ "tails", 0, NULL, 0 }, { "pmu", 0, NULL, 0 }, { "split-zeroing", 0, NULL, 0 },
	{ "repeat-of", 1, NULL, 0 }, { "name", 1, NULL, 0 }, { "tag", 1, NULL, 0 },
	{ "no-store", 0, NULL, 0 }, { 0 }
};

static enum exit_code load(char **wanted, int count, json_t **documents, json_t **joined)
{
	enum exit_code code = EXIT_FINE;

	for (int i = 0; !code && i < count; i++) {
		code = kept_load("report", wanted[i], &documents[i]);
		if (code)
			break;
		if (*joined)
			document_join(*joined, documents[i]);
		else
			*joined = json_copy(documents[i]);
		if (!i)
			json_object_set_new(*joined, "runs",
					    json_copy(json_object_get(documents[i], "runs")));
	}
	return code;
}

static enum exit_code show(const struct run_options *options, char **wanted, int count)
{
	cleanup_free json_t **documents = xcalloc(count, sizeof(*documents));
	json_t *joined = NULL;
	enum exit_code code = load(wanted, count, documents, &joined);
	bool is_file = options->json || options->csv || options->ktap || options->html, table;

	if (!code)
		code = forms_write(joined, options, &table);
	for (int i = 0; i < count; i++) {
		if (!code && !is_file && i)
			putchar('\n');
		if (!code && !is_file)
			report_table(documents[i], options->verbose, stdout);
		json_decref(documents[i]);
	}
	json_decref(joined);
	return code ? code : output_finish();
}

enum exit_code cmd_report(int argc, char **argv)
{
	const struct option_extension extension = {
		.command = "report", .options = own_options, .takes_operands = true,
	};
	struct run_options options;
	enum exit_code code = run_options_read_for(&extension, &options, argc, argv);

	if (!code && options.help) {
		fputs(help, stdout);
		code = output_finish();
	} else if (!code && optind >= argc) {
		say_error(
			"report: a result is wanted: a file, or what 'kmemlab list results' shows");
		code = EXIT_USAGE;
	} else if (!code) {
		say_quiet(options.quiet);
		code = forms_check(&options);
		if (!code)
			code = show(&options, argv + optind, argc - optind);
	}
	run_options_release(&options);
	return code;
}
