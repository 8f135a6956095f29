// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab results: what becomes of the results that are kept. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "cli/options.h"
#include "cli/output.h"
#include "exec/nearest.h"
#include "report/document.h"
#include "report/report.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char help[] =
	"Usage: kmemlab results name RESULT NAME\n"
	"       kmemlab results tag RESULT TAG...\n"
	"       kmemlab results untag RESULT TAG...\n"
	"       kmemlab results export RESULT [FILE]\n"
	"       kmemlab results import FILE...\n"
	"       kmemlab results remove RESULT...\n"
	"       kmemlab results prune KEEP\n"
	"\n"
	"RESULT is a name, a number or 'last'; 'kmemlab list results' shows them all. A name\n"
	"moves from the result that had it. export writes the document that 'run --json'\n"
	"writes; FILE may be -, standard output, which it is unless told. prune removes all but\n"
	"the newest KEEP of the results with neither a name nor a tag.\n"
	"\n"
	"  --help    this text\n"
	"\n"
	"Example: kmemlab results name last before-the-patch\n";

static enum exit_code find(struct store *store, const char *wanted, int64_t *number)
{
	struct failure failure = { 0 };

	return store_find(store, wanted, number, &failure) ? kept_say(&failure) : EXIT_FINE;
}

static enum exit_code check_name(const char *name)
{
	cleanup_free char *error = store_name_error(name);

	if (!error)
		return EXIT_FINE;
	say_error("results: %s: %s", name, error);
	return EXIT_USAGE;
}

/* One word for one result: a name, a tag more, a tag less. All of them or none. */
static enum exit_code apply(struct store *store, char **words, int count,
			    int (*call)(struct store *store, int64_t number, const char *word,
					struct failure *failure))
{
	struct failure failure = { 0 };
	enum exit_code code;
	int64_t number;
	int error;

	code = find(store, words[0], &number);
	for (int i = 1; !code && i < count; i++)
		code = check_name(words[i]);
	if (code)
		return code;
	error = store_begin(store, &failure);
	if (error)
		return kept_say(&failure);
	for (int i = 1; !error && i < count; i++)
		error = call(store, number, words[i], &failure);
	return store_end(store, error, &failure) ? kept_say(&failure) : EXIT_FINE;
}

static enum exit_code name(struct store *store, char **words, int count)
{
	return apply(store, words, count, store_name);
}

static enum exit_code tag(struct store *store, char **words, int count)
{
	return apply(store, words, count, store_tag);
}

static enum exit_code untag(struct store *store, char **words, int count)
{
	return apply(store, words, count, store_untag);
}

static enum exit_code export(struct store *store, char **words, int count)
{
	struct failure failure = { 0 };
	cleanup_free char *text = NULL;
	cleanup_free char *error = NULL;
	enum exit_code code;
	json_t *document;
	int64_t number;

	code = find(store, words[0], &number);
	if (code)
		return code;
	text = store_document(store, number, &failure);
	if (!text)
		return kept_say(&failure);
	document = document_read(text, strlen(text), &error);
	if (!document) {
		say_error("results: result %s cannot be read: %s", words[0], error);
		return EXIT_TROUBLE;
	}
	code = output_write(count > 1 ? words[1] : "-", document, report_json);
	json_decref(document);
	return code ? code : output_finish();
}

static enum exit_code import(struct store *store, char **words, int count)
{
	enum exit_code code = EXIT_FINE;

	for (int i = 0; !code && i < count; i++) {
		cleanup_free char *path = strchr(words[i], '/') ? xstrdup(words[i]) :
								  xasprintf("./%s", words[i]);
		json_t *document = NULL;
		int64_t number;

		code = kept_load("results", path, &document);
		if (!code)
			code = kept_put(store, document, &number);
		if (!code)
			printf("%lld\n", (long long)number);
		json_decref(document);
	}
	return code ? code : output_finish();
}

/* All are found before the first is gone, which 'last' and what follows it would mean else. */
static enum exit_code remove_results(struct store *store, char **words, int count)
{
	cleanup_free int64_t *numbers = xcalloc(count, sizeof(*numbers));
	struct failure failure = { 0 };
	enum exit_code code = EXIT_FINE;
	int error;

	for (int i = 0; !code && i < count; i++)
		code = find(store, words[i], &numbers[i]);
	if (code)
		return code;
	error = store_begin(store, &failure);
	if (error)
		return kept_say(&failure);
	for (int i = 0; !error && i < count; i++)
		error = store_remove(store, numbers[i], &failure);
	return store_end(store, error, &failure) ? kept_say(&failure) : EXIT_FINE;
}

static enum exit_code prune(struct store *store, char **words, int count)
{
	struct failure failure = { 0 };
	int64_t removed = 0;
	unsigned int keep;

	(void)count;
	if (!option_number("results: prune", words[0], 0, 1U << 30, &keep))
		return EXIT_USAGE;
	if (store_prune(store, keep, &removed, &failure))
		return kept_say(&failure);
	say_note("%lld removed", (long long)removed);
	if (store_shrink(store, &failure))
		say_note("they are gone, but their space is kept for new results: %s",
			 failure.message);
	failure_release(&failure);
	return EXIT_FINE;
}

static const struct verb {
	const char *name;
	enum exit_code (*run)(struct store *store, char **words, int count);
	int least, most;	/* words after it */
	const char *wants;
} verbs[] = {
	{ "name", name, 2, 2, "RESULT NAME" },
	{ "tag", tag, 2, 1000, "RESULT TAG..." },
	{ "untag", untag, 2, 1000, "RESULT TAG..." },
	{ "export", export, 1, 2, "RESULT [FILE]" },
	{ "import", import, 1, 1000, "FILE..." },
	{ "remove", remove_results, 1, 1000, "RESULT..." },
	{ "prune", prune, 1, 1, "KEEP" },
};

static enum exit_code say_unknown(const char *text)
{
	const char *names[COUNT(verbs)];
	const char *meant;

	for (size_t i = 0; i < COUNT(verbs); i++)
		names[i] = verbs[i].name;
	meant = nearest_name(text, names, COUNT(verbs));
	if (meant)
		say_error("results: unknown '%s': did you mean '%s'?", text, meant);
	else
		say_error("results: unknown '%s': 'kmemlab results --help' shows them all", text);
	return EXIT_USAGE;
}

static enum exit_code carry_out(const struct verb *verb, char **words, int count)
{
	enum exit_code code;
	struct store *store;

	if (count < verb->least || count > verb->most) {
		say_error("results: %s wants %s", verb->name, verb->wants);
		return EXIT_USAGE;
	}
	store = kept_open();
	if (!store)
		return EXIT_TROUBLE;
	code = verb->run(store, words, count);
	store_close(store);
	return code;
}

enum exit_code cmd_results(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	if (argc < 2) {
		say_error("results: a word is wanted: 'kmemlab results --help' shows them all");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return carry_out(&verbs[i], argv + 2, argc - 2);
	return say_unknown(argv[1]);
}
