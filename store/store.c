// SPDX-License-Identifier: GPL-2.0-or-later
#include "store.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/log.h"
#include "database.h"

#define NAME_BYTES_MAX 64

/* Create a new file if the damaged one was renamed, and report that as a message. */
static bool recreate(struct store *store, struct error *error)
{
	struct error damage = *error;

	if (!store->was_renamed)
		return false;
	*error = (struct error) { 0 };
	log_error("%s", damage.message);
	error_release(&damage);
	return !database_open(store, error);
}

struct store *store_open(const char *path, struct error *error)
{
	struct store *store = xcalloc(1, sizeof(*store));

	store->path = xstrdup(path);
	if (!database_open(store, error) || recreate(store, error))
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

int store_begin(struct store *store, struct error *error)
{
	return database_execute(store, error, "BEGIN IMMEDIATE", "");
}

int store_end(struct store *store, int err, struct error *error)
{
	if (!err)
		err = database_execute(store, error, "COMMIT", "");
	if (err)
		database_rollback(store);
	return err;
}

int store_name(struct store *store, int64_t number, const char *name, struct error *error)
{
	return database_execute(store, error,
				"UPDATE results SET name = NULL WHERE name = ?1", "t", name) ?:
	       database_execute(store, error,
				"UPDATE results SET name = ?1 WHERE number = ?2", "ti", name,
				number);
}

int store_tag(struct store *store, int64_t number, const char *tag, struct error *error)
{
	return database_execute(store, error,
				"INSERT OR IGNORE INTO tags (number, tag) VALUES (?1, ?2)",
				"it", number, tag);
}

int store_add(struct store *store, const struct stored *entry, const char *const *tags,
	      size_t tag_count, const char *document, int64_t *number, struct error *error)
{
	int err = store_begin(store, error);

	if (err)
		return err;
	err = database_execute(store, error,
			       "INSERT INTO results (date, kernel, command, experiments, document)"
			       " VALUES (?1, ?2, ?3, ?4, ?5)", "tttit", entry->date,
			       entry->kernel, entry->command, entry->experiments, document);
	if (!err)
		*number = sqlite3_last_insert_rowid(store->db);
	if (!err && entry->name)
		err = store_name(store, *number, entry->name, error);
	for (size_t i = 0; !err && i < tag_count; i++)
		err = store_tag(store, *number, tags[i], error);
	return store_end(store, err, error);
}

static bool is_number(const char *text, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno;
}

int store_find(struct store *store, const char *name, int64_t *number, struct error *error)
{
	int64_t unused;
	const char *sql = !strcmp(name, "last") ?
		"SELECT number FROM results WHERE ?1 = 'last' ORDER BY number DESC LIMIT 1" :
		is_number(name, &unused) ?
		"SELECT number FROM results WHERE number = CAST(?1 AS INTEGER)" :
		"SELECT number FROM results WHERE name = ?1";
	sqlite3_stmt *query = database_prepare(store, error, sql, "t", name);
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;

	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	if (!query)
		return -1;
	if (code == SQLITE_DONE)
		return error_set(error, EXIT_USAGE,
				 "no stored result '%s' (see 'kmemlab list results')", name);
	return code == SQLITE_ROW ? 0 : database_fault(store, code, error);
}

static char *copy_column(sqlite3_stmt *query, int index)
{
	const char *text = (const char *)sqlite3_column_text(query, index);

	return text ? xstrdup(text) : NULL;
}

char *store_document(struct store *store, int64_t number, struct error *error)
{
	sqlite3_stmt *query = database_prepare(store, error,
		"SELECT document FROM results WHERE number = ?1", "i", number);
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;
	char *document = code == SQLITE_ROW ? copy_column(query, 0) : NULL;

	sqlite3_finalize(query);
	if (query && code == SQLITE_DONE)
		error_set(error, EXIT_USAGE, "result %lld has been removed", (long long)number);
	else if (query && code != SQLITE_ROW)
		database_fault(store, code, error);
	return document;
}

static struct stored read_row(sqlite3_stmt *query)
{
	return (struct stored) {
		.number = sqlite3_column_int64(query, 0),
		.date = copy_column(query, 1),
		.name = copy_column(query, 2),
		.tags = copy_column(query, 3),
		.kernel = copy_column(query, 4),
		.command = copy_column(query, 5),
		.experiments = sqlite3_column_int64(query, 6),
	};
}

int store_list(struct store *store, const char *tag, struct stored **entries, size_t *count,
	       struct error *error)
{
	sqlite3_stmt *query = database_prepare(store, error,
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
		*array_add(entries, count) = read_row(query);
	}
	sqlite3_finalize(query);
	return code == SQLITE_DONE ? 0 : database_fault(store, code, error);
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

int store_untag(struct store *store, int64_t number, const char *tag, struct error *error)
{
	int err = database_execute(store, error,
				   "DELETE FROM tags WHERE number = ?1 AND tag = ?2", "it",
				   number, tag);

	if (!err && !sqlite3_changes(store->db))
		err = error_set(error, EXIT_USAGE, "result %lld has no tag '%s'",
				  (long long)number, tag);
	return err;
}

int store_remove(struct store *store, int64_t number, struct error *error)
{
	return database_execute(store, error, "DELETE FROM results WHERE number = ?1", "i", number);
}

int store_prune(struct store *store, int64_t keep, int64_t *removed, struct error *error)
{
	int err = database_execute(store, error,
		"DELETE FROM results WHERE number IN (SELECT number FROM results"
		" WHERE name IS NULL AND number NOT IN (SELECT number FROM tags)"
		" ORDER BY number DESC LIMIT -1 OFFSET ?1)", "i", keep);

	if (err)
		return err;
	*removed = sqlite3_changes(store->db);
	return 0;
}

int store_shrink(struct store *store, struct error *error)
{
	return database_execute(store, error, "VACUUM", "");
}

char *store_name_error(const char *name)
{
	int64_t number;

	if (!*name || strlen(name) > NAME_BYTES_MAX)
		return xasprintf("must have 1 to %d characters", NAME_BYTES_MAX);
	if (is_number(name, &number) || !strcmp(name, "last"))
		return xstrdup("must not be a number or 'last'");
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.:+@", *c))
			return xstrdup("must consist of letters, digits and -_.:+@");
	return *name == '-' ? xstrdup("must not start with '-'") : NULL;
}
