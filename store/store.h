/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stored results: documents as text in one SQLite file, with the columns of "list results".
 * Several processes may use it at the same time. A crash or a full disk does not damage
 * what is stored; a damaged file is renamed with a message, and a new one is created.
 *
 * Functions of type int return 0, or -1 with *error set.
 */
#ifndef KMEMLAB_STORE_H
#define KMEMLAB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct store;

/* A row of the list of results. */
struct stored {
	int64_t number;
	char *date;		/* ISO 8601, UTC */
	char *name;		/* or NULL */
	char *tags;		/* separated by blanks, or NULL */
	char *kernel;		/* release */
	char *command;		/* command line, or NULL */
	int64_t experiments;
};

/* Open the store, or create it. Return NULL with *error set. */
struct store *store_open(const char *path, struct error *error);
void store_close(struct store *store);

/* Store a document. An older result with that name loses the name. */
int store_add(struct store *store, const struct stored *entry, const char *const *tags,
	      size_t tag_count, const char *document, int64_t *number, struct error *error);

/* Find a result by name, by number or as "last". A missing result is an error of EXIT_USAGE. */
int store_find(struct store *store, const char *name, int64_t *number, struct error *error);

/* Return the document, which the caller frees, or NULL with *error set. */
char *store_document(struct store *store, int64_t number, struct error *error);

/* List all results, or those with the tag (not NULL), newest first. */
int store_list(struct store *store, const char *tag, struct stored **entries, size_t *count,
	       struct error *error);
void stored_release(struct stored *entries, size_t count);

/*
 * Run the calls between store_begin() and store_end() as one transaction. err is their
 * result: if it is not 0, they are undone. store_end() returns err or that of the commit.
 */
int store_begin(struct store *store, struct error *error);
int store_end(struct store *store, int err, struct error *error);

/* Give a result a name. Requires a transaction. */
int store_name(struct store *store, int64_t number, const char *name, struct error *error);
int store_tag(struct store *store, int64_t number, const char *tag, struct error *error);
int store_untag(struct store *store, int64_t number, const char *tag, struct error *error);
int store_remove(struct store *store, int64_t number, struct error *error);

/* Remove the results with neither name nor tag, except the newest keep. */
int store_prune(struct store *store, int64_t keep, int64_t *removed, struct error *error);

/* Return the space of removed results to the file system. Needs free space itself. */
int store_shrink(struct store *store, struct error *error);

/* Return why a name or tag is invalid, which the caller frees, or NULL. */
char *store_name_error(const char *name);

#endif
