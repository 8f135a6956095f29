// SPDX-License-Identifier: GPL-2.0-or-later
#include "kept.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/paths.h"
#include "report/document.h"

enum exit_code kept_say(struct failure *failure)
{
	enum exit_code code = failure->code;

	say_error("%s", failure->message);
	failure_release(failure);
	return code;
}

static struct store *open_store(struct failure *failure)
{
	cleanup_free char *path = xasprintf("%s/results.db", path_data());

	return store_open(path, failure);
}

struct store *kept_open(void)
{
	struct failure failure = { 0 };
	struct store *store = open_store(&failure);

	if (!store)
		kept_say(&failure);
	return store;
}

static char *text_at(const json_t *environment, const char *group, const char *name)
{
	const char *text = json_string_value(json_object_get(json_object_get(environment, group),
							     name));

	return (char *)text;
}

static int put(struct store *store, const json_t *document, const char *name,
	       const struct name_list *tags, int64_t *number, struct failure *failure)
{
	const json_t *environment = document_environment(document);
	cleanup_free char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(12));
	struct stored entry = {
		.date = text_at(environment, "run", "date") ?: "-",
		.name = (char *)name,
		.kernel = text_at(environment, "kernel", "release"),
		.command = text_at(environment, "run", "command"),
		.experiments = json_array_size(document_results(document)),
	};

	return store_add(store, &entry, tags ? (const char *const *)tags->names : NULL,
			 tags ? tags->count : 0, text, number, failure);
}

enum exit_code kept_put(struct store *store, const json_t *document, int64_t *number)
{
	struct failure failure = { 0 };

	return put(store, document, NULL, NULL, number, &failure) ? kept_say(&failure) : EXIT_FINE;
}

void kept_add(const json_t *document, const char *name, const struct name_list *tags)
{
	struct failure failure = { 0 };
	struct store *store = open_store(&failure);
	int64_t number;

	if (store && !put(store, document, name, tags, &number, &failure))
		say_progress("Kept as result %lld", (long long)number);
	else
		say_error("the result is not kept: %s", failure.message);
	failure_release(&failure);
	store_close(store);
}

static enum exit_code read_text(const char *what, const char *wanted, const char *text,
				size_t bytes, json_t **document)
{
	cleanup_free char *error = NULL;

	*document = document_read(text, bytes, &error);
	if (*document)
		return EXIT_FINE;
	say_error("%s: %s: %s", what, wanted, error);
	return EXIT_USAGE;
}

static enum exit_code load_stored(const char *what, const char *wanted, json_t **document)
{
	struct store *store = kept_open();
	struct failure failure = { 0 };
	cleanup_free char *text = NULL;
	enum exit_code code;
	int64_t number;

	if (!store)
		return EXIT_TROUBLE;
	if (!store_find(store, wanted, &number, &failure))
		text = store_document(store, number, &failure);
	if (text) {
		code = read_text(what, wanted, text, strlen(text), document);
	} else if (failure.code == EXIT_USAGE) {
		say_error(
			"%s: %s: neither a file nor a kept result: 'kmemlab list results' shows those",
			what, wanted);
		failure_release(&failure);
		code = EXIT_USAGE;
	} else {
		code = kept_say(&failure);
	}
	store_close(store);
	return code;
}

/* A folder that happens to have a result's name is no results. */
static bool is_file(const char *wanted)
{
	struct stat status;

	return strchr(wanted, '/') || (!stat(wanted, &status) && !S_ISDIR(status.st_mode));
}

/* A file is a file, whatever the store has under the same name. */
enum exit_code kept_load(const char *what, const char *wanted, json_t **document)
{
	cleanup_free char *text = NULL;
	size_t bytes;

	*document = NULL;
	if (!is_file(wanted))
		return load_stored(what, wanted, document);
	text = file_read(wanted, &bytes);
	if (text)
		return read_text(what, wanted, text, bytes, document);
	say_error("%s: %s: %s", what, wanted, strerror(errno));
	return EXIT_USAGE;
}
