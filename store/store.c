// SPDX-License-Identifier: GPL-2.0-or-later
#include "store.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "database.h"

#define NAME_BYTES_MAX 64

/* After a fault: where the file was set aside, people are told and a new one is begun. */
static bool begin_anew(struct store *store, struct failure *failure)
{
	struct failure why = *failure;

	if (!store->was_set_aside)
		return false;
	*failure = (struct failure) { 0 };
	say_error("%s", why.message);
	failure_release(&why);
	return !database_open(store, failure);
}

struct store *store_open(const char *path, struct failure *failure)
{
	struct store *store = xcalloc(1, sizeof(*store));

	store->path = xstrdup(path);
	if (!database_open(store, failure) || begin_anew(store, failure))
		return store;
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	database_close(store);
	free(store->path);
	free(store);
}

int store_begin(struct store *store, struct failure *failure)
{
	return execute(store, failure, "BEGIN IMMEDIATE", "");
}

int store_end(struct store *store, int error, struct failure *failure)
{
	if (!error)
		error = execute(store, failure, "COMMIT", "");
	if (error && store->db)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return error;
}

int store_name(struct store *store, int64_t number, const char *name, struct failure *failure)
{
	int error = execute(store, failure, "UPDATE results SET name = NULL WHERE name = ?1", "t",
			    name);

	return error ?: execute(store, failure, "UPDATE results SET name = ?1 WHERE number = ?2",
				"ti", name, number);
}

static int add_tag(struct store *store, int64_t number, const char *tag, struct failure *failure)
{
	return execute(store, failure, "INSERT OR IGNORE INTO tags (number, tag) VALUES (?1, ?2)",
		       "it", number, tag);
}

int store_add(struct store *store, const struct stored *entry, const char *const *tags,
	      size_t tag_count, const char *document, int64_t *number, struct failure *failure)
{
	int error = store_begin(store, failure);

	if (error)
		return error;
	error = execute(store, failure,
			"INSERT INTO results (date, kernel, command, experiments, document)"
			" VALUES (?1, ?2, ?3, ?4, ?5)", "tttit", entry->date, entry->kernel,
			entry->command, entry->experiments, document);
	if (!error)
		*number = sqlite3_last_insert_rowid(store->db);
	if (!error && entry->name)
		error = store_name(store, *number, entry->name, failure);
	for (size_t i = 0; !error && i < tag_count; i++)
		error = add_tag(store, *number, tags[i], failure);
	return store_end(store, error, failure);
}

static bool is_number(const char *text, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno;
}

static int find_with(struct store *store, const char *sql, const char *types, const char *name,
		     int64_t wanted, int64_t *number, struct failure *failure)
{
	sqlite3_stmt *query = *types == 't' ? statement(store, failure, sql, types, name) :
					      statement(store, failure, sql, types, wanted);
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;

	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	if (!query)
		return -1;
	if (code == SQLITE_DONE)
		return fail_with(failure, EXIT_USAGE,
				 "no result '%s' is kept: 'kmemlab list results' shows them all",
				 name);
	return code == SQLITE_ROW ? 0 : database_fault(store, code, failure);
}

int store_find(struct store *store, const char *wanted, int64_t *number, struct failure *failure)
{
	int64_t asked = 0;

	if (!strcmp(wanted, "last"))
		return find_with(store, "SELECT number FROM results ORDER BY number DESC LIMIT 1",
				 "", wanted, 0, number, failure);
	if (is_number(wanted, &asked))
		return find_with(store, "SELECT number FROM results WHERE number = ?1", "i", wanted,
				 asked, number, failure);
	return find_with(store, "SELECT number FROM results WHERE name = ?1", "t", wanted, 0,
			 number, failure);
}

static char *column(sqlite3_stmt *query, int index)
{
	const char *text = (const char *)sqlite3_column_text(query, index);

	return text ? xstrdup(text) : NULL;
}

