// SPDX-License-Identifier: GPL-2.0
#include "translate/walk.h"

#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "translate/arch_entry.h"

#define ATTEMPTS	3

/* Where the direct map ends at the latest: beyond, an address may not even be canonical. */
#ifdef MAX_PHYSMEM_BITS
#define PHYS_END	BIT_ULL(MAX_PHYSMEM_BITS)
#else	/* only sparse memory models name it; ARM's long descriptors have 40 bits */
#define PHYS_END	BIT_ULL(IS_ENABLED(CONFIG_PHYS_ADDR_T_64BIT) ? 40 : 32)
#endif

static __always_inline int read_at(const kmemlab_entry_t *entry, u64 *raw)
{
	kmemlab_entry_t value;

	if (kmemlab_entry_read(&value, entry))
		return -EFAULT;
	*raw = value;
	return 0;
}

/* A process's last tables may lie where no kernel address shows them. */
static bool is_high(phys_addr_t table)
{
	return IS_ENABLED(CONFIG_HIGHPTE) && pfn_valid(PHYS_PFN(table)) &&
	       PageHighMem(pfn_to_page(PHYS_PFN(table)));
}

static int read_high(const struct kmemlab_step *step, u64 *raw)
{
	void *mapped = compat_kmap(pfn_to_page(PHYS_PFN(step->table)));
	const kmemlab_entry_t *table = mapped + offset_in_page(step->table);
	int error = read_at(table + step->index, raw);

	compat_kunmap(mapped);
	return error;
}

/* The kernel's address of a table; NULL where it has none. */
static const kmemlab_entry_t *table_at(phys_addr_t table)
{
	return table >= PHYS_END || is_high(table) ? NULL : __va(table);
}

static int read_entry(const struct kmemlab_step *step, u64 *raw)
{
	const kmemlab_entry_t *table = table_at(step->table);

	if (table)
		return read_at(table + step->index, raw);
	return step->table >= PHYS_END ? -EFAULT : read_high(step, raw);
}

static __always_inline unsigned int index_in(const struct kmemlab_level *level,
					     unsigned long address)
{
	return (address >> level->shift) & ((1U << level->index_bits) - 1);
}

static __always_inline unsigned long frame_of(const struct kmemlab_entry *leaf,
					      unsigned long address)
{
	return PHYS_PFN(leaf->base | (address & ((1UL << leaf->shift) - 1)));
}

/* One way down. */
static int descend(const struct kmemlab_tables *tables, unsigned long address,
		   struct kmemlab_walk *walk)
{
	const struct kmemlab_level *level = tables->levels;
	struct kmemlab_step *step = walk->steps;
	phys_addr_t base = tables->root;
	struct kmemlab_entry entry;
	int error;

	if (tables->address_bits < BITS_PER_LONG)
		address &= (1UL << tables->address_bits) - 1;
	for (walk->count = 0; walk->count < tables->count; level++, step++) {
		step->table = base;
		step->index = index_in(level, address);
		step->shift = level->shift;
		step->entry_bytes = sizeof(kmemlab_entry_t);
		error = read_entry(step, &step->raw);
		if (error)
			return error;
		walk->count++;
		entry = kmemlab_arch_entry(step->raw, level);
		if (entry.kind == KMEMLAB_ENTRY_NONE)
			return -ENXIO;
		if (entry.kind == KMEMLAB_ENTRY_LEAF) {
			walk->leaf_shift = entry.shift;
			walk->pfn = frame_of(&entry, address);
			return 0;
		}
		base = entry.base;
	}
	return -ENXIO;
}

/* Are all entries above the last one still what they were on the way down? */
static bool unchanged(const struct kmemlab_walk *walk)
{
	const struct kmemlab_step *step = walk->steps;
	const struct kmemlab_step *last = step + walk->count - 1;
	u64 raw;

	for (; step < last; step++) {
		if (read_entry(step, &raw) || raw != step->raw)
			return false;
	}
	return true;
}

/* All the way down, again where it changed meanwhile. */
static int walk_whole(const struct kmemlab_tables *tables, unsigned long address,
		      struct kmemlab_walk *walk)
{
	unsigned int attempt;

	memset(walk->steps, 0, sizeof(walk->steps));
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		int error = descend(tables, address, walk);

		if (unchanged(walk))
			return error;
	}
	return -EAGAIN;
}

