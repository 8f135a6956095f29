/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel calls zones, migrate types and the flags of struct page; asked once. */
#ifndef KMEMLAB_PAGE_NAMES_H
#define KMEMLAB_PAGE_NAMES_H

#include <linux/kmemlab.h>

#define PAGE_FLAGS_MAX	64
#define ZONES_MAX	8
#define MIGRATE_TYPES_MAX	8

struct page_names {
	char flags[PAGE_FLAGS_MAX][KMEMLAB_NAME_MAX];	/* by bit; "" has none */
	char zones[ZONES_MAX][KMEMLAB_NAME_MAX];
	char migrate_types[MIGRATE_TYPES_MAX][KMEMLAB_NAME_MAX];
};

/* 0 or a negative errno. */
int page_names_read(int device, struct page_names *names);

/* "slab", by KMEMLAB_PAGE_*. */
const char *page_kind_name(unsigned int kind);

#endif