char *store_document(struct store *store, int64_t number, struct failure *failure)
{
	sqlite3_stmt *query = statement(
		store, failure, "SELECT document FROM results WHERE number = ?1", "i", number);
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;
	char *document = code == SQLITE_ROW ? column(query, 0) : NULL;

	sqlite3_finalize(query);
	if (query && code == SQLITE_DONE)
		fail_with(failure, EXIT_USAGE, "result %lld is not kept any more",
			  (long long)number);
	else if (query && code != SQLITE_ROW)
		database_fault(store, code, failure);
	return document;
}

static struct stored stored_from(sqlite3_stmt *query)
{
	return (struct stored) {
		.number = sqlite3_column_int64(query, 0),
		.date = column(query, 1),
		.name = column(query, 2),
		.tags = column(query, 3),
		.kernel = column(query, 4),
		.command = column(query, 5),
		.experiments = sqlite3_column_int64(query, 6),
	};
}

int store_list(struct store *store, const char *tag, struct stored **entries, size_t *count,
	       struct failure *failure)
{
	sqlite3_stmt *query = statement(store, failure,
		"SELECT number, date, name,"
		"	(SELECT group_concat(tag, ' ') FROM"
		"		(SELECT tag FROM tags WHERE number = results.number ORDER BY tag)),"
		"	kernel, command, experiments FROM results"
		" WHERE ?1 IS NULL OR number IN (SELECT number FROM tags WHERE tag = ?1)"
		" ORDER BY number DESC", "t", tag);
	int code = SQLITE_DONE;

	*entries = NULL;
	*count = 0;
	if (!query)
		return -1;
	while ((code = sqlite3_step(query)) == SQLITE_ROW) {
		*entries = xrealloc(*entries, (*count + 1) * sizeof(**entries));
		(*entries)[(*count)++] = stored_from(query);
	}
	sqlite3_finalize(query);
	return code == SQLITE_DONE ? 0 : database_fault(store, code, failure);
}

void stored_release(struct stored *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(entries[i].date);
		free(entries[i].name);
		free(entries[i].tags);
		free(entries[i].kernel);
		free(entries[i].command);
	}
	free(entries);
}

int store_tag(struct store *store, int64_t number, const char *tag, struct failure *failure)
{
	return add_tag(store, number, tag, failure);
}

int store_untag(struct store *store, int64_t number, const char *tag, struct failure *failure)
{
	int error = execute(store, failure, "DELETE FROM tags WHERE number = ?1 AND tag = ?2", "it",
			    number, tag);

	if (!error && !sqlite3_changes(store->db))
		error = fail_with(failure, EXIT_USAGE, "result %lld has no tag '%s'",
				  (long long)number, tag);
	return error;
}

int store_remove(struct store *store, int64_t number, struct failure *failure)
{
	return execute(store, failure, "DELETE FROM results WHERE number = ?1", "i", number);
}

int store_prune(struct store *store, int64_t keep, int64_t *removed, struct failure *failure)
{
	int error = execute(store, failure,
		"DELETE FROM results WHERE number IN (SELECT number FROM results"
		" WHERE name IS NULL AND number NOT IN (SELECT number FROM tags)"
		" ORDER BY number DESC LIMIT -1 OFFSET ?1)", "i", keep);

	if (error)
		return error;
	*removed = sqlite3_changes(store->db);
	return 0;
}

int store_shrink(struct store *store, struct failure *failure)
{
	return execute(store, failure, "VACUUM", "");
}

char *store_name_error(const char *name)
{
	int64_t number;

	if (!*name || strlen(name) > NAME_BYTES_MAX)
		return xasprintf("1 to %d characters are wanted", NAME_BYTES_MAX);
	if (is_number(name, &number) || !strcmp(name, "last"))
		return xstrdup("a number and 'last' mean results already");
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-_.:+@", *at))
			return xstrdup("letters, digits and -_.:+@ are wanted");
	return *name == '-' ? xstrdup("it begins like an option") : NULL;
}
