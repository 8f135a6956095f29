// SPDX-License-Identifier: GPL-2.0
#include "translate/walk.h"

#include <linux/mm.h>
#include <linux/uaccess.h>

#include "compat/compat.h"

#define ATTEMPTS	3

static int read_at(const void *entry, unsigned int entry_bytes, u64 *raw)
{
	u32 narrow;
	int error;

	if (entry_bytes == sizeof(*raw))
		return copy_from_kernel_nofault(raw, entry, sizeof(*raw)) ? -EFAULT : 0;
	error = copy_from_kernel_nofault(&narrow, entry, sizeof(narrow));
	*raw = narrow;
	return error ? -EFAULT : 0;
}

static int read_entry(const struct kmemlab_walk_step *step, unsigned int entry_bytes, u64 *raw)
{
	const unsigned int offset = step->index * entry_bytes;
	struct page *page;
	void *mapped;
	int error;

	/* A process's last tables may lie where no kernel address shows them. */
	if (!IS_ENABLED(CONFIG_HIGHPTE) || !pfn_valid(PHYS_PFN(step->table)))
		return read_at(__va(step->table) + offset, entry_bytes, raw);
	page = pfn_to_page(PHYS_PFN(step->table));
	if (!PageHighMem(page))
		return read_at(__va(step->table) + offset, entry_bytes, raw);
	mapped = compat_kmap(page);
	error = read_at(mapped + offset_in_page(step->table) + offset, entry_bytes, raw);
	compat_kunmap(mapped);
	return error;
}

/* One way down. */
static int descend(const struct kmemlab_tables *tables, unsigned long address,
		   struct kmemlab_walk *walk)
{
	phys_addr_t base = tables->root;

	if (tables->address_bits < BITS_PER_LONG)
		address &= (1UL << tables->address_bits) - 1;
	for (walk->count = 0; walk->count < tables->count;) {
		const struct kmemlab_level *level = &tables->levels[walk->count];
		struct kmemlab_walk_step *step = &walk->steps[walk->count];
		unsigned int shift;
		int error;

		step->table = base;
		step->index = (address >> level->shift) & ((1U << level->index_bits) - 1);
		error = read_entry(step, level->entry_bytes, &step->raw);
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
static bool unchanged(const struct kmemlab_tables *tables, const struct kmemlab_walk *walk)
{
	unsigned int i;
	u64 raw;

	for (i = 0; i + 1 < walk->count; i++) {
		if (read_entry(&walk->steps[i], tables->levels[i].entry_bytes, &raw) ||
		    raw != walk->steps[i].raw)
			return false;
	}
	return true;
}

int kmemlab_walk_tables(const struct kmemlab_tables *tables, unsigned long address,
			struct kmemlab_walk *walk)
{
	unsigned int attempt;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		int error = descend(tables, address, walk);

		if (unchanged(tables, walk))
			return error;
	}
	return -EAGAIN;
}

int kmemlab_walk_kernel(unsigned long address, struct kmemlab_walk *walk)
{
	struct kmemlab_tables tables;

	kmemlab_arch_tables(&tables);
	return kmemlab_walk_tables(&tables, address, walk);
}
