// SPDX-License-Identifier: GPL-2.0
/* arm64: kernel addresses through TTBR1, in the granule and width the CPU was set up for. */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include <asm/sysreg.h>

#include "translate/arch.h"

#define INDEX_BITS		(PAGE_SHIFT - 3)

#define DESCRIPTOR_VALID	1UL
#define DESCRIPTOR_TABLE	2UL	/* at the last level: a page */

#define LEVEL(above_leaf)	{ PAGE_SHIFT + (above_leaf) * INDEX_BITS, INDEX_BITS, 8 }

/* Root to leaf; how many of the upper ones are in use depends on the address width. */
static const struct kmemlab_level levels[] = {
	LEVEL(4), LEVEL(3), LEVEL(2), LEVEL(1), LEVEL(0),
};

void kmemlab_arch_tables(struct kmemlab_tables *tables)
{
	unsigned int t1sz = (read_sysreg(tcr_el1) >> 16) & 0x3f;
	u64 ttbr = read_sysreg(ttbr1_el1);

	tables->address_bits = 64 - t1sz;
	tables->count = DIV_ROUND_UP(tables->address_bits - PAGE_SHIFT, INDEX_BITS);
	tables->levels = levels + ARRAY_SIZE(levels) - tables->count;
	tables->root = ttbr & GENMASK_ULL(47, 6);
	/* With 52-bit physical addresses bits 5 to 2 hold the four highest. */
	if (PHYS_MASK_SHIFT > 48)
		tables->root |= (ttbr & GENMASK_ULL(5, 2)) << 46;
}

void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	unsigned int t0sz = read_sysreg(tcr_el1) & 0x3f;

	tables->address_bits = 64 - t0sz;
	tables->count = DIV_ROUND_UP(tables->address_bits - PAGE_SHIFT, INDEX_BITS);
	tables->levels = levels + ARRAY_SIZE(levels) - tables->count;
	tables->root = virt_to_phys(mm->pgd);
}

enum kmemlab_half kmemlab_arch_half(unsigned long address)
{
	unsigned long tcr = read_sysreg(tcr_el1);
	unsigned int process_bits = 64 - (tcr & 0x3f);
	unsigned int kernel_bits = 64 - ((tcr >> 16) & 0x3f);

	if (!(address >> process_bits))
		return KMEMLAB_HALF_PROCESS;
	return (long)address >> kernel_bits == -1 ? KMEMLAB_HALF_KERNEL : KMEMLAB_HALF_NONE;
}

void kmemlab_arch_format(struct kmemlab_table_format *format)
{
	strscpy(format->name, "arm64", sizeof(format->name));
	format->phys_bits = PHYS_MASK_SHIFT;
#ifdef PTE_PRESENT_INVALID
	format->prot_none_bit = ilog2(PTE_PRESENT_INVALID);
#else
	format->prot_none_bit = ilog2(PTE_PROT_NONE);
#endif
	format->swap_type_bits = __SWP_TYPE_BITS;
	format->swap_type_shift = __SWP_TYPE_SHIFT;
	format->swap_offset_shift = __SWP_OFFSET_SHIFT;
	format->swap_offset_bits = __SWP_OFFSET_BITS;
}

enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level,
					   phys_addr_t *base, unsigned int *shift)
{
	bool last = level->shift == PAGE_SHIFT;

	if (!(raw & DESCRIPTOR_VALID) || (last && !(raw & DESCRIPTOR_TABLE)))
		return KMEMLAB_ENTRY_NONE;
	*base = __pte_to_phys(__pte(raw));
	if (!last && (raw & DESCRIPTOR_TABLE))
		return KMEMLAB_ENTRY_TABLE;
	*shift = level->shift;
	*base &= ~((1ULL << *shift) - 1);
	return KMEMLAB_ENTRY_LEAF;
}
