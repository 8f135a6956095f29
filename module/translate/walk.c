// SPDX-License-Identifier: GPL-2.0-only
#include "translate/walk.h"

#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat/compat.h"

#define ATTEMPTS	3

/* Limit of the direct map; an address beyond it may not even be canonical. */
#ifdef MAX_PHYSMEM_BITS
#define PHYS_END	BIT_ULL(MAX_PHYSMEM_BITS)
#else	/* defined by sparse memory models only; LPAE has 40 bits */
#define PHYS_END	BIT_ULL(IS_ENABLED(CONFIG_PHYS_ADDR_T_64BIT) ? 40 : 32)
#endif

static __always_inline int walk_read(const kmemlab_entry_t *entry, u64 *raw)
{
	kmemlab_entry_t value;

	if (kmemlab_entry_read(&value, entry))
		return -EFAULT;
	*raw = value;
	return 0;
}

/* The last tables of a process may be in high memory. */
static bool walk_is_high(phys_addr_t table)
{
	return IS_ENABLED(CONFIG_HIGHPTE) && pfn_valid(PHYS_PFN(table)) &&
	       PageHighMem(pfn_to_page(PHYS_PFN(table)));
}

static int walk_read_high(const struct kmemlab_walk_level *step, u64 *raw)
{
	void *mapped = compat_kmap(pfn_to_page(PHYS_PFN(step->table)));
	const kmemlab_entry_t *table = mapped + offset_in_page(step->table);
	int ret = walk_read(table + step->index, raw);

	compat_kunmap(mapped);
	return ret;
}

/* Return the kernel address of a table, or NULL if it is not in the direct map. */
static const kmemlab_entry_t *walk_table(phys_addr_t table)
{
	return table >= PHYS_END || walk_is_high(table) ? NULL : __va(table);
}

static int walk_read_step(const struct kmemlab_walk_level *step, u64 *raw)
{
	const kmemlab_entry_t *table = walk_table(step->table);

	if (table)
		return walk_read(table + step->index, raw);
	return step->table >= PHYS_END ? -EFAULT : walk_read_high(step, raw);
}

static __always_inline unsigned int walk_index(const struct kmemlab_level *level,
					       unsigned long address)
{
	return (address >> level->shift) & ((1U << level->index_bits) - 1);
}

static __always_inline unsigned long walk_leaf_pfn(const struct kmemlab_entry *leaf,
						   unsigned long address)
{
	return PHYS_PFN(leaf->base | (address & ((1UL << leaf->shift) - 1)));
}

static int walk_descend(const struct kmemlab_tables *tables, unsigned long address,
			struct kmemlab_walk *walk)
{
	const struct kmemlab_level *level = tables->levels;
	struct kmemlab_walk_level *step = walk->steps;
	phys_addr_t base = tables->root;
	struct kmemlab_entry entry;
	int ret;

	if (tables->address_bits < BITS_PER_LONG)
		address &= (1UL << tables->address_bits) - 1;
	for (walk->count = 0; walk->count < tables->count; level++, step++) {
		step->table = base;
		step->index = walk_index(level, address);
		step->shift = level->shift;
		step->entry_bytes = sizeof(kmemlab_entry_t);
		ret = walk_read_step(step, &step->raw);
		if (ret)
			return ret;
		walk->count++;
		entry = kmemlab_arch_decode(step->raw, level);
		if (entry.kind == KMEMLAB_ENTRY_NONE)
			return -ENXIO;
		if (entry.kind == KMEMLAB_ENTRY_LEAF) {
			walk->leaf_shift = entry.shift;
			walk->pfn = walk_leaf_pfn(&entry, address);
			return 0;
		}
		base = entry.base;
	}
	return -ENXIO;
}

/* Return true if all entries but the last one still have the values of the walk. */
static bool walk_is_unchanged(const struct kmemlab_walk *walk)
{
	const struct kmemlab_walk_level *step = walk->steps;
	const struct kmemlab_walk_level *last = step + walk->count - 1;
	u64 raw;

	for (; step < last; step++) {
		if (walk_read_step(step, &raw) || raw != step->raw)
			return false;
	}
	return true;
}

/* Walk from the root; retry if an entry changed meanwhile. */
static int walk_full(const struct kmemlab_tables *tables, unsigned long address,
		     struct kmemlab_walk *walk)
{
	unsigned int attempt;

	memset(walk->steps, 0, sizeof(walk->steps));
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		int ret = walk_descend(tables, address, walk);

		if (walk_is_unchanged(walk))
			return ret;
	}
	return -EAGAIN;
}

/* Cache the path to the last table for other addresses that it translates. */
static void walk_cache_path(const struct kmemlab_tables *tables, struct kmemlab_walk_path *path)
{
	const struct kmemlab_walk *walk = &path->walk;
	const unsigned int last = walk->count - 1;
	unsigned int i;

	if (walk->count < 2)
		return;
	for (i = 0; i <= last; i++) {
		const kmemlab_entry_t *table = walk_table(walk->steps[i].table);

		if (!table)
			return;
		path->entries[i] = table + walk->steps[i].index;
	}
	path->last_table = walk_table(walk->steps[last].table);
	path->table_shift = tables->levels[last - 1].shift;
}

static noinline int walk_uncached(struct kmemlab_walker *walker, unsigned long address,
				  struct kmemlab_walk_path *path)
{
	int ret;

