/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Properties of an architecture's page tables. arch_*.h defines the types and
 * functions of the architecture as inline functions, since they are part of the
 * timed walk:
 *
 * kmemlab_arch_kernel_tables(), kmemlab_arch_process_tables(): fill a struct
 *	kmemlab_tables; the former leaves out the root.
 * kmemlab_arch_kernel_root(): physical address of tables with all kernel mappings. On
 *	x86 these are the tables in use, which may belong to a process that exits: they
 *	are valid until preemption is enabled.
 * kmemlab_arch_decode(): decode an entry.
 * kmemlab_arch_regions(): fill an array of KMEMLAB_ARCH_REGIONS_MAX regions and return
 *	their number.
 * kmemlab_arch_is_image(): true if an address in another kind of region maps the kernel
 *	image.
 * kmemlab_arch_half(): half of the address space of an address.
 * kmemlab_arch_format(): for user space, describe the entries in the tables of a process or
 *	the kernel, except levels, page_shift and address_bits.
 */
#ifndef KMEMLAB_TRANSLATE_ARCH_H
#define KMEMLAB_TRANSLATE_ARCH_H

#include <linux/kernel.h>
#include <linux/kmemlab.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#include <asm/fixmap.h>

enum kmemlab_entry_kind {
	KMEMLAB_ENTRY_NONE,	/* maps nothing */
	KMEMLAB_ENTRY_TABLE,	/* points to the next table */
	KMEMLAB_ENTRY_LEAF,	/* maps memory */
};

enum kmemlab_half {
	KMEMLAB_HALF_NONE,	/* not canonical */
	KMEMLAB_HALF_PROCESS,
	KMEMLAB_HALF_KERNEL,
};

/**
 * struct kmemlab_entry - decoded page table entry
 * @kind: kind of entry
 * @shift: log2 of the bytes that a leaf maps
 * @base: physical address of the table or of the mapped memory
 */
struct kmemlab_entry {
	enum kmemlab_entry_kind kind;
	unsigned int shift;
	phys_addr_t base;
};

/* Raw entry, of the same size in all tables. */
#if defined(CONFIG_ARM) && !defined(CONFIG_ARM_LPAE)
typedef u32 kmemlab_entry_t;
#define kmemlab_entry_read	compat_read_nofault_u32
#else
typedef u64 kmemlab_entry_t;
#define kmemlab_entry_read	compat_read_nofault_u64
#endif

/**
 * struct kmemlab_level - one level of page tables
 * @shift: log2 of the bytes that one entry covers
 * @index_bits: log2 of the number of entries in a table
 */
struct kmemlab_level {
	unsigned int shift;
	unsigned int index_bits;
};

/**
 * struct kmemlab_tables - page tables of a process or of the kernel
 * @levels: levels, starting with the root
 * @count: number of levels
 * @address_bits: number of address bits that the tables translate
 * @root: physical address of the root table; for the kernel: at the last walk
 * @of_process: true if the tables belong to a process that the caller keeps alive
 */
struct kmemlab_tables {
	const struct kmemlab_level *levels;
	unsigned int count;
	unsigned int address_bits;
	phys_addr_t root;
	bool of_process;
};

#define KMEMLAB_ARCH_REGIONS_MAX	8

/**
 * struct kmemlab_region - range of kernel addresses outside of the direct map
 * @first: first address
 * @last: last address
 * @kind: KMEMLAB_REGION_*
 */
struct kmemlab_region {
	unsigned long first;
	unsigned long last;
	unsigned int kind;
};

#if defined(CONFIG_X86_64)
#include "translate/arch_x86_64.h"
#elif defined(CONFIG_ARM64)
#include "translate/arch_arm64.h"
#elif defined(CONFIG_ARM)
#include "translate/arch_arm.h"
#endif

#endif
