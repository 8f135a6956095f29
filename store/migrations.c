// SPDX-License-Identifier: GPL-2.0-or-later
#include "migrations.h"

/* What was released is never edited: a change is one more element. */
const char *const store_migrations[STORE_SCHEMA] = {
	"CREATE TABLE results ("
	"	number INTEGER PRIMARY KEY AUTOINCREMENT,"	/* never given twice */
	"	date TEXT NOT NULL,"
	"	kernel TEXT NOT NULL,"
	"	command TEXT,"
	"	experiments INTEGER NOT NULL,"
	"	document TEXT NOT NULL"
	");",

	"ALTER TABLE results ADD COLUMN name TEXT;"
	"CREATE UNIQUE INDEX results_by_name ON results (name);"
	"CREATE TABLE tags ("
	"	number INTEGER NOT NULL REFERENCES results (number) ON DELETE CASCADE,"
	"	tag TEXT NOT NULL,"
	"	PRIMARY KEY (number, tag)"
	") WITHOUT ROWID;",
};
