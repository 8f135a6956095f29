// SPDX-License-Identifier: GPL-2.0
/* arm64: kernel addresses through TTBR1, in the granule and width the kernel was built for. */
#include <linux/kernel.h>
#include <linux/mm.h>

#include <asm/sysreg.h>

#include "translate/arch.h"

#define INDEX_BITS	(PAGE_SHIFT - 3)
#define LEVELS_MAX	5

#define DESCRIPTOR_VALID	1UL
#define DESCRIPTOR_TABLE	2UL	/* at the last level: a page */

/* Bits of a virtual address that TTBR1 translates: 64 - TCR_EL1.T1SZ. */
static unsigned int address_bits(void)
{
	return 64 - ((read_sysreg(tcr_el1) >> 16) & 0x3f);
}

unsigned int kmemlab_arch_levels(const struct kmemlab_level **from)
{
	static struct kmemlab_level levels[LEVELS_MAX];
	static unsigned int count;
	unsigned int i, bits;

	*from = levels;
	if (smp_load_acquire(&count))
		return count;
	/* The same on every CPU, whoever writes it first. */
	bits = address_bits() - PAGE_SHIFT;
	for (i = DIV_ROUND_UP(bits, INDEX_BITS); i-- > 0; bits -= min_t(unsigned int, bits, INDEX_BITS)) {
		levels[i].shift = PAGE_SHIFT + (DIV_ROUND_UP(address_bits() - PAGE_SHIFT, INDEX_BITS) -
						1 - i) * INDEX_BITS;
		levels[i].index_bits = min_t(unsigned int, bits, INDEX_BITS);
		levels[i].entry_bytes = 8;
	}
	smp_store_release(&count, DIV_ROUND_UP(address_bits() - PAGE_SHIFT, INDEX_BITS));
	return count;
}

phys_addr_t kmemlab_arch_root(void)
{
	u64 ttbr = read_sysreg(ttbr1_el1);
	phys_addr_t base = ttbr & GENMASK_ULL(47, 6);

	if (IS_ENABLED(CONFIG_ARM64_PA_BITS_52) && PHYS_MASK_SHIFT > 48)
		base |= (ttbr & GENMASK_ULL(5, 2)) << 46;
	/* With 52-bit addresses the table may begin before the entries that are in use. */
	return base;
}

enum kmemlab_entry_kind kmemlab_arch_entry(u64 raw, unsigned int level,
					   phys_addr_t *base, unsigned int *shift)
{
	const struct kmemlab_level *levels;
	unsigned int count = kmemlab_arch_levels(&levels);
	bool last = level + 1 == count;

	if (!(raw & DESCRIPTOR_VALID))
		return KMEMLAB_ENTRY_NONE;
	*base = __pte_to_phys(__pte(raw));
	if (!last && (raw & DESCRIPTOR_TABLE))
		return KMEMLAB_ENTRY_TABLE;
	if (last && !(raw & DESCRIPTOR_TABLE))
		return KMEMLAB_ENTRY_NONE;
	*shift = levels[level].shift;
	*base &= ~((1ULL << *shift) - 1);
	return KMEMLAB_ENTRY_LEAF;
}
