/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Table-driven checks of page-table decoders. */
#ifndef KMEMLAB_TESTS_UNIT_PGTABLE_DECODE_H
#define KMEMLAB_TESTS_UNIT_PGTABLE_DECODE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/array_size.h"
#include "lib/pgtable_decode.h"

/* Members that are 0 are left out of the tables. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct decode_case {
	const char *name;
	uint64_t raw;
	unsigned int shift, index;
	enum decoded_kind kind;
	uint64_t phys;
	unsigned int leaf_shift, contiguous_shift;
	const char *permissions;	/* NULL: not checked */
	const char *flag;		/* flag that must be set, or NULL */
	unsigned int type;
	uint64_t offset;
};

static inline int has_flag(const struct pgtable_entry *entry, const char *flag)
{
	for (size_t i = 0; i < entry->flag_count; i++)
		if (!strcmp(entry->flags[i], flag))
			return 1;
	return 0;
}

static inline void check_case(const struct kmemlab_table_format *format,
			      const struct decode_case *c)
{
	struct kmemlab_walk_level step = { .raw = c->raw, .shift = c->shift, .index = c->index };
	char permissions[DECODED_PERMISSIONS_SIZE];
	struct pgtable_entry entry;

	pgtable_decode_entry(format, &step, &entry);
	pgtable_permissions(entry.allows, permissions);
	if (entry.kind != c->kind || entry.phys != c->phys || entry.shift != c->leaf_shift ||
	    entry.contiguous_shift != c->contiguous_shift || entry.type != c->type ||
	    entry.offset != c->offset || (c->flag && !has_flag(&entry, c->flag)) ||
	    (c->permissions && strcmp(permissions, c->permissions)))
		fail_msg("%s: kind %d, phys %#jx, shift %u, contiguous %u, type %u, offset %#jx, %s",
			 c->name, entry.kind, (uintmax_t)entry.phys, entry.shift,
			 entry.contiguous_shift, entry.type, (uintmax_t)entry.offset, permissions);
}

#define CHECK_CASES(format, cases) do {						\
	for (size_t i_ = 0; i_ < ARRAY_SIZE(cases); i_++)			\
		check_case(format, &(cases)[i_]);				\
} while (0)

#endif
