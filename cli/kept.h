/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results between commands: from files and from the store, and into it. */
#ifndef KMEMLAB_KEPT_H
#define KMEMLAB_KEPT_H

#include <jansson.h>

#include "lists.h"
#include "store/store.h"

/* The user's store, or NULL with one line said. */
struct store *kept_open(void);

/* Says what a call of the store failed with. Returns its exit code. */
enum exit_code kept_say(struct failure *failure);

/* Keeps it, without a name. EXIT_FINE, or another code with one line said. */
enum exit_code kept_put(struct store *store, const json_t *document, int64_t *number);

/*
 * Keeps what a run has shown already. Where that cannot be done it says so in
 * one line, and the run is as good as before.
 */
void kept_add(const json_t *document, const char *name, const struct name_list *tags);

/* A document by its file, or by its name or number in the store; errors begin with what. */
enum exit_code kept_load(const char *what, const char *wanted, json_t **document);

#endif
