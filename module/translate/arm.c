// SPDX-License-Identifier: GPL-2.0
/* 32-bit ARM: short descriptors (two levels of 4 bytes), or LPAE (three of 8 bytes). */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/fixmap.h>
#include <asm/memory.h>

#include "translate/arch.h"

#ifdef CONFIG_ARM_LPAE
static const struct kmemlab_level levels[] = {
	{ 30, 2 },
	{ 21, 9 },
	{ 12, 9 },
};
#else
/* The hardware's view: 4,096 entries of 1 MiB, then 256 of 4 KiB. */
static const struct kmemlab_level levels[] = {
	{ 20, 12 },
	{ 12, 8 },
};
#endif

void kmemlab_arch_kernel_tables(struct kmemlab_tables *tables)
{
	tables->levels = levels;
	tables->count = ARRAY_SIZE(levels);
	tables->address_bits = 32;
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
		{ MODULES_VADDR, MODULES_END - 1, KMEMLAB_REGION_MODULES },
		{ MODULES_END, PAGE_OFFSET - 1, KMEMLAB_REGION_FIXED },
		{ VMALLOC_START, VMALLOC_END - 1, KMEMLAB_REGION_VMALLOC },
		{ FIXADDR_START, FIXADDR_END - 1, KMEMLAB_REGION_FIXED },
		{ VECTORS_BASE, VECTORS_BASE + 2 * PAGE_SIZE - 1, KMEMLAB_REGION_FIXED },
	};

	BUILD_BUG_ON(ARRAY_SIZE(all) > KMEMLAB_ARCH_REGIONS_MAX);
	memcpy(regions, all, sizeof(all));
	return ARRAY_SIZE(all);
}

/* The direct map is where it lies. */
bool kmemlab_arch_is_image(unsigned long address, unsigned long pfn)
{
	return false;
}

/* Modules lie below PAGE_OFFSET, and above all processes. */
enum kmemlab_half kmemlab_arch_half(unsigned long address)
{
	return address < TASK_SIZE ? KMEMLAB_HALF_PROCESS : KMEMLAB_HALF_KERNEL;
}

void kmemlab_arch_format(struct kmemlab_table_format *format)
{
	bool lpae = IS_ENABLED(CONFIG_ARM_LPAE);

	strscpy(format->name, lpae ? "arm_lpae" : "arm", sizeof(format->name));
	format->phys_bits = lpae ? 40 : 32;
	format->prot_none_bit = -1;
	/* The hardware's short entries are 0 where nothing is mapped: no swap entry to be read. */
	if (!lpae)
		return;
	format->swap_type_bits = __SWP_TYPE_BITS;
	format->swap_type_shift = __SWP_TYPE_SHIFT;
	format->swap_offset_shift = __SWP_OFFSET_SHIFT;
	format->swap_offset_bits = 32 - __SWP_OFFSET_SHIFT;
}
