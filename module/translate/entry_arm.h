/* SPDX-License-Identifier: GPL-2.0 */
/* How entries read on 32-bit ARM; for the walk only, which wants it in line. */
#ifndef KMEMLAB_ENTRY_ARM_H
#define KMEMLAB_ENTRY_ARM_H

#include <linux/kernel.h>
#include <linux/mm.h>

#include "translate/arch.h"

#include <asm/proc-fns.h>

/*
 * The kernel's own tables are in TTBR1. Those of the process that runs, in TTBR0, lack
 * what has been mapped for the kernel since and was not missed yet.
 */
#ifdef CONFIG_ARM_LPAE

/* Where TTBR1 serves PAGE_OFFSET and up only, it skips what is below. */
static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	const phys_addr_t root = cpu_get_ttbr(1) & GENMASK_ULL(39, 4);
	u32 control;

	asm volatile("mrc p15, 0, %0, c2, c0, 2" : "=r" (control));
	return control & TTBR1_SIZE ? root - TTBR1_OFFSET : root;
}

#define DESCRIPTOR_VALID	1U
#define DESCRIPTOR_TABLE	2U	/* at the last level: a page */

static __always_inline struct kmemlab_entry
kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level)
{
	const unsigned int shift = level->shift;
	const bool last = shift == PAGE_SHIFT;
	phys_addr_t base = raw & GENMASK_ULL(39, 12);

	if (!(raw & DESCRIPTOR_VALID) || (last && !(raw & DESCRIPTOR_TABLE)))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	if (!last && (raw & DESCRIPTOR_TABLE))
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, shift, base };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, base & (~0ULL << shift) };
}

#else

/* Hardware does not look there, as Linux sets it up. */
static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	u32 ttbr1;

	asm volatile("mrc p15, 0, %0, c2, c0, 1" : "=r" (ttbr1));
	return ttbr1 & GENMASK(31, 14);
}

#define FIRST_TYPE		GENMASK(1, 0)
#define FIRST_TABLE		1U
#define FIRST_SECTION		2U	/* bit 0 is "never execute" there */
#define FIRST_SUPERSECTION	BIT(18)
#define SECOND_LARGE		1U	/* 64 KiB; 2 and 3 are 4 KiB */

static inline struct kmemlab_entry kmemlab_first_level(u32 raw)
{
	const unsigned int shift = raw & FIRST_SUPERSECTION ? 24 : 20;

	if ((raw & FIRST_TYPE) == FIRST_TABLE)
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, 20, raw & GENMASK(31, 10) };
	if (!(raw & FIRST_SECTION))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, raw & (~0U << shift) };
}

static inline struct kmemlab_entry kmemlab_second_level(u32 raw)
{
	const unsigned int shift = (raw & FIRST_TYPE) == SECOND_LARGE ? 16 : 12;

	if (!(raw & FIRST_TYPE))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, raw & (~0U << shift) };
}

static __always_inline struct kmemlab_entry
kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level)
{
	return level->shift == PAGE_SHIFT ? kmemlab_second_level(raw) : kmemlab_first_level(raw);
}

#endif

#endif
