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
 * struct kmemlab_entry - an entry, taken apart
 * @kind: what it does
 * @shift: of a leaf: log2 of the bytes that it maps
 * @base: physical address of the table, or where the leaf's memory begins
 */
struct kmemlab_entry {
	enum kmemlab_entry_kind kind;
	unsigned int shift;
	phys_addr_t base;
};

/* An entry, in all tables alike. */
#if defined(CONFIG_ARM) && !defined(CONFIG_ARM_LPAE)
typedef u32 kmemlab_entry_t;
#define kmemlab_entry_read	compat_read_nofault_u32
#else
typedef u64 kmemlab_entry_t;
#define kmemlab_entry_read	compat_read_nofault_u64
#endif

/**
 * struct kmemlab_level - one level of tables
 * @shift: log2 of the bytes that one entry stands for
 * @index_bits: log2 of the entries in a table
 */
struct kmemlab_level {
	unsigned int shift;
	unsigned int index_bits;
};

/**
 * struct kmemlab_tables - the tables of a process, or those for kernel addresses
 * @levels: from the root on
 * @count: how many of them
 * @address_bits: of an address that the tables translate
 * @root: physical address of the root table; of the kernel's: as the walk found it last
 * @of_process: the root is that of a process that somebody holds
 */
struct kmemlab_tables {
	const struct kmemlab_level *levels;
	unsigned int count;
	unsigned int address_bits;
	phys_addr_t root;
	bool of_process;
};

/* All but the root. */
void kmemlab_arch_kernel_tables(struct kmemlab_tables *tables);
void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables);

/**
 * struct kmemlab_region - a part of the kernel's addresses that is no direct map
 * @first: address
 * @last: address
 * @kind: KMEMLAB_REGION_*
 */
struct kmemlab_region {
	unsigned long first;
	unsigned long last;
	unsigned int kind;
};

#define KMEMLAB_ARCH_REGIONS_MAX	8

/* Return: how many of them @regions has then. */
unsigned int kmemlab_arch_regions(struct kmemlab_region regions[KMEMLAB_ARCH_REGIONS_MAX]);

/* Is @pfn at @address, which lies in a region of another kind, the kernel's image? */
bool kmemlab_arch_is_image(unsigned long address, unsigned long pfn);

enum kmemlab_half {
	KMEMLAB_HALF_NONE,	/* no address of this machine */
	KMEMLAB_HALF_PROCESS,
	KMEMLAB_HALF_KERNEL,
};

enum kmemlab_half kmemlab_arch_half(unsigned long address);

/* How entries are to be read; levels, page_shift and address_bits are set by the caller. */
void kmemlab_arch_format(struct kmemlab_table_format *format);

#endif
