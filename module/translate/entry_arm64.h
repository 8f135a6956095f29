/* SPDX-License-Identifier: GPL-2.0 */
/* How entries read on arm64; for the walk only, which wants it in line. */
#ifndef KMEMLAB_ENTRY_ARM64_H
#define KMEMLAB_ENTRY_ARM64_H

#include <linux/kernel.h>
#include <linux/mm.h>

#include "translate/arch.h"

#include <asm/sysreg.h>

#define DESCRIPTOR_VALID	1UL
#define DESCRIPTOR_TABLE	2UL	/* at the last level: a page */

static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	u64 ttbr = read_sysreg(ttbr1_el1);
	phys_addr_t root = ttbr & GENMASK_ULL(47, 6);

	/* With 52-bit physical addresses bits 5 to 2 hold the four highest. */
	if (PHYS_MASK_SHIFT > 48)
		root |= (ttbr & GENMASK_ULL(5, 2)) << 46;
	return root;
}

static __always_inline struct kmemlab_entry
kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level)
{
	const unsigned int shift = level->shift;
	const bool last = shift == PAGE_SHIFT;
	phys_addr_t base = __pte_to_phys(__pte(raw));

	if (!(raw & DESCRIPTOR_VALID) || (last && !(raw & DESCRIPTOR_TABLE)))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	if (!last && (raw & DESCRIPTOR_TABLE))
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, shift, base };
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, base & (~0ULL << shift) };
}

#endif
