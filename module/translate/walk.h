/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's own walk through the kernel's page tables. Entries are read with
 * no-fault copies and looked at again once the leaf is reached: no lock guards
 * these tables for a module.
 */
#ifndef KMEMLAB_WALK_H
#define KMEMLAB_WALK_H

#include <linux/types.h>

#include "translate/arch.h"

#define KMEMLAB_WALK_LEVELS_MAX	5

/**
 * struct kmemlab_walk_step - one table that was looked into
 * @table: physical address of the table
 * @index: of the entry
 * @raw: the entry, as it lies in memory
 */
struct kmemlab_walk_step {
	phys_addr_t table;
	unsigned int index;
	u64 raw;
};

/**
 * struct kmemlab_walk - the way from the root to a leaf
 * @steps: root first
 * @count: how many of them
 * @leaf_shift: log2 of the bytes that the leaf maps
 * @pfn: the page frame that the address lies in
 */
struct kmemlab_walk {
	struct kmemlab_walk_step steps[KMEMLAB_WALK_LEVELS_MAX];
	unsigned int count;
	unsigned int leaf_shift;
	unsigned long pfn;
};

/*
 * Walks @tables. Those of a process change under a walk unless interrupts are
 * off, as in the kernel's own fast walk: freed tables wait for that.
 *
 * Return: 0; -ENXIO where nothing is mapped; -EFAULT where a table cannot be
 * read; -EAGAIN where the tables kept changing.
 */
int kmemlab_walk_tables(const struct kmemlab_tables *tables, unsigned long address,
			struct kmemlab_walk *walk);

/* The same through the tables for kernel addresses. */
int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk);

#endif
