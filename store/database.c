// SPDX-License-Identifier: GPL-2.0-or-later
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "migrations.h"

#define APPLICATION_ID	0x6b6d656d	/* "kmem": tells our files from others */
#define BUSY_MS		10000		/* how long another writer may take */

static ino_t inode_of(const char *path)
{
	struct stat status;

	return stat(path, &status) ? 0 : status.st_ino;
}

void database_close(struct store *store)
{
	sqlite3_close(store->db);
	store->db = NULL;
}

static void rename_with(const char *from, const char *to, const char *suffix)
{
	cleanup_free char *old = xasprintf("%s%s", from, suffix);
	cleanup_free char *new = xasprintf("%s%s", to, suffix);

	rename(old, new);
}

/* A name that nothing has yet. */
static char *aside_name(const char *path)
{
	time_t now = time(NULL);
	char date[32];
	char *name;

	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", gmtime(&now));
	name = xasprintf("%s.damaged-%s", path, date);
	for (int i = 2; file_exists(name); i++) {
		free(name);
		name = xasprintf("%s.damaged-%s-%d", path, date, i);
	}
	return name;
}

/*
 * Two programs can find the damage at once: only the one that still sees the
 * file it had opened renames it, the other finds the new one in its place.
 */
static int set_aside(struct store *store, struct failure *failure)
{
	cleanup_free char *lock_path = xasprintf("%s.lock", store->path);
	cleanup_free char *aside = aside_name(store->path);
	int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (lock >= 0)
		flock(lock, LOCK_EX);
	database_close(store);
	store->was_set_aside = true;
	if (inode_of(store->path) != store->inode) {
		fail_with(failure, EXIT_TROUBLE,
			  "%s was damaged, and has been set aside by another run", store->path);
	} else if (rename(store->path, aside)) {
		store->was_set_aside = false;
		fail_with(failure, EXIT_TROUBLE, "%s is damaged and cannot be set aside: %s",
			  store->path, strerror(errno));
	} else {
		rename_with(store->path, aside, "-wal");
		rename_with(store->path, aside, "-shm");
		fail_with(failure, EXIT_TROUBLE, "%s was damaged: it is set aside as %s",
			  store->path, aside);
	}
	if (lock >= 0)
		close(lock);
	return -1;
}

/* Readers write as well, beside the file: what forbids that SQLite does not always say. */
static int write_error(const struct store *store)
{
	cleanup_free char *copy = xstrdup(store->path);

	if (access(dirname(copy), W_OK) ||
	    (file_exists(store->path) && access(store->path, W_OK)))
		return errno;
	return sqlite3_system_errno(store->db);
}

/* Where it maps a file or asks for its size SQLite speaks of the disk's errors then. */
static bool is_full(const struct store *store)
{
	cleanup_free char *copy = xstrdup(store->path);

	return sqlite3_system_errno(store->db) == ENOSPC || disk_is_full(dirname(copy));
}

static int fail_full(const struct store *store, struct failure *failure)
{
	return fail_with(failure, EXIT_TROUBLE, "%s cannot grow: the disk is full", store->path);
}

int database_fault(struct store *store, int code, struct failure *failure)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return set_aside(store, failure);
	case SQLITE_FULL:
		return fail_full(store, failure);
	case SQLITE_BUSY:
		return fail_with(failure, EXIT_TROUBLE,
				 "%s is in use by another program for more than %d s",
				 store->path, BUSY_MS / 1000);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return fail_with(failure, EXIT_TROUBLE, "%s cannot be opened for writing: %s",
				 store->path, strerror(write_error(store)));
	case SQLITE_IOERR:
		if (is_full(store))
			return fail_full(store, failure);
		/* fall through */
	default:
		return fail_with(failure, EXIT_TROUBLE, "%s: %s", store->path,
			    store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
	}
}

static sqlite3_stmt *bind(struct store *store, struct failure *failure, const char *sql,
			  const char *types, va_list args)
{
	sqlite3_stmt *prepared = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &prepared, NULL);

	for (int i = 0; !code && types[i]; i++) {
		if (types[i] == 't')
			code = sqlite3_bind_text(prepared, i + 1, va_arg(args, const char *), -1,
						 SQLITE_TRANSIENT);
		else
			code = sqlite3_bind_int64(prepared, i + 1, va_arg(args, sqlite3_int64));
	}
	if (!code)
		return prepared;
	sqlite3_finalize(prepared);
	database_fault(store, code, failure);
	return NULL;
}

sqlite3_stmt *statement(struct store *store, struct failure *failure, const char *sql,
			const char *types, ...)
{
	sqlite3_stmt *prepared;
	va_list args;

	va_start(args, types);
	prepared = bind(store, failure, sql, types, args);
	va_end(args);
	return prepared;
}

int execute(struct store *store, struct failure *failure, const char *sql, const char *types, ...)
{
	sqlite3_stmt *prepared;
	va_list args;
	int code;

	va_start(args, types);
	prepared = bind(store, failure, sql, types, args);
	va_end(args);
	if (!prepared)
		return -1;
	do
		code = sqlite3_step(prepared);
	while (code == SQLITE_ROW);
	sqlite3_finalize(prepared);
	return code == SQLITE_DONE ? 0 : database_fault(store, code, failure);
}

