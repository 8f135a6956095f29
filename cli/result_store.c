// SPDX-License-Identifier: GPL-2.0-or-later
#include "result_store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/paths.h"
#include "report/document.h"

enum exit_code report_error(struct error *failure)
{
	enum exit_code code = failure->code;

	log_error("%s", failure->message);
	error_release(failure);
	return code;
}

static struct store *open_store(struct error *failure)
{
	cleanup_free char *path = xasprintf("%s/results.db", path_data());

	return store_open(path, failure);
}

struct store *result_store_open(void)
{
	struct error failure = { 0 };
	struct store *store = open_store(&failure);

	if (!store)
		report_error(&failure);
	return store;
}

static int store_result(struct store *store, const json_t *document, const char *name,
			const struct name_list *tags, int64_t *number, struct error *failure)
{
	const json_t *environment = document_environment(document);
	cleanup_free char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(12));
	struct stored entry = {
		.date = (char *)json_str(environment, "run.date", "-"),
		.name = (char *)name,
		.kernel = (char *)json_str(environment, "kernel.release", NULL),
		.command = (char *)json_str(environment, "run.command", NULL),
		.experiments = json_array_size(document_results(document)),
	};

	return store_add(store, &entry, tags ? (const char *const *)tags->names : NULL,
			 tags ? tags->count : 0, text, number, failure);
}

enum exit_code result_save(struct store *store, const json_t *document, int64_t *number)
{
	struct error failure = { 0 };

	return store_result(store, document, NULL, NULL, number, &failure) ?
	       report_error(&failure) : EXIT_OK;
}

void result_keep(const json_t *document, const char *name, const struct name_list *tags)
{
	struct error failure = { 0 };
	struct store *store = open_store(&failure);
	int64_t number;

	if (store && !store_result(store, document, name, tags, &number, &failure))
		log_progress("Stored as result %lld", (long long)number);
	else
		log_error("the result was not stored: %s", failure.message);
	error_release(&failure);
	store_close(store);
}

static enum exit_code parse_document(const char *prefix, const char *name, const char *text,
				     size_t bytes, json_t **document)
{
	cleanup_free char *error = NULL;

	*document = document_read(name, text, bytes, &error);
	if (*document)
		return EXIT_OK;
	log_error("%s: %s", prefix, error);
	return EXIT_USAGE;
}

static enum exit_code load_stored(const char *prefix, const char *name, json_t **document)
{
	struct store *store = result_store_open();
	struct error failure = { 0 };
	cleanup_free char *text = NULL;
	enum exit_code code;
	int64_t number;

	if (!store)
		return EXIT_HOST_ERROR;
	if (!store_find(store, name, &number, &failure))
		text = store_document(store, number, &failure);
	if (text) {
		code = parse_document(prefix, name, text, strlen(text), document);
	} else if (failure.code == EXIT_USAGE) {
		log_error("%s: %s: no such file or stored result (see 'kmemlab list results')",
			  prefix, name);
		error_release(&failure);
		code = EXIT_USAGE;
	} else {
		code = report_error(&failure);
	}
	store_close(store);
	return code;
}

/* A name with a slash is a path; a directory may have the name of a stored result. */
static bool is_file(const char *name)
{
	struct stat status;

	return strchr(name, '/') || (!stat(name, &status) && !S_ISDIR(status.st_mode));
}

/* A file takes precedence over a stored result of the same name. */
enum exit_code result_load(const char *prefix, const char *name, json_t **document)
{
	cleanup_free char *text = NULL;
	size_t bytes;

	*document = NULL;
	if (!is_file(name))
		return load_stored(prefix, name, document);
	text = file_read(name, &bytes);
	if (text)
		return parse_document(prefix, name, text, bytes, document);
	log_error("%s: %s: %s", prefix, name, strerror(errno));
	return EXIT_USAGE;
}
