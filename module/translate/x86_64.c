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

void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	kmemlab_arch_tables(tables);
	tables->root = __pa(mm->pgd);
}

enum kmemlab_half kmemlab_arch_half(unsigned long address)
{
	long sign = (long)address >> (pgtable_l5_enabled() ? 56 : 47);

	return !sign ? KMEMLAB_HALF_PROCESS : sign == -1 ? KMEMLAB_HALF_KERNEL : KMEMLAB_HALF_NONE;
}

void kmemlab_arch_format(struct kmemlab_table_format *format)
{
	strscpy(format->name, "x86_64", sizeof(format->name));
	format->phys_bits = __PHYSICAL_MASK_SHIFT;
	format->prot_none_bit = _PAGE_BIT_PROTNONE;
	format->swap_type_bits = SWP_TYPE_BITS;
	format->swap_type_shift = 64 - SWP_TYPE_BITS;
	format->swap_offset_shift = SWP_OFFSET_FIRST_BIT;
	format->swap_offset_bits = format->swap_type_shift - SWP_OFFSET_FIRST_BIT;
	format->swap_inverted = 1;
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
