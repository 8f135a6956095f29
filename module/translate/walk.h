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
 * struct kmemlab_way - the way to a table that a walk ended in
 * @walk: the last walk to there
 * @number: of the walk that found the way, from 1 on; walks of the same number differ
 *	in their last step only
 * @entries: the kernel's addresses of @walk's entries but the last one
 * @last_table: the kernel's address of the table
 * @near_shift: log2 of the bytes that @last_table stands for; 0: it is not remembered
 */
struct kmemlab_way {
	struct kmemlab_walk walk;
	unsigned int number;
	const kmemlab_entry_t *entries[KMEMLAB_STEPS_MAX];
	const kmemlab_entry_t *last_table;
	unsigned int near_shift;
};

#define KMEMLAB_WAYS	16	/* a power of two: 32 MiB of 4 KiB pages, where tables have 512 */

/**
 * struct kmemlab_walker - walks the same tables for many addresses
 * @tables: the tables
 * @way: that of the last walk, one of @ways
 * @ways: the next walk goes on from where it parts from one of them, if that is the last
 *	table; by number of the last level's table
 * @numbers: of ways, given out so far
 * @onlines: struct pages that are known to be there, by number of what is there together
 */
struct kmemlab_walker {
	struct kmemlab_tables tables;
	struct kmemlab_way *way;
	struct kmemlab_way ways[KMEMLAB_WAYS];
	unsigned int numbers;
	struct kmemlab_online onlines[KMEMLAB_ONLINES];
};

static __always_inline struct kmemlab_way *kmemlab_way_of(struct kmemlab_walker *walker,
							  unsigned long address)
{
	const struct kmemlab_tables *tables = &walker->tables;

	return &walker->ways[(address >> tables->levels[tables->count - 2].shift) %
			     KMEMLAB_WAYS];
}

/* Does the way end in the table that this address leads to as well? */
static __always_inline bool kmemlab_way_is_near(const struct kmemlab_way *way,
						unsigned long address)
{
	return way->near_shift && !((way->walk.address ^ address) >> way->near_shift);
}

/*
 * Around walks, which may not sleep then. Tables of a process change under a walk unless
 * interrupts are off, as in the kernel's own fast walk: freed tables wait for that. Those
 * of the kernel are looked up anew each time: see translate/arch_entry.h.
 */
void kmemlab_walk_begin(struct kmemlab_walker *walker);
void kmemlab_walk_end(struct kmemlab_walker *walker);

/*
 * Walks @walker's tables. @way is kmemlab_way_of() the address.
 *
 * Return: 0; -ENXIO where nothing is mapped; -EFAULT where a table cannot be
 * read; -EAGAIN where the tables kept changing.
 */
int kmemlab_walk_by(struct kmemlab_walker *walker, struct kmemlab_way *way,
		    unsigned long address);

/* One walk, between begin and end. */
static inline int kmemlab_walk_to(struct kmemlab_walker *walker, unsigned long address)
{
	int error;

	kmemlab_walk_begin(walker);
	error = kmemlab_walk_by(walker, kmemlab_way_of(walker, address), address);
	kmemlab_walk_end(walker);
	return error;
}

/*
 * After a walk that found nothing: how many entries of the last table from that one on
 * are all 0, at least 1. Looked at once, without looking back at the parents.
 */
unsigned int kmemlab_walk_empty_entries(struct kmemlab_walker *walker);

/* One walk through the tables for kernel addresses, as above. */
int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk);

#endif
