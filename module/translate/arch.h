/* SPDX-License-Identifier: GPL-2.0 */
/* What the walk has to know of an architecture: the shape of its tables. */
#ifndef KMEMLAB_TRANSLATE_ARCH_H
#define KMEMLAB_TRANSLATE_ARCH_H

#include <linux/types.h>

enum kmemlab_entry_kind {
	KMEMLAB_ENTRY_NONE,	/* maps nothing */
	KMEMLAB_ENTRY_TABLE,	/* points to the next table */
	KMEMLAB_ENTRY_LEAF,	/* maps memory */
};

/**
 * struct kmemlab_level - one level of tables
 * @shift: log2 of the bytes that one entry stands for
 * @index_bits: log2 of the entries in a table
 * @entry_bytes: 4 or 8
 */
struct kmemlab_level {
	unsigned int shift;
	unsigned int index_bits;
	unsigned int entry_bytes;
};

/* Levels from the root on, as this CPU runs now. */
unsigned int kmemlab_arch_levels(const struct kmemlab_level **levels);

/* Physical address of the root table for kernel addresses. */
phys_addr_t kmemlab_arch_root(void);

/*
 * Takes an entry apart. @level counts from the root. For a table @base is its
 * physical address; for a leaf it is where the memory begins, and @shift
 * log2 of its size.
 */
enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, unsigned int level,
					   phys_addr_t *base, unsigned int *shift);

#endif
