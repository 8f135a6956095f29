// SPDX-License-Identifier: GPL-2.0
#include "translate/walk.h"

#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat/compat.h"

#define ATTEMPTS	3

/* Where the direct map ends at the latest: beyond, an address may not even be canonical. */
#define PHYS_END	BIT_ULL(MAX_PHYSMEM_BITS)

static __always_inline int read_at(const void *entry, unsigned int entry_bytes, u64 *raw)
{
	u32 narrow;
	int error;

	if (entry_bytes == sizeof(*raw))
		return compat_read_nofault_u64(raw, entry);
	error = compat_read_nofault_u32(&narrow, entry);
	*raw = narrow;
	return error;
}

/* A process's last tables may lie where no kernel address shows them. */
static int read_high(const struct kmemlab_step *step, unsigned int offset, u64 *raw)
{
	void *mapped = compat_kmap(pfn_to_page(PHYS_PFN(step->table)));
	int error = read_at(mapped + offset_in_page(step->table) + offset, step->entry_bytes, raw);

	compat_kunmap(mapped);
	return error;
}

static __always_inline int read_entry(const struct kmemlab_step *step, u64 *raw)
{
	const unsigned int offset = step->index * step->entry_bytes;

	if (unlikely(step->table >= PHYS_END))
		return -EFAULT;
	if (IS_ENABLED(CONFIG_HIGHPTE) && pfn_valid(PHYS_PFN(step->table)) &&
	    PageHighMem(pfn_to_page(PHYS_PFN(step->table))))
		return read_high(step, offset, raw);
	return read_at(__va(step->table) + offset, step->entry_bytes, raw);
}

/* One way down. */
static int descend(const struct kmemlab_tables *tables, unsigned long address,
		   struct kmemlab_walk *walk)
{
	const struct kmemlab_level *level = tables->levels;
	struct kmemlab_step *step = walk->steps;
	phys_addr_t base = tables->root;
	unsigned int shift;
	int error;

	if (tables->address_bits < BITS_PER_LONG)
		address &= (1UL << tables->address_bits) - 1;
	for (walk->count = 0; walk->count < tables->count; level++, step++) {
		step->table = base;
		step->index = (address >> level->shift) & ((1U << level->index_bits) - 1);
		step->shift = level->shift;
		step->entry_bytes = level->entry_bytes;
		error = read_entry(step, &step->raw);
		if (error)
			return error;
		walk->count++;
		switch (kmemlab_arch_entry(step->raw, level, &base, &shift)) {
		case KMEMLAB_ENTRY_TABLE:
			continue;
		case KMEMLAB_ENTRY_LEAF:
			walk->leaf_shift = shift;
			walk->pfn = PHYS_PFN(base | (address & ((1UL << shift) - 1)));
			return 0;
		case KMEMLAB_ENTRY_NONE:
			return -ENXIO;
		}
	}
	return -ENXIO;
}

/* Are all entries above the last one still what they were on the way down? */
static __always_inline bool unchanged(const struct kmemlab_walk *walk)
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

/* Does the last walk end in the table that this address leads to as well? */
static bool is_near(const struct kmemlab_walker *walker, unsigned long address)
{
	const struct kmemlab_walk *walk = &walker->walk;

	return walk->count > 1 && !((walk->address ^ address) >>
				    walker->tables.levels[walk->count - 2].shift);
}

/*
 * Looks into the last table once more, for another address; false where that
 * leads further down, or where the way to the table is no longer the same: that
 * is looked at afterwards, as on the whole way.
 */
static bool descend_near(struct kmemlab_walker *walker, unsigned long address, int *error)
{
	struct kmemlab_walk *walk = &walker->walk;
	const struct kmemlab_level *level = &walker->tables.levels[walk->count - 1];
	struct kmemlab_step *step = &walk->steps[walk->count - 1];
	enum kmemlab_entry_kind kind;
	unsigned int shift = 0;
	phys_addr_t base = 0;

	step->index = (address >> level->shift) & ((1U << level->index_bits) - 1);
	if (read_entry(step, &step->raw))
		return false;
	kind = kmemlab_arch_entry(step->raw, level, &base, &shift);
	if (kind == KMEMLAB_ENTRY_TABLE)
		return false;
	walk->leaf_shift = shift;
	walk->pfn = PHYS_PFN(base | (address & ((1UL << shift) - 1)));
	*error = kind == KMEMLAB_ENTRY_LEAF ? 0 : -ENXIO;
	return unchanged(walk);
}

static int walk_whole(struct kmemlab_walker *walker, unsigned long address)
{
	unsigned int attempt;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		int error = descend(&walker->tables, address, &walker->walk);

		if (unchanged(&walker->walk))
			return error;
	}
	return -EAGAIN;
}

int kmemlab_walk_to(struct kmemlab_walker *walker, unsigned long address)
{
	int error;

	pagefault_disable();
	if (!is_near(walker, address) || !descend_near(walker, address, &error)) {
		memset(walker->walk.steps, 0, sizeof(walker->walk.steps));
		error = walk_whole(walker, address);
	}
	pagefault_enable();
	walker->walk.address = address;
	return error;
}

int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk)
{
	struct kmemlab_walker walker = { .walk.count = 0 };
	int error;

	kmemlab_arch_tables(&walker.tables);
	error = kmemlab_walk_to(&walker, address);
	*walk = walker.walk;
	return error;
}