/* Remembers the way to the last table, for addresses near by. */
static void remember(const struct kmemlab_tables *tables, struct kmemlab_way *way)
{
	const struct kmemlab_walk *walk = &way->walk;
	const unsigned int last = walk->count - 1;
	unsigned int i;

	if (walk->count < 2)
		return;
	for (i = 0; i <= last; i++) {
		const kmemlab_entry_t *table = table_at(walk->steps[i].table);

		if (!table)
			return;
		way->entries[i] = table + walk->steps[i].index;
	}
	way->last_table = table_at(walk->steps[last].table);
	way->near_shift = tables->levels[last - 1].shift;
}

static noinline int walk_far(struct kmemlab_walker *walker, unsigned long address,
			     struct kmemlab_way *way)
{
	int error;

	way->near_shift = 0;
	way->number = ++walker->numbers;
	error = walk_whole(&walker->tables, address, &way->walk);
	if (!error || error == -ENXIO)
		remember(&walker->tables, way);
	return error;
}

/*
 * Looks into the last table once more, for another address; -EAGAIN where that
 * leads further down, or where the way to the table is no longer the same: that
 * is looked at afterwards, as on the whole way.
 */
static __always_inline int walk_near(const struct kmemlab_tables *tables, unsigned long address,
				     struct kmemlab_way *way)
{
	struct kmemlab_walk *walk = &way->walk;
	const unsigned int last = walk->count - 1;
	struct kmemlab_step *step = &walk->steps[last];
	const struct kmemlab_level *level = &tables->levels[last];
	const unsigned int index = index_in(level, address);
	struct kmemlab_entry entry;
	unsigned int i;
	u64 raw;

	if (read_at(way->last_table + index, &raw))
		return -EAGAIN;
	entry = kmemlab_arch_entry(raw, level);
	if (entry.kind == KMEMLAB_ENTRY_TABLE)
		return -EAGAIN;
	step->index = index;
	step->raw = raw;
	walk->leaf_shift = entry.shift;
	walk->pfn = frame_of(&entry, address);
	for (i = 0; i < last; i++) {
		if (read_at(way->entries[i], &raw) || raw != walk->steps[i].raw)
			return -EAGAIN;
	}
	return entry.kind == KMEMLAB_ENTRY_LEAF ? 0 : -ENXIO;
}

/* The kernel's root may be another one now; and so is all that is remembered. */
static void look_up_root(struct kmemlab_walker *walker)
{
	phys_addr_t root;
	unsigned int i;

	if (walker->tables.of_process)
		return;
	root = kmemlab_arch_kernel_root();
	if (likely(root == walker->tables.root))
		return;
	walker->tables.root = root;
	for (i = 0; i < KMEMLAB_WAYS; i++)
		walker->ways[i].near_shift = 0;
}

void kmemlab_walk_begin(struct kmemlab_walker *walker)
{
	preempt_disable();
	pagefault_disable();
	look_up_root(walker);
}

void kmemlab_walk_end(struct kmemlab_walker *walker)
{
	pagefault_enable();
	preempt_enable();
}

int kmemlab_walk_by(struct kmemlab_walker *walker, struct kmemlab_way *way,
		    unsigned long address)
{
	int error = -EAGAIN;

	if (likely(kmemlab_way_is_near(way, address)))
		error = walk_near(&walker->tables, address, way);
	if (unlikely(error == -EAGAIN))
		error = walk_far(walker, address, way);
	way->walk.address = address;
	walker->way = way;
	return error;
}

unsigned int kmemlab_walk_empty_entries(struct kmemlab_walker *walker)
{
	const struct kmemlab_way *way = walker->way;
	const unsigned int last = way->walk.count - 1;
	const struct kmemlab_step *step = &way->walk.steps[last];
	unsigned int index, end;
	u64 raw = 0;

	if (!way->near_shift)
		return 1;
	end = 1U << walker->tables.levels[last].index_bits;
	preempt_disable();
	pagefault_disable();
	for (index = step->index + 1; index < end; index++) {
		if (read_at(way->last_table + index, &raw) || raw)
			break;
	}
	pagefault_enable();
	preempt_enable();
	return index - step->index;
}

int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk)
{
	struct kmemlab_tables tables;
	int error;

	kmemlab_arch_kernel_tables(&tables);
	preempt_disable();
	pagefault_disable();
	tables.root = kmemlab_arch_kernel_root();
	error = walk_whole(&tables, address, walk);
	pagefault_enable();
	preempt_enable();
	walk->address = address;
	return error;
}
