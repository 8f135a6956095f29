// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab results: name, tag, export, import and remove stored results. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/result_store.h"
#include "lib/parse_number.h"
#include "report/document.h"
#include "report/report.h"

/* The operands after the action. */
struct arguments {
	const struct options *options;
	const struct action *action;
	char **words;
	int count;
};

struct action {
	const char *name;
	enum exit_code (*run)(struct store *store, const struct arguments *args);
	int min, max;		/* number of arguments */
	const char *usage;
	int (*update)(struct store *store, int64_t number, const char *word,
		      struct error *failure);	/* for update_result() */
};

static enum exit_code find_result(struct store *store, const char *name, int64_t *number)
{
	struct error failure = { 0 };

	return store_find(store, name, number, &failure) ? report_error(&failure) : EXIT_OK;
}

static enum exit_code check_name(const struct options *options, const char *name)
{
	cleanup_free char *error = store_name_error(name);

	return error ? usage_error(options, "'%s': %s", name, error) : EXIT_OK;
}

/* Name, tag or untag a result with each word after it: with all of them or none. */
static enum exit_code update_result(struct store *store, const struct arguments *args)
{
	struct error failure = { 0 };
	enum exit_code code;
	int64_t number;
	int err;

	code = find_result(store, args->words[0], &number);
	for (int i = 1; !code && i < args->count; i++)
		code = check_name(args->options, args->words[i]);
	if (code)
		return code;
	err = store_begin(store, &failure);
	if (err)
		return report_error(&failure);
	for (int i = 1; !err && i < args->count; i++)
		err = args->action->update(store, number, args->words[i], &failure);
	return store_end(store, err, &failure) ? report_error(&failure) : EXIT_OK;
}

static enum exit_code export_result(struct store *store, const struct arguments *args)
{
	struct error failure = { 0 };
	cleanup_free char *text = NULL;
	cleanup_free char *error = NULL;
	enum exit_code code;
	json_t *document;
	int64_t number;

	code = find_result(store, args->words[0], &number);
	if (code)
		return code;
	text = store_document(store, number, &failure);
	if (!text)
		return report_error(&failure);
	document = document_read(args->words[0], text, strlen(text), &error);
	if (!document) {
		log_error("results: %s", error);
		return EXIT_HOST_ERROR;
	}
	code = output_write(args->count > 1 ? output_path(args->words[1]) : "-", document,
			    report_json);
	json_decref(document);
	return code;
}

static enum exit_code import_results(struct store *store, const struct arguments *args)
{
	enum exit_code code = EXIT_OK;

	for (int i = 0; !code && i < args->count; i++) {
		const char *word = args->words[i];
		/* A name without a slash could be that of a stored result. */
		cleanup_free char *path = xasprintf("%s%s", strchr(word, '/') ? "" : "./", word);
		json_t *document = NULL;
		int64_t number;

		code = result_load("results", path, &document);
		if (!code)
			code = result_save(store, document, &number);
		if (!code)
			printf("%lld\n", (long long)number);
		json_decref(document);
	}
	return code;
}

/* Find all results before removing the first, since that can change what "last" means. */
static enum exit_code remove_results(struct store *store, const struct arguments *args)
{
	cleanup_free int64_t *numbers = xcalloc(args->count, sizeof(*numbers));
	struct error failure = { 0 };
	enum exit_code code = EXIT_OK;
	int err;

	for (int i = 0; !code && i < args->count; i++)
		code = find_result(store, args->words[i], &numbers[i]);
	if (code)
		return code;
	err = store_begin(store, &failure);
	if (err)
		return report_error(&failure);
	for (int i = 0; !err && i < args->count; i++)
		err = store_remove(store, numbers[i], &failure);
	return store_end(store, err, &failure) ? report_error(&failure) : EXIT_OK;
}

static enum exit_code prune_results(struct store *store, const struct arguments *args)
{
	struct error failure = { 0 };
	const char *end = args->words[0];
	int64_t removed = 0;
	uint64_t keep;

	if (parse_number(args->words[0], &end, &keep) || *end || keep > 1 << 30)
		return usage_error(args->options,
				   "KEEP must be a number between 0 and %d, got '%s'",
				   1 << 30, args->words[0]);
	if (store_prune(store, keep, &removed, &failure))
		return report_error(&failure);
	log_notice("%lld removed", (long long)removed);
	if (store_shrink(store, &failure))
		log_notice("the file was not shrunk; new results will use the free space: %s",
			   failure.message);
	error_release(&failure);
	return EXIT_OK;
}

static const struct action actions[] = {
	{ "name", update_result, 2, 2, "RESULT NAME", store_name },
	{ "tag", update_result, 2, 1000, "RESULT TAG...", store_tag },
	{ "untag", update_result, 2, 1000, "RESULT TAG...", store_untag },
	{ "export", export_result, 1, 2, "RESULT [FILE]", NULL },
	{ "import", import_results, 1, 1000, "FILE...", NULL },
	{ "remove", remove_results, 1, 1000, "RESULT...", NULL },
	{ "prune", prune_results, 1, 1, "KEEP", NULL },
};

static enum exit_code cmd_results(struct options *options)
{
	const struct action *action = actions;
	struct arguments args = {
		.options = options,
		.words = options->operands + 1,
		.count = options->operand_count - 1,
	};
	enum exit_code code;
	struct store *store;

	while (strcmp(action->name, options->operands[0]))
		action++;
	args.action = action;
	if (args.count < action->min || args.count > action->max)
		return usage_error(options, "%s requires %s", action->name, action->usage);
	store = result_store_open();
	if (!store)
		return EXIT_HOST_ERROR;
	code = action->run(store, &args);
	store_close(store);
	return code;
}

const struct command results_command = {
	.name = "results",
	.bit = CMD_RESULTS,
	.run = cmd_results,
	.summary = "name, tag, export, import and remove stored results",
	.usage = "results name RESULT NAME\n"
		"results tag RESULT TAG...\n"
		"results untag RESULT TAG...\n"
		"results export RESULT [FILE]\n"
		"results import FILE...\n"
		"results remove RESULT...\n"
		"results prune KEEP",
	.description = "RESULT is a name, a number or 'last' (see 'kmemlab list results'). name "
		"moves a name that another result has. export writes the document of "
		"'run --json', by default to standard output. prune removes results without a name "
		"or tag, except the newest KEEP.",
	.example = "results name last before-the-patch",
	.operand = "action",
	.operands_min = 1,
	.operands_max = 1001,
	.first_operands = (const char *const[]) {
		"name", "tag", "untag", "export", "import", "remove", "prune", NULL
	},
};
