// SPDX-License-Identifier: GPL-2.0-or-later
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"

#define APPLICATION_ID	0x6b6d656d	/* "kmem": identifies our databases */
#define STORE_SCHEMA	2
#define BUSY_MS		10000		/* longest wait for another writer */

static const char create_tables[] =
	"CREATE TABLE results ("
	"	number INTEGER PRIMARY KEY AUTOINCREMENT,"	/* numbers are not reused */
	"	date TEXT NOT NULL,"
	"	kernel TEXT NOT NULL,"
	"	command TEXT,"
	"	experiments INTEGER NOT NULL,"
	"	document TEXT NOT NULL,"
	"	name TEXT"
	");"
	"CREATE UNIQUE INDEX results_by_name ON results (name);"
	"CREATE TABLE tags ("
	"	number INTEGER NOT NULL REFERENCES results (number) ON DELETE CASCADE,"
	"	tag TEXT NOT NULL,"
	"	PRIMARY KEY (number, tag)"
	") WITHOUT ROWID;";

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

void database_rollback(struct store *store)
{
	if (store->db)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

static void rename_with_suffix(const char *from, const char *to, const char *suffix)
{
	cleanup_free char *old = xasprintf("%s%s", from, suffix);
	cleanup_free char *new = xasprintf("%s%s", to, suffix);

	rename(old, new);
}

/* Return an unused file name for the damaged file; the caller frees it. */
static char *damaged_name(const char *path)
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
 * Rename the damaged file. If two processes find the damage at the same time, the file
 * is renamed by the one that still finds the file that it has opened.
 */
static int rename_damaged(struct store *store, struct error *error)
{
	cleanup_free char *lock_path = xasprintf("%s.lock", store->path);
	cleanup_free char *name = damaged_name(store->path);
	int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (lock >= 0)
		flock(lock, LOCK_EX);
	database_close(store);
	store->was_renamed = true;
	if (inode_of(store->path) != store->inode) {
		error_set(error, EXIT_HOST_ERROR,
			  "'%s' was damaged and has been renamed by another process", store->path);
	} else if (rename(store->path, name)) {
		store->was_renamed = false;
		error_set(error, EXIT_HOST_ERROR, "'%s' is damaged and cannot be renamed: %s",
			  store->path, strerror(errno));
	} else {
		rename_with_suffix(store->path, name, "-wal");
		rename_with_suffix(store->path, name, "-shm");
		error_set(error, EXIT_HOST_ERROR, "'%s' was damaged and has been renamed to '%s'",
			  store->path, name);
	}
	if (lock >= 0)
		close(lock);
	return -1;
}

/*
 * Return the errno of a failed write. Readers write too, to files in the same directory,
 * and SQLite does not always report why it cannot.
 */
static int write_errno(const struct store *store)
{
	cleanup_free char *copy = xstrdup(store->path);

	if (access(dirname(copy), W_OK) ||
	    (file_exists(store->path) && access(store->path, W_OK)))
		return errno;
	return sqlite3_system_errno(store->db);
}

/* SQLite reports a full disk as an I/O error when it maps a file. */
static bool is_disk_full(const struct store *store)
{
	cleanup_free char *copy = xstrdup(store->path);

	return sqlite3_system_errno(store->db) == ENOSPC || disk_is_full(dirname(copy));
}

static int set_disk_full(const struct store *store, struct error *error)
{
	return error_set(error, EXIT_HOST_ERROR, "cannot write '%s': the disk is full",
			 store->path);
}

int database_fault(struct store *store, int code, struct error *error)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return rename_damaged(store, error);
	case SQLITE_FULL:
		return set_disk_full(store, error);
	case SQLITE_BUSY:
		return error_set(error, EXIT_HOST_ERROR,
				 "'%s' has been locked by another program for more than %d s",
				 store->path, BUSY_MS / 1000);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return error_set(error, EXIT_HOST_ERROR, "cannot open '%s' for writing: %s",
				 store->path, strerror(write_errno(store)));
	case SQLITE_IOERR:
		if (is_disk_full(store))
			return set_disk_full(store, error);
		/* fall through */
	default:
		return error_set(error, EXIT_HOST_ERROR, "cannot access '%s': %s", store->path,
				 store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
	}
}

static sqlite3_stmt *prepare(struct store *store, struct error *error, const char *sql,
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
	database_fault(store, code, error);
	return NULL;
}

sqlite3_stmt *database_prepare(struct store *store, struct error *error, const char *sql,
			       const char *types, ...)
{
	sqlite3_stmt *prepared;
	va_list args;

	va_start(args, types);
	prepared = prepare(store, error, sql, types, args);
	va_end(args);
	return prepared;
}

