/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists as options take them: commas; A..BxK multiplies, A..B+K steps, both
 * ends included where hit; suffixes K, M and G are binary. What stands in a
 * list twice counts once.
 *
 * The readers return NULL, or one line, to be freed, that says what is wrong.
 */
#ifndef KMEMLAB_LISTS_H
#define KMEMLAB_LISTS_H

#include <stddef.h>
#include <stdint.h>

#include "names.h"

#define LIST_MAX 1000	/* more values than this in one list are a mistake */

struct number_list {
	uint64_t *values;
	size_t count;
};

struct name_list {
	char **names;
	size_t count;
};

/* Whole numbers from 1. */
char *number_list_read(struct number_list *list, const char *text);
void number_list_release(struct number_list *list);

/* Names of the table, or "all"; without a table any names. */
char *name_list_read(struct name_list *list, const char *text, const struct name_table *table);
void name_list_release(struct name_list *list);

#endif
