// SPDX-License-Identifier: GPL-2.0
#include "translate/routes.h"

#include <linux/io.h>
#include <linux/kmemlab.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "test_hooks.h"

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

/* vmalloc_to_page() follows huge leaves since 8abddd968a30 (5.12); before, it warns. */
static bool vmalloc_knows(const void *address, const struct kmemlab_walk *walk)
{
	return is_vmalloc_addr(address) && pfn_valid(walk->pfn) &&
	       (walk->leaf_shift == PAGE_SHIFT || IS_ENABLED(CONFIG_HAVE_ARCH_HUGE_VMALLOC));
}

/* What was mapped a moment ago may be gone. */
static unsigned long ask_vmalloc(const void *address)
{
	struct page *page = vmalloc_to_page(address);

	return page ? page_to_pfn(page) : ~0UL;
}

void kmemlab_ask_routes(const void *address, const struct kmemlab_walk *walk,
			struct kmemlab_translation *to)
{
	to->pfn = walk->pfn ^ kmemlab_corrupts(KMEMLAB_CORRUPT_TRANSLATION);
	to->routes = 0;
	to->disagree = 0;
	kmemlab_translation_add(to, KMEMLAB_ROUTE_WALK, to->pfn);
	if (vmalloc_knows(address, walk))
		kmemlab_translation_add(to, KMEMLAB_ROUTE_VMALLOC_TO_PAGE, ask_vmalloc(address));
	else if (virt_addr_valid(address))
		kmemlab_translation_add(to, KMEMLAB_ROUTE_DIRECT_MAP,
					PHYS_PFN(virt_to_phys((void *)address)));
	add_lookup_address(address, to);
}

int kmemlab_translate(const void *address, struct kmemlab_translation *to)
{
	struct kmemlab_walk walk;
	int error = kmemlab_walk_kernel((unsigned long)address, &walk);

	if (!error)
		kmemlab_ask_routes(address, &walk, to);
	return error;
}
