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
#include "translate/page_info.h"

/**
 * struct kmemlab_walk - the way from the root to a leaf
 * @steps: root first
 * @count: how many of them
 * @leaf_shift: log2 of the bytes that the leaf maps
 * @pfn: the page frame that the address lies in
 * @address: the address
 */
struct kmemlab_walk {
	struct kmemlab_step steps[KMEMLAB_STEPS_MAX];
	unsigned int count;
	unsigned int leaf_shift;
	unsigned long pfn;
	unsigned long address;
};

/**
 * struct kmemlab_walker - walks the same tables for many addresses
 * @tables: the tables
 * @walk: the last walk: the next one goes on from where both part, if that is the
 *	last table
 * @entries: the kernel's addresses of @walk's entries but the last one
 * @last_table: the kernel's address of the table that @walk ended in
 * @near_shift: log2 of the bytes that @last_table stands for; 0: no table is remembered
 * @online: struct pages that are known to be there
 */
struct kmemlab_walker {
	struct kmemlab_tables tables;
	struct kmemlab_walk walk;
	const kmemlab_entry_t *entries[KMEMLAB_STEPS_MAX];
	const kmemlab_entry_t *last_table;
	unsigned int near_shift;
	struct kmemlab_online online;
};

/* Does the last walk end in the table that this address leads to as well? */
static inline bool kmemlab_walk_is_near(const struct kmemlab_walker *walker, unsigned long address)
{
	return walker->near_shift && !((walker->walk.address ^ address) >> walker->near_shift);
}

/*
 * Walks @walker's tables. Those of a process change under a walk unless interrupts
 * are off, as in the kernel's own fast walk: freed tables wait for that. Those of
 * the kernel are looked up anew each time: see translate/arch_entry.h.
 *
 * Return: 0; -ENXIO where nothing is mapped; -EFAULT where a table cannot be
 * read; -EAGAIN where the tables kept changing.
 */
int kmemlab_walk_to(struct kmemlab_walker *walker, unsigned long address);

/*
 * After a walk that found nothing: how many entries of the last table from that one on
 * are all 0, at least 1. Looked at once, without looking back at the parents.
 */
unsigned int kmemlab_walk_empty_entries(struct kmemlab_walker *walker);

/* One walk through the tables for kernel addresses. */
int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk);

#endif
