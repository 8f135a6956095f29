/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results that are kept: one SQLite file. It knows documents as text, and
 * beside each what a list of them shows. Several programs may use it at once;
 * a crash or a full disk leaves what was there before.
 *
 * A damaged file is set aside under another name, with a message, and a new
 * one begun. Calls return 0, or -1 with one line in failure.
 */
#ifndef KMEMLAB_STORE_H
#define KMEMLAB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define STORE_SCHEMA 2

struct store;

struct stored {
	int64_t number;
	char *date;		/* ISO 8601, UTC */
	char *name;		/* or NULL */
	char *tags;		/* with blanks between, or NULL */
	char *kernel;
	char *command;
	int64_t experiments;
};

/* Opens it, makes it where there is none, migrates it where it is older. NULL: failure says why. */
struct store *store_open(const char *path, struct failure *failure);
void store_close(struct store *store);

/* Keeps a document. One that had the name before loses it and stays under its number. */
int store_add(struct store *store, const struct stored *entry, const char *const *tags,
	      size_t tag_count, const char *document, int64_t *number, struct failure *failure);

/* By name, by number, or "last". EXIT_USAGE where there is none. */
int store_find(struct store *store, const char *wanted, int64_t *number, struct failure *failure);

/* The document, to be freed, or NULL. */
char *store_document(struct store *store, int64_t number, struct failure *failure);

/* All, or those with the tag; the newest first. */
int store_list(struct store *store, const char *tag, struct stored **entries, size_t *count,
	       struct failure *failure);
void stored_release(struct stored *entries, size_t count);

/*
 * What is called between these two is done as a whole, or where error says that something
 * failed, not at all. store_end() returns the error, or its own.
 */
int store_begin(struct store *store, struct failure *failure);
int store_end(struct store *store, int error, struct failure *failure);

/* Two changes in one: to be called between those. */
int store_name(struct store *store, int64_t number, const char *name, struct failure *failure);
int store_tag(struct store *store, int64_t number, const char *tag, struct failure *failure);
int store_untag(struct store *store, int64_t number, const char *tag, struct failure *failure);
int store_remove(struct store *store, int64_t number, struct failure *failure);

/* Removes all but the newest keep of those with neither name nor tag. */
int store_prune(struct store *store, int64_t keep, int64_t *removed, struct failure *failure);

/* Gives back to the disk what was removed. It takes some of it for that first. */
int store_shrink(struct store *store, struct failure *failure);

/* Pure: one line, to be freed, on what is wrong with a name or tag, or NULL. */
char *store_name_error(const char *name);

#endif
