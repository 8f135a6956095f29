/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in records for numbers of the module and of the running kernel. */
#ifndef KMEMLAB_RUNNER_NAMES_H
#define KMEMLAB_RUNNER_NAMES_H

#include <linux/kmemlab.h>

#define PAGE_FLAGS_MAX		64
#define ZONES_MAX		8
#define MIGRATE_TYPES_MAX	8

/* The running kernel's own names; "" for numbers without one. */
struct page_names {
	char flags[PAGE_FLAGS_MAX][KMEMLAB_NAME_MAX];	/* of struct page, by bit */
	char zones[ZONES_MAX][KMEMLAB_NAME_MAX];
	char migrate_types[MIGRATE_TYPES_MAX][KMEMLAB_NAME_MAX];
};

/* Return: 0 or a negative errno. */
int page_names_read(int device, struct page_names *names);

/* Return the name of a KMEMLAB_PAGE_* or KMEMLAB_REGION_* constant. */
const char *page_kind_name(unsigned int kind);
const char *region_name(unsigned int region);

extern const char *const route_names[];	/* of the bits KMEMLAB_ROUTE_*; NULL-terminated */

#endif
