// SPDX-License-Identifier: GPL-2.0
/* arm64: kernel addresses through TTBR1, in the granule and width the CPU was set up for. */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <asm/fixmap.h>
#include <asm/memory.h>
#include <asm/sysreg.h>

#include "translate/arch.h"

#define INDEX_BITS		(PAGE_SHIFT - 3)

#define LEVEL(above_leaf)	{ PAGE_SHIFT + (above_leaf) * INDEX_BITS, INDEX_BITS }

/* Root to leaf; how many of the upper ones are in use depends on the address width. */
static const struct kmemlab_level levels[] = {
	LEVEL(4), LEVEL(3), LEVEL(2), LEVEL(1), LEVEL(0),
};

/* For addresses of which the hardware ignores the upper @size_bits, as TCR calls them. */
static void set_shape(struct kmemlab_tables *tables, unsigned int size_bits)
{
	tables->address_bits = 64 - size_bits;
	tables->count = DIV_ROUND_UP(tables->address_bits - PAGE_SHIFT, INDEX_BITS);
	tables->levels = levels + ARRAY_SIZE(levels) - tables->count;
}

void kmemlab_arch_kernel_tables(struct kmemlab_tables *tables)
{
	set_shape(tables, (read_sysreg(tcr_el1) >> 16) & 0x3f);
	tables->of_process = false;
}

void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	set_shape(tables, read_sysreg(tcr_el1) & 0x3f);
	tables->root = virt_to_phys(mm->pgd);
	tables->of_process = true;
}

unsigned int kmemlab_arch_regions(struct kmemlab_region regions[KMEMLAB_ARCH_REGIONS_MAX])
{
	const struct kmemlab_region all[] = {
		{ MODULES_VADDR, MODULES_END - 1, KMEMLAB_REGION_MODULES },
		{ VMALLOC_START, VMALLOC_END - 1, KMEMLAB_REGION_VMALLOC },
		{ FIXADDR_START, FIXADDR_TOP - 1, KMEMLAB_REGION_FIXED },
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > KMEMLAB_ARCH_REGIONS_MAX);
	memcpy(regions, all, sizeof(all));
	return ARRAY_SIZE(all);
}

/* It lies among what vmalloc gives, at one distance from where it is in memory. */
bool kmemlab_arch_is_image(unsigned long address, unsigned long pfn)
{
	return (address & PAGE_MASK) - PFN_PHYS(pfn) == kimage_voffset;
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
