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
 *	last table; count 0: there was none
 */
struct kmemlab_walker {
	struct kmemlab_tables tables;
	struct kmemlab_walk walk;
};

/*
 * Walks @tables. Those of a process change under a walk unless interrupts are
 * off, as in the kernel's own fast walk: freed tables wait for that.
 *
 * Return: 0; -ENXIO where nothing is mapped; -EFAULT where a table cannot be
 * read; -EAGAIN where the tables kept changing.
 */
int kmemlab_walk_to(struct kmemlab_walker *walker, unsigned long address);

/* The same through the tables for kernel addresses. */
int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk);

#endif
