/* SPDX-License-Identifier: GPL-2.0 */
/* What the walk has to know of an architecture: the shape of its tables. */
#ifndef KMEMLAB_TRANSLATE_ARCH_H
#define KMEMLAB_TRANSLATE_ARCH_H

#include <linux/kmemlab.h>
#include <linux/types.h>

struct mm_struct;

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

/**
 * struct kmemlab_tables - the tables for kernel addresses, as this CPU runs now
 * @levels: from the root on
 * @count: how many of them
 * @address_bits: of an address that the tables translate
 * @root: physical address of the root table
 */
struct kmemlab_tables {
	const struct kmemlab_level *levels;
	unsigned int count;
	unsigned int address_bits;
	phys_addr_t root;
};

void kmemlab_arch_tables(struct kmemlab_tables *tables);

/* The tables of a process. */
void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables);

enum kmemlab_half {
	KMEMLAB_HALF_NONE,	/* no address of this machine */
	KMEMLAB_HALF_PROCESS,
	KMEMLAB_HALF_KERNEL,
};

enum kmemlab_half kmemlab_arch_half(unsigned long address);

/* How entries are to be read; levels, page_shift and address_bits are set by the caller. */
void kmemlab_arch_format(struct kmemlab_table_format *format);

/*
 * Takes an entry of @level apart. For a table @base is its physical address;
 * for a leaf it is where the memory begins, and @shift log2 of its size.
 */
enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level,
					   phys_addr_t *base, unsigned int *shift);

#endif
