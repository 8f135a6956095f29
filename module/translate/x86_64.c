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

static unsigned int first_level(void)
{
	return pgtable_l5_enabled() ? 0 : 1;
}

unsigned int kmemlab_arch_levels(const struct kmemlab_level **from)
{
	*from = levels + first_level();
	return ARRAY_SIZE(levels) - first_level();
}

phys_addr_t kmemlab_arch_root(void)
{
	return read_cr3_pa();
}

enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, unsigned int level,
					   phys_addr_t *base, unsigned int *shift)
{
	unsigned int size = levels[first_level() + level].shift;
	bool last = size == PAGE_SHIFT;

	/* A global kernel entry without _PAGE_PRESENT is PROT_NONE or a hole. */
	if (!(raw & _PAGE_PRESENT))
		return KMEMLAB_ENTRY_NONE;
	*base = raw & PTE_PFN_MASK;
	if (!last && !(raw & _PAGE_PSE))
		return KMEMLAB_ENTRY_TABLE;
	/* In a huge leaf the bits below its size are flags (PAT). */
	*base &= ~((1ULL << size) - 1);
	*shift = size;
	return KMEMLAB_ENTRY_LEAF;
}