	path->table_shift = 0;
	path->number = ++walker->numbers;
	ret = walk_full(&walker->tables, address, &path->walk);
	if (!ret || ret == -ENXIO)
		walk_cache_path(&walker->tables, path);
	return ret;
}

/*
 * Read the entry of another address in the last table. As in a full walk, the upper
 * entries are read afterwards. Return: -EAGAIN if the entry points to another table or
 * the path has changed; else as kmemlab_walk_path().
 */
static __always_inline int walk_cached(const struct kmemlab_tables *tables, unsigned long address,
				       struct kmemlab_walk_path *path)
{
	struct kmemlab_walk *walk = &path->walk;
	const unsigned int last = walk->count - 1;
	struct kmemlab_walk_level *step = &walk->steps[last];
	const struct kmemlab_level *level = &tables->levels[last];
	const unsigned int index = walk_index(level, address);
	struct kmemlab_entry entry;
	unsigned int i;
	u64 raw;

	if (walk_read(path->last_table + index, &raw))
		return -EAGAIN;
	entry = kmemlab_arch_decode(raw, level);
	if (entry.kind == KMEMLAB_ENTRY_TABLE)
		return -EAGAIN;
	step->index = index;
	step->raw = raw;
	walk->leaf_shift = entry.shift;
	walk->pfn = walk_leaf_pfn(&entry, address);
	for (i = 0; i < last; i++) {
		if (walk_read(path->entries[i], &raw) || raw != walk->steps[i].raw)
			return -EAGAIN;
	}
	return entry.kind == KMEMLAB_ENTRY_LEAF ? 0 : -ENXIO;
}

/* Use the current root of the kernel's tables; a new root invalidates all cached paths. */
static void walk_update_root(struct kmemlab_walker *walker)
{
	phys_addr_t root;
	unsigned int i;

	if (walker->tables.of_process)
		return;
	root = kmemlab_arch_kernel_root();
	if (likely(root == walker->tables.root))
		return;
	walker->tables.root = root;
	for (i = 0; i < KMEMLAB_WALK_PATHS; i++)
		walker->paths[i].table_shift = 0;
}

/**
 * kmemlab_walk_begin() - Prepare for walks, and disable preemption and page faults.
 * @walker: walker
 *
 * The tables of a process change during a walk unless the caller disables
 * interrupts, which delays the freeing of tables, as the kernel's gup_fast does.
 * The kernel's root table is read here: see translate/arch.h.
 */
void kmemlab_walk_begin(struct kmemlab_walker *walker)
{
	preempt_disable();
	pagefault_disable();
	walk_update_root(walker);
}

/**
 * kmemlab_walk_end() - Enable preemption and page faults.
 * @walker: walker of kmemlab_walk_begin()
 */
void kmemlab_walk_end(struct kmemlab_walker *walker)
{
	pagefault_enable();
	preempt_enable();
}

/**
 * kmemlab_walk_path() - Walk to an address.
 * @walker: walker, between kmemlab_walk_begin() and kmemlab_walk_end()
 * @path: kmemlab_walk_cached_path() of the address; the walk is stored there
 * @address: virtual address
 *
 * Return: 0; -ENXIO if nothing is mapped; -EFAULT if a table cannot be read; -EAGAIN if
 * the tables kept changing.
 */
int kmemlab_walk_path(struct kmemlab_walker *walker, struct kmemlab_walk_path *path,
		      unsigned long address)
{
	int ret = -EAGAIN;

	if (likely(kmemlab_walk_path_covers(path, address)))
		ret = walk_cached(&walker->tables, address, path);
	if (unlikely(ret == -EAGAIN))
		ret = walk_uncached(walker, address, path);
	path->walk.address = address;
	walker->path = path;
	return ret;
}

/**
 * kmemlab_walk_empty_entries() - Count empty entries after a walk that found nothing.
 * @walker: walker
 *
 * Return: the number of entries of the last table that are 0, starting with that of the
 * address; at least 1. The upper entries are not read again.
 */
unsigned int kmemlab_walk_empty_entries(struct kmemlab_walker *walker)
{
	const struct kmemlab_walk_path *path = walker->path;
	const unsigned int last = path->walk.count - 1;
	const struct kmemlab_walk_level *step = &path->walk.steps[last];
	unsigned int index, end;
	u64 raw = 0;

	if (!path->table_shift)
		return 1;
	end = 1U << walker->tables.levels[last].index_bits;
	preempt_disable();
	pagefault_disable();
	for (index = step->index + 1; index < end; index++) {
		if (walk_read(path->last_table + index, &raw) || raw)
			break;
	}
	pagefault_enable();
	preempt_enable();
	return index - step->index;
}

/**
 * kmemlab_walk_kernel() - Walk to a kernel address without a walker.
 * @address: virtual address
 * @walk: result
 *
 * Return: as kmemlab_walk_path().
 */
int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk)
{
	struct kmemlab_tables tables;
	int ret;

	kmemlab_arch_kernel_tables(&tables);
	preempt_disable();
	pagefault_disable();
	tables.root = kmemlab_arch_kernel_root();
	ret = walk_full(&tables, address, walk);
	pagefault_enable();
	preempt_enable();
	walk->address = address;
	return ret;
}
