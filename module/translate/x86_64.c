// SPDX-License-Identifier: GPL-2.0
/* x86-64: four or five levels of 512 entries; leaves of 4 KiB, 2 MiB and 1 GiB. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <asm/cpu_entry_area.h>
#include <asm/fixmap.h>
#include <asm/processor.h>

#include "translate/arch.h"

static const struct kmemlab_level levels[] = {
	{ 48, 9 },	/* only with five levels */
	{ 39, 9 },
	{ 30, 9 },
	{ 21, 9 },
	{ 12, 9 },
};

void kmemlab_arch_kernel_tables(struct kmemlab_tables *tables)
{
	unsigned int first = pgtable_l5_enabled() ? 0 : 1;

	tables->levels = levels + first;
	tables->count = ARRAY_SIZE(levels) - first;
	tables->address_bits = first ? 48 : 57;
	tables->of_process = false;
}

void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	kmemlab_arch_kernel_tables(tables);
	tables->root = __pa(mm->pgd);
	tables->of_process = true;
}

unsigned int kmemlab_arch_regions(struct kmemlab_region regions[KMEMLAB_ARCH_REGIONS_MAX])
{
	const struct kmemlab_region all[] = {
		{ VMALLOC_START, VMALLOC_END, KMEMLAB_REGION_VMALLOC },
		{ CPU_ENTRY_AREA_BASE, CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE - 1,
		  KMEMLAB_REGION_FIXED },
		{ __START_KERNEL_map, MODULES_VADDR - 1, KMEMLAB_REGION_IMAGE },
		{ MODULES_VADDR, MODULES_END - 1, KMEMLAB_REGION_MODULES },
		{ FIXADDR_START, FIXADDR_TOP - 1, KMEMLAB_REGION_FIXED },
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > KMEMLAB_ARCH_REGIONS_MAX);
	memcpy(regions, all, sizeof(all));
	return ARRAY_SIZE(all);
}

bool kmemlab_arch_is_image(unsigned long address, unsigned long pfn)
{
	return false;
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
