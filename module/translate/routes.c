// SPDX-License-Identifier: GPL-2.0
#include "translate/routes.h"

#include <linux/io.h>
#include <linux/kmemlab.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "test_hooks.h"
#include "translate/walk.h"

#ifdef CONFIG_X86
#include <asm/pgtable.h>

static void add_lookup_address(const void *address, struct kmemlab_translation *to)
{
	unsigned long at = (unsigned long)address;
	unsigned int level;
	pte_t *pte = lookup_address(at, &level);
	unsigned long pfn = ~0UL;

	if (pte && pte_present(*pte)) {
		pfn = (pte_val(*pte) & PTE_PFN_MASK) >> PAGE_SHIFT;
		pfn &= ~((page_level_size(level) >> PAGE_SHIFT) - 1);
		pfn += (at & ~page_level_mask(level)) >> PAGE_SHIFT;
	}
	kmemlab_translation_add(to, KMEMLAB_ROUTE_LOOKUP_ADDRESS, pfn);
}
#else
static void add_lookup_address(const void *address, struct kmemlab_translation *to)
{
}
#endif

int kmemlab_translate(const void *address, struct kmemlab_translation *to)
{
	struct kmemlab_walk walk;
	int error = kmemlab_walk_kernel((unsigned long)address, &walk);

	if (error)
		return error;
	to->pfn = walk.pfn ^ kmemlab_corrupts(KMEMLAB_CORRUPT_TRANSLATION);
	to->routes = KMEMLAB_ROUTE_WALK;
	to->agree = true;
	if (is_vmalloc_addr(address))
		kmemlab_translation_add(to, KMEMLAB_ROUTE_VMALLOC_TO_PAGE,
					vmalloc_to_pfn(address));
	else if (virt_addr_valid(address))
		kmemlab_translation_add(to, KMEMLAB_ROUTE_DIRECT_MAP,
					PHYS_PFN(virt_to_phys((void *)address)));
	add_lookup_address(address, to);
	return 0;
}
