/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's own page table walk. A module cannot lock the kernel's tables: the
 * walk reads entries with no-fault copies, and reads the upper ones again after it
 * has reached the leaf.
 */
#ifndef KMEMLAB_WALK_H
#define KMEMLAB_WALK_H

#include <linux/types.h>

#include "translate/arch.h"

/**
 * struct kmemlab_walk - walk from the root table to a leaf
 * @steps: one for each level, root first
 * @count: number of steps
 * @leaf_shift: log2 of the bytes that the leaf maps
 * @pfn: page frame of the address
 * @address: virtual address
 */
struct kmemlab_walk {
	struct kmemlab_walk_level steps[KMEMLAB_STEPS_MAX];
	unsigned int count;
	unsigned int leaf_shift;
	unsigned long pfn;
	unsigned long address;
};

/**
 * struct kmemlab_walk_path - cached path to the table in which a walk ended
 * @walk: last walk by this path
 * @number: number of the full walk that found the path, from 1; walks with the same
 *	number differ in their last step only
 * @entries: kernel addresses of the entries of @walk but the last one
 * @last_table: kernel address of the last table
 * @table_shift: log2 of the bytes that @last_table covers; 0: the path is not valid
 */
struct kmemlab_walk_path {
	struct kmemlab_walk walk;
	unsigned int number;
	const kmemlab_entry_t *entries[KMEMLAB_STEPS_MAX];
	const kmemlab_entry_t *last_table;
	unsigned int table_shift;
};

/* Number of cached paths, a power of two: 32 MiB of 4 KiB pages with tables of 512 entries. */
#define KMEMLAB_WALK_PATHS	16

/**
 * struct kmemlab_page_cache - cached knowledge about page frames that are online together
 * @pfn: one of the frames
 * @valid: true if the frames have struct pages
 * @migrate_type: migrate type of their page block
 */
struct kmemlab_page_cache {
	unsigned long pfn;
	bool valid;
	u16 migrate_type;
};

#define KMEMLAB_PAGE_CACHE_SIZE	16	/* a power of two */

/**
 * struct kmemlab_walker - walker of the same tables for many addresses
 * @tables: the tables
 * @path: path of the last walk, one of @paths
 * @paths: cached paths, indexed by the number of the last table
 * @numbers: number of full walks so far
 * @page_cache: for kmemlab_page_describe()
 */
struct kmemlab_walker {
	struct kmemlab_tables tables;
	struct kmemlab_walk_path *path;
	struct kmemlab_walk_path paths[KMEMLAB_WALK_PATHS];
	unsigned int numbers;
	struct kmemlab_page_cache page_cache[KMEMLAB_PAGE_CACHE_SIZE];
};

/* Return the only cached path that may cover the address. */
static __always_inline struct kmemlab_walk_path *
kmemlab_walk_cached_path(struct kmemlab_walker *walker, unsigned long address)
{
	const struct kmemlab_tables *tables = &walker->tables;

	return &walker->paths[(address >> tables->levels[tables->count - 2].shift) %
			      KMEMLAB_WALK_PATHS];
}

/* Return true if the path ends in the table that translates the address. */
static __always_inline bool kmemlab_walk_path_covers(const struct kmemlab_walk_path *path,
						     unsigned long address)
{
	return path->table_shift && !((path->walk.address ^ address) >> path->table_shift);
}

void kmemlab_walk_begin(struct kmemlab_walker *walker);
void kmemlab_walk_end(struct kmemlab_walker *walker);
int kmemlab_walk_path(struct kmemlab_walker *walker, struct kmemlab_walk_path *path,
		      unsigned long address);
unsigned int kmemlab_walk_empty_entries(struct kmemlab_walker *walker);
int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk);

/* Walk to one address. Return: as kmemlab_walk_path(). */
static inline int kmemlab_walk_to(struct kmemlab_walker *walker, unsigned long address)
{
	int ret;

	kmemlab_walk_begin(walker);
	ret = kmemlab_walk_path(walker, kmemlab_walk_cached_path(walker, address), address);
	kmemlab_walk_end(walker);
	return ret;
}

#endif