int database_execute(struct store *store, struct error *error, const char *sql,
		     const char *types, ...)
{
	sqlite3_stmt *prepared;
	va_list args;
	int code;

	va_start(args, types);
	prepared = prepare(store, error, sql, types, args);
	va_end(args);
	if (!prepared)
		return -1;
	do
		code = sqlite3_step(prepared);
	while (code == SQLITE_ROW);
	sqlite3_finalize(prepared);
	return code == SQLITE_DONE ? 0 : database_fault(store, code, error);
}

/* Read the single number that a pragma or query returns. */
static int query_number(struct store *store, const char *sql, sqlite3_int64 *number,
			struct error *error)
{
	sqlite3_stmt *query = database_prepare(store, error, sql, "");
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;

	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	if (!query)
		return -1;
	return code == SQLITE_ROW ? 0 : database_fault(store, code, error);
}

static int check_integrity(struct store *store, struct error *error)
{
	sqlite3_stmt *query = database_prepare(store, error, "PRAGMA quick_check(1)", "");
	int code = query ? sqlite3_step(query) : SQLITE_ERROR;

	if (!query)
		return -1;
	if (code == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(query, 0), "ok"))
		code = SQLITE_OK;
	else if (code == SQLITE_ROW)
		code = SQLITE_CORRUPT;
	sqlite3_finalize(query);
	return code ? database_fault(store, code, error) : 0;
}

/* Accept an empty database and ours. The header is checked first: the rest may be damaged. */
static int check_header(struct store *store, struct error *error)
{
	sqlite3_int64 id, version, tables = 0;

	if (query_number(store, "PRAGMA application_id", &id, error) ||
	    query_number(store, "PRAGMA user_version", &version, error))
		return -1;
	if (!id && !version &&
	    query_number(store, "SELECT count(*) FROM sqlite_master", &tables, error))
		return -1;
	if (id != APPLICATION_ID && (id || version || tables))
		return error_set(error, EXIT_HOST_ERROR,
				 "'%s' belongs to another program (left unchanged)", store->path);
	if (version && version != STORE_SCHEMA)
		return error_set(error, EXIT_HOST_ERROR,
				 "'%s' has store schema %lld, but this kmemlab requires schema %d "
				 "(left unchanged)", store->path, (long long)version, STORE_SCHEMA);
	return 0;
}

/*
 * Check the header in one transaction: another process may create the tables between two
 * queries.
 */
static int check_owner(struct store *store, struct error *error)
{
	int err = database_execute(store, error, "BEGIN", "") ?: check_header(store, error);

	database_rollback(store);
	return err;
}

static int create_schema(struct store *store, struct error *error)
{
	cleanup_free char *header = xasprintf("PRAGMA application_id = %d; "
					      "PRAGMA user_version = %d",
					      APPLICATION_ID, STORE_SCHEMA);
	int code = sqlite3_exec(store->db, create_tables, NULL, NULL, NULL);

	if (!code)
		code = sqlite3_exec(store->db, header, NULL, NULL, NULL);
	return code ? database_fault(store, code, error) : 0;
}

/* Create the tables of a new database, unless another process is first. */
static int initialize(struct store *store, struct error *error)
{
	sqlite3_int64 version;
	int err;

	if (query_number(store, "PRAGMA user_version", &version, error))
		return -1;
	if (version)
		return 0;
	if (database_execute(store, error, "BEGIN IMMEDIATE", ""))
		return -1;
	err = query_number(store, "PRAGMA user_version", &version, error);
	if (!err && !version)
		err = create_schema(store, error);
	if (!err)
		err = database_execute(store, error, "COMMIT", "");
	if (err)
		database_rollback(store);
	return err;
}

static int create_parent(const char *path, struct error *error)
{
	cleanup_free char *directory = xstrdup(path);
	char *slash = strrchr(directory, '/');
	int err;

	if (!slash || slash == directory)
		return 0;
	*slash = '\0';
	err = directory_create(directory);
	return err ? error_set(error, EXIT_HOST_ERROR, "cannot create '%s': %s", directory,
			       strerror(-err)) : 0;
}

/*
 * Set the journal mode. The busy timeout does not apply while another process creates the
 * file, so retry.
 */
static int set_journal(struct store *store, struct error *error)
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
	return code ? database_fault(store, code, error) : 0;
}

int database_open(struct store *store, struct error *error)
{
	int code, err;

	store->was_renamed = false;
	if (create_parent(store->path, error))
		return -1;
	code = sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			       NULL);
	store->inode = inode_of(store->path);
	if (code) {
		err = database_fault(store, code, error);
	} else {
		sqlite3_extended_result_codes(store->db, 1);
		sqlite3_busy_timeout(store->db, BUSY_MS);
		/* Setting the journal mode writes to the file: check the owner first. */
		err = check_owner(store, error) ?: set_journal(store, error) ?:
		      check_integrity(store, error) ?: initialize(store, error);
	}
	if (err)
		database_close(store);
	return err;
}
