/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load results from files and the user's store, and store new ones. */
#ifndef KMEMLAB_CLI_RESULT_STORE_H
#define KMEMLAB_CLI_RESULT_STORE_H

#include <jansson.h>

#include "list_parse.h"
#include "store/store.h"

/* Open the user's store. Return NULL after reporting an error. */
struct store *result_store_open(void);

/* Report the error and release it. Return its exit code. */
enum exit_code report_error(struct error *failure);

/* Store a document without a name. Return EXIT_OK, or another code after reporting the error. */
enum exit_code result_save(struct store *store, const json_t *document, int64_t *number);

/* Store the document of a run. An error is reported, but does not fail the run. */
void result_keep(const json_t *document, const char *name, const struct name_list *tags);

/*
 * Load a document from a file, or from the store by name or number. Return EXIT_OK, or
 * another code after reporting the error, which begins with the prefix.
 */
enum exit_code result_load(const char *prefix, const char *name, json_t **document);

#endif
