// SPDX-License-Identifier: GPL-2.0
/* x86-64: four or five levels of 512 entries; leaves of 4 KiB, 2 MiB and 1 GiB. */
#include <linux/kernel.h>
#include <linux/mm.h>

#include <asm/processor.h>

#include "translate/arch.h"

static const struct kmemlab_level levels[] = {
	{ 48, 9, 8 },	/* only with five levels */
	{ 39, 9, 8 },
	{ 30, 9, 8 },
	{ 21, 9, 8 },
	{ 12, 9, 8 },
};

void kmemlab_arch_tables(struct kmemlab_tables *tables)
{
	unsigned int first = pgtable_l5_enabled() ? 0 : 1;

	tables->levels = levels + first;
	tables->count = ARRAY_SIZE(levels) - first;
	tables->address_bits = first ? 48 : 57;
	tables->root = read_cr3_pa();
}

enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level,
					   phys_addr_t *base, unsigned int *shift)
{
	bool last = level->shift == PAGE_SHIFT;

	if (!(raw & _PAGE_PRESENT))
		return KMEMLAB_ENTRY_NONE;
	*base = raw & PTE_PFN_MASK;
	if (!last && !(raw & _PAGE_PSE))
		return KMEMLAB_ENTRY_TABLE;
	/* In a huge leaf the bits below its size are flags (PAT). */
	*base &= ~((1ULL << level->shift) - 1);
	*shift = level->shift;
	return KMEMLAB_ENTRY_LEAF;
}
