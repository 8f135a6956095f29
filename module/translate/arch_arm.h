/* SPDX-License-Identifier: GPL-2.0-only */
/* 32-bit ARM: short descriptors (2 levels of 4-byte entries), or LPAE (3 levels of 8 bytes). */
#ifndef KMEMLAB_ARCH_ARM_H
#define KMEMLAB_ARCH_ARM_H

#include <asm/cp15.h>
#include <asm/memory.h>
#include <asm/proc-fns.h>

static inline void kmemlab_arch_kernel_tables(struct kmemlab_tables *tables)
{
	/* Levels of the hardware, which differ from those of Linux for short descriptors. */
	static const struct kmemlab_level levels[] = {
#ifdef CONFIG_ARM_LPAE
		{ 30, 2 },
		{ 21, 9 },
		{ 12, 9 },
#else
		{ 20, 12 },
		{ 12, 8 },
#endif
	};

	tables->levels = levels;
	tables->count = ARRAY_SIZE(levels);
	tables->address_bits = 32;
	tables->of_process = false;
}

static inline void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	kmemlab_arch_kernel_tables(tables);
	tables->root = __pa(mm->pgd);
	tables->of_process = true;
}

/*
 * The kernel's own tables are in TTBR1. The tables of the running process, in TTBR0,
 * lack recent kernel mappings until a fault copies them.
 */
#ifdef CONFIG_ARM_LPAE

/* If TTBR1 translates only PAGE_OFFSET and up, it points past the entries below. */
static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	const phys_addr_t root = cpu_get_ttbr(1) & GENMASK_ULL(39, 4);
	u32 control;

	asm volatile("mrc p15, 0, %0, c2, c0, 2" : "=r" (control));
	return control & TTBR1_SIZE ? root - TTBR1_OFFSET : root;
}

#define KMEMLAB_ENTRY_VALID	1U
#define KMEMLAB_ENTRY_IS_TABLE	2U	/* at the last level: page */

static __always_inline struct kmemlab_entry
kmemlab_arch_decode(u64 raw, const struct kmemlab_level *level)
{
	const unsigned int shift = level->shift;
	const bool last = shift == PAGE_SHIFT;
	phys_addr_t base = raw & GENMASK_ULL(39, 12);

	if (!(raw & KMEMLAB_ENTRY_VALID) || (last && !(raw & KMEMLAB_ENTRY_IS_TABLE)))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	if (!last && (raw & KMEMLAB_ENTRY_IS_TABLE))
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, shift, base };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, base & (~0ULL << shift) };
}

#else

/* Linux disables walks from TTBR1, but the register has the kernel's tables. */
static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	u32 ttbr1;

	asm volatile("mrc p15, 0, %0, c2, c0, 1" : "=r" (ttbr1));
	return ttbr1 & GENMASK(31, 14);
}

#define KMEMLAB_FIRST_TYPE		GENMASK(1, 0)
#define KMEMLAB_FIRST_TABLE		1U
#define KMEMLAB_FIRST_SECTION		2U	/* bit 0 is "never execute" */
#define KMEMLAB_FIRST_SUPERSECTION	BIT(18)
#define KMEMLAB_SECOND_LARGE		1U	/* 64 KiB; 2 and 3 are 4 KiB */

static inline struct kmemlab_entry kmemlab_arm_decode_first(u32 raw)
{
	const unsigned int shift = raw & KMEMLAB_FIRST_SUPERSECTION ? 24 : 20;

	if ((raw & KMEMLAB_FIRST_TYPE) == KMEMLAB_FIRST_TABLE)
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, 20, raw & GENMASK(31, 10) };
	if (!(raw & KMEMLAB_FIRST_SECTION))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, raw & (~0U << shift) };
}

static inline struct kmemlab_entry kmemlab_arm_decode_second(u32 raw)
{
	const unsigned int shift = (raw & KMEMLAB_FIRST_TYPE) == KMEMLAB_SECOND_LARGE ? 16 : 12;

	if (!(raw & KMEMLAB_FIRST_TYPE))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, raw & (~0U << shift) };
}

static __always_inline struct kmemlab_entry
kmemlab_arch_decode(u64 raw, const struct kmemlab_level *level)
{
	return level->shift == PAGE_SHIFT ? kmemlab_arm_decode_second(raw) :
					    kmemlab_arm_decode_first(raw);
}

#endif

static inline unsigned int kmemlab_arch_regions(struct kmemlab_region *regions)
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

/* The image is in the direct map. */
static inline bool kmemlab_arch_is_image(unsigned long address, unsigned long pfn)
{
	return false;
}

/* Modules are between the processes and PAGE_OFFSET. */
static inline enum kmemlab_half kmemlab_arch_half(unsigned long address)
{
	return address < TASK_SIZE ? KMEMLAB_HALF_PROCESS : KMEMLAB_HALF_KERNEL;
}

static inline void kmemlab_arch_format(struct kmemlab_table_format *format, bool of_process)
{
	bool lpae = IS_ENABLED(CONFIG_ARM_LPAE);

	strscpy(format->name, lpae ? "arm_lpae" : "arm", sizeof(format->name));
	format->phys_bits = lpae ? 40 : 32;
	format->prot_none_bit = -1;
	if (!lpae && get_cr() & CR_TRE)
		format->controls |= KMEMLAB_CONTROL_REMAP;
	if (!lpae && get_cr() & CR_AFE)
		format->controls |= KMEMLAB_CONTROL_ACCESS_FLAG;
	/* Short entries of the hardware are 0 if nothing is mapped: they hold no swap entry. */
	if (!lpae)
		return;
	format->swap_type_bits = __SWP_TYPE_BITS;
	format->swap_type_shift = __SWP_TYPE_SHIFT;
	format->swap_offset_shift = __SWP_OFFSET_SHIFT;
	format->swap_offset_bits = 32 - __SWP_OFFSET_SHIFT;
}

#endif
