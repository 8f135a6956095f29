/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file itself: opening, migrating, setting aside; and statements that explain their errors. */
#ifndef KMEMLAB_STORE_DATABASE_H
#define KMEMLAB_STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/failure.h"

struct store {
	char *path;
	sqlite3 *db;		/* NULL after it was set aside */
	ino_t inode;		/* of the file that db is open on */
	bool was_set_aside;	/* by the last fault: a new one can be begun */
};

/* Opens store->path, and makes or migrates it. */
int database_open(struct store *store, struct failure *failure);
void database_close(struct store *store);

/*
 * What went wrong, by SQLite's code, as one line in failure. Where the file is
 * damaged it is set aside, which the line says, and store->db is NULL after it.
 */
int database_fault(struct store *store, int code, struct failure *failure);

/* A statement; "t", "i" and "n" in types bind a text (NULL: null), an int64_t, nothing more. */
sqlite3_stmt *statement(struct store *store, struct failure *failure, const char *sql,
			const char *types, ...);

/* Runs a statement that yields no row. */
int execute(struct store *store, struct failure *failure, const char *sql, const char *types, ...);

#endif
