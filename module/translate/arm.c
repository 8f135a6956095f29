// SPDX-License-Identifier: GPL-2.0
/* 32-bit ARM: short descriptors (two levels of 4 bytes), or LPAE (three of 8 bytes). */
#include <linux/kernel.h>
#include <linux/mm.h>

#include <asm/proc-fns.h>

#include "translate/arch.h"

#ifdef CONFIG_ARM_LPAE

#define DESCRIPTOR_VALID	1U
#define DESCRIPTOR_TABLE	2U	/* at the last level: a page */

static const struct kmemlab_level levels[] = {
	{ 30, 2, 8 },
	{ 21, 9, 8 },
	{ 12, 9, 8 },
};

enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level,
					   phys_addr_t *base, unsigned int *shift)
{
	bool last = level->shift == PAGE_SHIFT;

	if (!(raw & DESCRIPTOR_VALID) || (last && !(raw & DESCRIPTOR_TABLE)))
		return KMEMLAB_ENTRY_NONE;
	*base = raw & GENMASK_ULL(39, 12);
	if (!last && (raw & DESCRIPTOR_TABLE))
		return KMEMLAB_ENTRY_TABLE;
	*shift = level->shift;
	*base &= ~((1ULL << *shift) - 1);
	return KMEMLAB_ENTRY_LEAF;
}

#else

/* The hardware's view: 4,096 entries of 1 MiB, then 256 of 4 KiB. */
static const struct kmemlab_level levels[] = {
	{ 20, 12, 4 },
	{ 12, 8, 4 },
};

#define FIRST_TYPE		GENMASK(1, 0)
#define FIRST_TABLE		1U
#define FIRST_SECTION		2U	/* bit 0 is "never execute" there */
#define FIRST_SUPERSECTION	BIT(18)
#define SECOND_LARGE		1U	/* 64 KiB; 2 and 3 are 4 KiB */

static enum kmemlab_entry_kind first_level(u32 raw, phys_addr_t *base, unsigned int *shift)
{
	if ((raw & FIRST_TYPE) == FIRST_TABLE) {
		*base = raw & GENMASK(31, 10);
		return KMEMLAB_ENTRY_TABLE;
	}
	if (!(raw & FIRST_SECTION))
		return KMEMLAB_ENTRY_NONE;
	*shift = raw & FIRST_SUPERSECTION ? 24 : 20;
	*base = raw & GENMASK(31, 0) & ~(BIT(*shift) - 1);
	return KMEMLAB_ENTRY_LEAF;
}

static enum kmemlab_entry_kind second_level(u32 raw, phys_addr_t *base, unsigned int *shift)
{
	if (!(raw & FIRST_TYPE))
		return KMEMLAB_ENTRY_NONE;
	*shift = (raw & FIRST_TYPE) == SECOND_LARGE ? 16 : 12;
	*base = raw & ~(BIT(*shift) - 1);
	return KMEMLAB_ENTRY_LEAF;
}

enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level,
					   phys_addr_t *base, unsigned int *shift)
{
	return level->shift == PAGE_SHIFT ? second_level(raw, base, shift) :
					   first_level(raw, base, shift);
}

#endif

void kmemlab_arch_tables(struct kmemlab_tables *tables)
{
	tables->levels = levels;
	tables->count = ARRAY_SIZE(levels);
	tables->address_bits = 32;
	tables->root = __pa(cpu_get_pgd());
}

void kmemlab_arch_process_tables(struct mm_struct *mm, struct kmemlab_tables *tables)
{
	kmemlab_arch_tables(tables);
	tables->root = __pa(mm->pgd);
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
