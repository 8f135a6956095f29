/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SQLite file of the store: open, check and create it, and run statements. */
#ifndef KMEMLAB_STORE_DATABASE_H
#define KMEMLAB_STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct store {
	char *path;
	sqlite3 *db;		/* NULL after the file was renamed */
	ino_t inode;		/* of the file that db has open */
	bool was_renamed;	/* the last fault found damage: a new file can be created */
};

/* All functions of type int return 0, or -1 with *error set. */

/* Open store->path, or create it with its tables. */
int database_open(struct store *store, struct error *error);
void database_close(struct store *store);

/*
 * Set *error for a result code of SQLite. A damaged file is renamed, and store->db is
 * NULL afterwards. Return: -1
 */
int database_fault(struct store *store, int code, struct error *error);

/*
 * Prepare a statement with bound parameters. Each character of types stands for one
 * parameter: 't' a string (NULL: null), 'i' an int64_t. Return NULL with *error set.
 */
sqlite3_stmt *database_prepare(struct store *store, struct error *error, const char *sql,
			       const char *types, ...);

/* Run a statement and discard its rows. */
int database_execute(struct store *store, struct error *error, const char *sql,
		     const char *types, ...);

/* Undo the current transaction, if any. */
void database_rollback(struct store *store);

#endif
