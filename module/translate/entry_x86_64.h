/* SPDX-License-Identifier: GPL-2.0 */
/* How entries read on x86-64; for the walk only, which wants it in line. */
#ifndef KMEMLAB_ENTRY_X86_64_H
#define KMEMLAB_ENTRY_X86_64_H

#include <linux/kernel.h>
#include <linux/mm.h>

#include "translate/arch.h"

#include <asm/processor.h>

static __always_inline phys_addr_t kmemlab_arch_kernel_root(void)
{
	return read_cr3_pa();
}

static __always_inline struct kmemlab_entry
kmemlab_arch_entry(u64 raw, const struct kmemlab_level *level)
{
	const unsigned int shift = level->shift;
	phys_addr_t base = raw & PTE_PFN_MASK;

	if (!(raw & _PAGE_PRESENT))
		return (struct kmemlab_entry) { .kind = KMEMLAB_ENTRY_NONE };
	if (shift != PAGE_SHIFT && !(raw & _PAGE_PSE))
		return (struct kmemlab_entry) { KMEMLAB_ENTRY_TABLE, shift, base };
	/* In a huge leaf the bits below its size are flags (PAT). */
	return (struct kmemlab_entry) { KMEMLAB_ENTRY_LEAF, shift, base & (~0ULL << shift) };
}

#endif
