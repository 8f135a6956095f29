/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names that options take, from the lists that the module is built from. */
#ifndef KMEMLAB_NAMES_H
#define KMEMLAB_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct name_entry {
	const char *name;
	const char *description;
};

struct name_table {
	const char *what;	/* "facility" */
	const char *listed_by;	/* the command that shows them all */
	const struct name_entry *entries;
	size_t count;
};

extern const struct name_table facility_names;
extern const struct name_table workload_names;
extern const struct name_table gfp_names;
extern const struct name_table condition_names;

bool name_known(const struct name_table *table, const char *name);

/* Whether "all" leaves this one out. */
bool name_only_on_request(const char *name);

/* One line, to be freed, that says which name is unknown and what may have been meant. */
char *name_error(const struct name_table *table, const char *name);

#endif
