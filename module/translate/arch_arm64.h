/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: granule and address width as configured in TCR_EL1; kernel tables in TTBR1. */
#ifndef KMEMLAB_ARCH_ARM64_H
#define KMEMLAB_ARCH_ARM64_H

#include <asm/memory.h>
#include <asm/sysreg.h>

#define KMEMLAB_INDEX_BITS	(PAGE_SHIFT - 3)

/* Bits of an entry. */
#define KMEMLAB_ENTRY_VALID	1UL
#define KMEMLAB_ENTRY_IS_TABLE	2UL	/* at the last level: page */

/* Bits of kernel and process addresses; TCR_EL1.T1SZ and .T0SZ count the other bits. */
static inline unsigned int kmemlab_arm64_kernel_bits(void)
{
	return 64 - ((read_sysreg(tcr_el1) >> 16) & 0x3f);
}

static inline unsigned int kmemlab_arm64_process_bits(void)
{
	return 64 - (read_sysreg(tcr_el1) & 0x3f);
}

/* The address width decides how many of the upper levels are in use. */
static inline void kmemlab_arm64_set_levels(struct kmemlab_tables *tables,
					    unsigned int address_bits)
{
#define LEVEL(above_leaf)	{ PAGE_SHIFT + (above_leaf) * KMEMLAB_INDEX_BITS, \
				  KMEMLAB_INDEX_BITS }
	static const struct kmemlab_level levels[] = {
		LEVEL(4), LEVEL(3), LEVEL(2), LEVEL(1), LEVEL(0),
	};
#undef LEVEL

	tables->address_bits = address_bits;
	tables->count = DIV_ROUND_UP(address_bits - PAGE_SHIFT, KMEMLAB_INDEX_BITS);
	tables->levels = levels + ARRAY_SIZE(levels) - tables->count;
}

static inline void kmemlab_arch_kernel_tables(struct kmemlab_tables *tables)
{
	kmemlab_arm64_set_levels(tables, kmemlab_arm64_kernel_bits());
	tables->of_process = false;
}

static inline void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	kmemlab_arm64_set_levels(tables, kmemlab_arm64_process_bits());
	tables->root = virt_to_phys(mm->pgd);
	tables->of_process = true;
}

static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	u64 ttbr = read_sysreg(ttbr1_el1);
	phys_addr_t root = ttbr & GENMASK_ULL(47, 6);

	/* With 52-bit physical addresses, bits 5 to 2 hold the upper four bits. */
	if (PHYS_MASK_SHIFT > 48)
		root |= (ttbr & GENMASK_ULL(5, 2)) << 46;
	return root;
}

static __always_inline struct kmemlab_entry
kmemlab_arch_decode(u64 raw, const struct kmemlab_level *level)
{
	const unsigned int shift = level->shift;
	const bool last = shift == PAGE_SHIFT;
	phys_addr_t base = __pte_to_phys(__pte(raw));

	if (!(raw & KMEMLAB_ENTRY_VALID) || (last && !(raw & KMEMLAB_ENTRY_IS_TABLE)))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	if (!last && (raw & KMEMLAB_ENTRY_IS_TABLE))
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, shift, base };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, base & (~0ULL << shift) };
}

static inline unsigned int kmemlab_arch_regions(struct kmemlab_region *regions)
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

/* The image is in the vmalloc region, at a fixed offset from its physical address. */
static inline bool kmemlab_arch_is_image(unsigned long address, unsigned long pfn)
{
	return (address & PAGE_MASK) - PFN_PHYS(pfn) == kimage_voffset;
}

static inline enum kmemlab_half kmemlab_arch_half(unsigned long address)
{
	if (!(address >> kmemlab_arm64_process_bits()))
		return KMEMLAB_HALF_PROCESS;
	return (long)address >> kmemlab_arm64_kernel_bits() == -1 ?
	       KMEMLAB_HALF_KERNEL : KMEMLAB_HALF_NONE;
}

/* Bits of TCR_EL1, which old kernels do not name; the lower half of the tables has others. */
#define KMEMLAB_TCR_DS		BIT_ULL(59)
#define KMEMLAB_TCR_HD		BIT_ULL(40)
#define KMEMLAB_TCR_FLAT(half)	((half) ? BIT_ULL(42) : BIT_ULL(41))
#define KMEMLAB_TCR_SHARED(half) ((half) ? 28 : 12)

/* Kernels for wide addresses also run on CPUs without LPA2, whose entries have 48 bits. */
static inline void kmemlab_arm64_controls(struct kmemlab_table_format *format, bool of_process)
{
	const u64 tcr = read_sysreg(tcr_el1);

	if (PAGE_SHIFT < 16 && PHYS_MASK_SHIFT > 48 && tcr & KMEMLAB_TCR_DS)
		format->controls |= KMEMLAB_CONTROL_LPA2 |
				    (tcr >> KMEMLAB_TCR_SHARED(!of_process) &
				     KMEMLAB_CONTROL_SHAREABILITY);
	else if (PAGE_SHIFT < 16)
		format->phys_bits = 48;
	if (tcr & KMEMLAB_TCR_HD)
		format->controls |= KMEMLAB_CONTROL_DIRTY;
	if (tcr & KMEMLAB_TCR_FLAT(!of_process))
		format->controls |= KMEMLAB_CONTROL_FLAT;
}

static inline void kmemlab_arch_format(struct kmemlab_table_format *format, bool of_process)
{
	strscpy(format->name, "arm64", sizeof(format->name));
	format->phys_bits = PHYS_MASK_SHIFT;
	kmemlab_arm64_controls(format, of_process);
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

#endif
