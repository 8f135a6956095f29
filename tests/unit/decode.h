/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the decoders share: entries as a table. */
#ifndef KMEMLAB_TESTS_DECODE_H
#define KMEMLAB_TESTS_DECODE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/decode.h"

/* The tables below leave out what is 0. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct decode_case {
	const char *what;
	uint64_t raw;
	unsigned int shift, index;
	enum decoded_kind kind;
	uint64_t phys;
	unsigned int leaf_shift, contiguous_shift;
	const char *permissions;	/* NULL: don't look */
	const char *flag;		/* one that must be there, or NULL */
	unsigned int type;
	uint64_t offset;
};

static inline int has_flag(const struct decoded *entry, const char *flag)
{
	for (size_t i = 0; i < entry->flag_count; i++)
		if (!strcmp(entry->flags[i], flag))
			return 1;
	return 0;
}

static inline void check_case(const struct kmemlab_table_format *format,
			      const struct decode_case *c)
{
	struct kmemlab_step step = { .raw = c->raw, .shift = c->shift, .index = c->index };
	char permissions[DECODED_PERMISSIONS_SIZE];
	struct decoded entry;

	decode_entry(format, &step, &entry);
	decode_permissions(entry.allows, permissions);
	if (entry.kind != c->kind || entry.phys != c->phys || entry.shift != c->leaf_shift ||
	    entry.contiguous_shift != c->contiguous_shift || entry.type != c->type ||
	    entry.offset != c->offset || (c->flag && !has_flag(&entry, c->flag)) ||
	    (c->permissions && strcmp(permissions, c->permissions)))
		fail_msg("%s: kind %d, phys %#jx, shift %u, contiguous %u, type %u, offset %#jx, %s",
			 c->what, entry.kind, (uintmax_t)entry.phys, entry.shift,
			 entry.contiguous_shift, entry.type, (uintmax_t)entry.offset, permissions);
}

#define CHECK_CASES(format, cases) do {						\
	for (size_t i_ = 0; i_ < sizeof(cases) / sizeof((cases)[0]); i_++)	\
		check_case(format, &(cases)[i_]);				\
} while (0)

#endif
