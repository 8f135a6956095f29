/* SPDX-License-Identifier: GPL-2.0-only */
/* x86-64: 4 or 5 levels of 512 entries; leaves of 4 KiB, 2 MiB and 1 GiB. */
#ifndef KMEMLAB_ARCH_X86_64_H
#define KMEMLAB_ARCH_X86_64_H

#include <asm/cpu_entry_area.h>
#include <asm/processor.h>

static inline void kmemlab_arch_kernel_tables(struct kmemlab_tables *tables)
{
	static const struct kmemlab_level levels[] = {
		{ 48, 9 },	/* only with 5 levels */
		{ 39, 9 },
		{ 30, 9 },
		{ 21, 9 },
		{ 12, 9 },
	};
	unsigned int first = pgtable_l5_enabled() ? 0 : 1;

	tables->levels = levels + first;
	tables->count = ARRAY_SIZE(levels) - first;
	tables->address_bits = first ? 48 : 57;
	tables->of_process = false;
}

static inline void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	kmemlab_arch_kernel_tables(tables);
	tables->root = __pa(mm->pgd);
	tables->of_process = true;
}

static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	return read_cr3_pa();
}

static __always_inline struct kmemlab_entry
kmemlab_arch_decode(u64 raw, const struct kmemlab_level *level)
{
	const unsigned int shift = level->shift;
	phys_addr_t base = raw & PTE_PFN_MASK;

	if (!(raw & _PAGE_PRESENT))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	if (shift != PAGE_SHIFT && !(raw & _PAGE_PSE))
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, shift, base };
	/* In a huge leaf the address bits below its size are flags (PAT). */
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, base & (~0ULL << shift) };
}

static inline unsigned int kmemlab_arch_regions(struct kmemlab_region *regions)
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

/* The image has a region of its own. */
static inline bool kmemlab_arch_is_image(unsigned long address, unsigned long pfn)
{
	return false;
}

static inline enum kmemlab_half kmemlab_arch_half(unsigned long address)
{
	long sign = (long)address >> (pgtable_l5_enabled() ? 56 : 47);

	if (!sign)
		return KMEMLAB_HALF_PROCESS;
	return sign == -1 ? KMEMLAB_HALF_KERNEL : KMEMLAB_HALF_NONE;
}

static inline void kmemlab_arch_format(struct kmemlab_table_format *format, bool of_process)
{
	strscpy(format->name, "x86_64", sizeof(format->name));
	/* With memory encryption, a bit of the entry tells if the memory is encrypted or shared. */
	format->phys_bits = ffz(__PHYSICAL_MASK);
	format->prot_none_bit = _PAGE_BIT_PROTNONE;
	format->swap_type_bits = SWP_TYPE_BITS;
	format->swap_type_shift = 64 - SWP_TYPE_BITS;
	format->swap_offset_shift = SWP_OFFSET_FIRST_BIT;
	format->swap_offset_bits = format->swap_type_shift - SWP_OFFSET_FIRST_BIT;
	format->swap_inverted = 1;
}

#endif