/* A pragma's or query's one number. */
static int ask_number(struct store *store, const char *sql, sqlite3_int64 *number,
		      struct failure *failure)
{
	sqlite3_stmt *query = statement(store, failure, sql, "");
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;

	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	if (!query)
		return -1;
	return code == SQLITE_ROW ? 0 : database_fault(store, code, failure);
}

static int check_whole(struct store *store, struct failure *failure)
{
	sqlite3_stmt *query = statement(store, failure, "PRAGMA quick_check(1)", "");
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;

	if (!query)
		return -1;
	if (code == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(query, 0), "ok"))
		code = SQLITE_OK;
	else if (code == SQLITE_ROW)
		code = SQLITE_CORRUPT;
	sqlite3_finalize(query);
	return code ? database_fault(store, code, failure) : 0;
}

/*
 * The header is asked first: what follows it may be damaged, and another program's file is
 * not ours to set aside either.
 */
static int check_marks(struct store *store, struct failure *failure)
{
	sqlite3_int64 id, version, tables = 0;

	if (ask_number(store, "PRAGMA application_id", &id, failure) ||
	    ask_number(store, "PRAGMA user_version", &version, failure))
		return -1;
	if (!id && !version &&
	    ask_number(store, "SELECT count(*) FROM sqlite_master", &tables, failure))
		return -1;
	if (id != APPLICATION_ID && (id || version || tables))
		return fail_with(failure, EXIT_TROUBLE,
				 "%s belongs to another program: it is left alone", store->path);
	if (version > STORE_SCHEMA)
		return fail_with(failure, EXIT_TROUBLE,
				 "%s was made by a newer kmemlab (its schema is "
				 "%lld, here it is %d): it is left alone",
				 store->path, (long long)version, STORE_SCHEMA);
	return 0;
}

/*
 * 0 for a new file and for ours. All is read at one moment: between two answers another run
 * could make of the new file one with tables.
 */
static int check_ours(struct store *store, struct failure *failure)
{
	int error = execute(store, failure, "BEGIN", "") ?: check_marks(store, failure);

	if (store->db)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return error;
}

static int migrate_from(struct store *store, sqlite3_int64 version, struct failure *failure)
{
	cleanup_free char *mark = xasprintf("PRAGMA application_id = %d; PRAGMA user_version = %d",
					    APPLICATION_ID, STORE_SCHEMA);
	int code = SQLITE_OK;

	for (; !code && version < STORE_SCHEMA; version++)
		code = sqlite3_exec(store->db, store_migrations[version], NULL, NULL, NULL);
	if (!code)
		code = sqlite3_exec(store->db, mark, NULL, NULL, NULL);
	return code ? database_fault(store, code, failure) : 0;
}

/* The version is read once more inside: somebody else may have been first. */
static int migrate(struct store *store, struct failure *failure)
{
	sqlite3_int64 version;
	int error;

	if (ask_number(store, "PRAGMA user_version", &version, failure))
		return -1;
	if (version == STORE_SCHEMA)
		return 0;
	if (execute(store, failure, "BEGIN IMMEDIATE", ""))
		return -1;
	error = ask_number(store, "PRAGMA user_version", &version, failure);
	if (!error)
		error = migrate_from(store, version, failure);
	if (!error)
		error = execute(store, failure, "COMMIT", "");
	if (error && store->db)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return error;
}

static int make_directory(const char *path, struct failure *failure)
{
	cleanup_free char *directory = xstrdup(path);
	char *slash = strrchr(directory, '/');
	int error;

	if (!slash || slash == directory)
		return 0;
	*slash = '\0';
	error = directory_make(directory);
	return error ? fail_with(failure, EXIT_TROUBLE, "%s cannot be made: %s", directory,
			    strerror(-error)) : 0;
}

/* Two programs that make the file at once: the one that waits has not asked for a lock yet. */
static int set_journal(struct store *store, struct failure *failure)
{
	int code;

	for (int waited = 0; waited < BUSY_MS; waited += 10) {
		code = sqlite3_exec(store->db,
				    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				    "PRAGMA foreign_keys = ON",
				    NULL, NULL, NULL);
		if ((code & 0xff) != SQLITE_BUSY)
			break;
		sqlite3_sleep(10);
	}
	return code ? database_fault(store, code, failure) : 0;
}

int database_open(struct store *store, struct failure *failure)
{
	int code, error;

	store->was_set_aside = false;
	if (make_directory(store->path, failure))
		return -1;
	code = sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			       NULL);
	store->inode = inode_of(store->path);
	if (code) {
		error = database_fault(store, code, failure);
	} else {
		sqlite3_extended_result_codes(store->db, 1);
		sqlite3_busy_timeout(store->db, BUSY_MS);
		/* Whose it is comes first: the journal's mode is written into the file. */
		error = check_ours(store, failure) ?: set_journal(store, failure) ?:
			check_whole(store, failure) ?: migrate(store, failure);
	}
	if (error)
		database_close(store);
	return error;
}
