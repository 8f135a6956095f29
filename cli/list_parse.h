/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of numbers and names in option values. Elements are separated by commas;
 * A..BxK multiplies and A..B+K steps from A to at most B; the suffixes K, M and G
 * are binary. Repeated elements count once.
 */
#ifndef KMEMLAB_CLI_LIST_PARSE_H
#define KMEMLAB_CLI_LIST_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "vm/facility_file.h"

#define LIST_MAX 1000	/* a longer list is assumed to be a typing error */

struct number_list {
	uint64_t *values;
	size_t count;
};

struct name_entry {
	const char *name;	/* a name that ends in ":" is followed by a number */
	const char *description;
};

struct name_table {
	const char *kind;	/* "facility" */
	const char *listed_by;	/* the command that lists the names */
	const struct name_entry *entries;
	size_t count;
};

extern struct name_table facility_names;
extern const struct name_table workload_names;
extern const struct name_table gfp_names;
extern const struct name_table condition_names;

/*
 * Parse a list of numbers from 1, or of names of the table or "all"; without a table
 * any names are accepted. Return NULL or the reason for refusing it; the caller frees it.
 */
char *number_list_read(struct number_list *list, const char *text);
char *name_list_read(struct name_list *list, const char *text, const struct name_table *table);

void number_list_release(struct number_list *list);

/*
 * Add the facilities that a C file defines to facility_names, in place of another file's. Return
 * NULL or the reason for refusing it; the caller frees it.
 */
char *facility_names_add_file(const struct facility_file *file);

bool name_known(const struct name_table *table, const char *name);

/* Return true for names that "all" does not include. */
bool name_only_on_request(const char *name);

/*
 * Return the message for an unknown name: with the closest of the valid names, or with the
 * command that lists them. The prefix, such as "--", precedes both. The caller frees it.
 */
char *unknown_name(const char *kind, const char *prefix, const char *name,
		   const char *const *valid, size_t count, const char *listed_by);
char *name_error(const struct name_table *table, const char *name);

#endif
