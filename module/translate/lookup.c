// SPDX-License-Identifier: GPL-2.0-only
#include "translate/lookup.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "translate/page_info.h"

#ifdef CONFIG_X86
#include <asm/pgtable.h>

static void lookup_add_lookup_address(const void *address, struct kmemlab_translation *to)
{
	unsigned long virt = (unsigned long)address;
	unsigned int level;
	pte_t *pte = lookup_address(virt, &level);
	unsigned long pfn = ~0UL;

	if (pte && pte_present(*pte)) {
		pfn = (pte_val(*pte) & PTE_PFN_MASK) >> PAGE_SHIFT;
		pfn &= ~((page_level_size(level) >> PAGE_SHIFT) - 1);
		pfn += (virt & ~page_level_mask(level)) >> PAGE_SHIFT;
	}
	kmemlab_translation_add(to, KMEMLAB_ROUTE_LOOKUP_ADDRESS, pfn);
}
#else
static void lookup_add_lookup_address(const void *address, struct kmemlab_translation *to)
{
}
#endif

/* vmalloc_to_page() warns about huge leaves before 8abddd968a30 (5.12). */
static bool lookup_vmalloc_applies(const void *address, const struct kmemlab_walk *walk)
{
	return is_vmalloc_addr(address) && pfn_valid(walk->pfn) &&
	       (walk->leaf_shift == PAGE_SHIFT || IS_ENABLED(CONFIG_HAVE_ARCH_HUGE_VMALLOC));
}

/* The page may have been unmapped since the walk. */
static unsigned long lookup_vmalloc_pfn(const void *address)
{
	struct page *page = vmalloc_to_page(address);

	return page ? page_to_pfn(page) : ~0UL;
}

static void lookup_use_routes(const void *address, const struct kmemlab_walk *walk,
			      struct kmemlab_translation *to)
{
	to->pfn = walk->pfn ^ kmemlab_corrupts(KMEMLAB_CORRUPT_TRANSLATION);
	to->routes = 0;
	to->disagree = 0;
	kmemlab_translation_add(to, KMEMLAB_ROUTE_WALK, to->pfn);
	if (lookup_vmalloc_applies(address, walk))
		kmemlab_translation_add(to, KMEMLAB_ROUTE_VMALLOC_TO_PAGE,
					lookup_vmalloc_pfn(address));
	else if (virt_addr_valid(address))
		kmemlab_translation_add(to, KMEMLAB_ROUTE_DIRECT_MAP,
					PHYS_PFN(virt_to_phys((void *)address)));
	lookup_add_lookup_address(address, to);
}

/**
 * kmemlab_translate() - Translate a kernel address by all routes that apply.
 * @address: kernel virtual address
 * @to: filled on success
 *
 * Return: 0, or an error of kmemlab_walk_kernel().
 */
int kmemlab_translate(const void *address, struct kmemlab_translation *to)
{
	struct kmemlab_walk walk;
	int ret = kmemlab_walk_kernel((unsigned long)address, &walk);

	if (!ret)
		lookup_use_routes(address, &walk, to);
	return ret;
}

/**
 * kmemlab_lookup_none() - Fill an answer for an address without a translation.
 * @slot: slot of the answer
 * @address: address, or 0
 * @status: KMEMLAB_LOOKUP_*
 */
void kmemlab_lookup_none(struct kmemlab_lookup_slot *slot, u64 address, u32 status)
{
	memset(slot->answer, 0, sizeof(*slot->answer));
	slot->answer->address = address;
	slot->answer->status = status;
	slot->path = 0;
}

static u32 lookup_status(int err)
{
	switch (err) {
	case 0:
		return KMEMLAB_LOOKUP_OK;
	case -ENXIO:
		return KMEMLAB_LOOKUP_NOT_PRESENT;
	case -EFAULT:
		return KMEMLAB_LOOKUP_UNREADABLE;
	default:
		return KMEMLAB_LOOKUP_CHANGING;
	}
}

/* If the slot already has the steps of the same path, only the last step can differ. */
static __always_inline void lookup_copy_steps(const struct kmemlab_walk_path *path,
					      struct kmemlab_lookup_slot *slot)
{
	const struct kmemlab_walk *walk = &path->walk;
	const unsigned int last = walk->count - 1;

	if (likely(slot->path == path->number)) {
		slot->answer->steps[last] = walk->steps[last];
		return;
	}
	/* Steps after the end of the walk are 0. */
	memcpy(slot->answer->steps, walk->steps, sizeof(slot->answer->steps));
	slot->answer->steps_count = walk->count;
	slot->path = path->number;
}

static __always_inline void lookup_describe_page(struct kmemlab_walker *walker, unsigned long pfn,
						 struct kmemlab_lookup *answer)
{
	kmemlab_page_describe(walker->page_cache, pfn, &answer->page);
	answer->struct_page = answer->page.kind == KMEMLAB_PAGE_NONE ?
			      0 : (unsigned long)pfn_to_page(pfn);
}

/*
 * Copy the result of a walk to the answer. Setting each field is much cheaper than
 * clearing the answer first; only the routes other than the walk are left as they are.
 */
static __always_inline void lookup_copy_walk(struct kmemlab_walker *walker, u64 address, int err,
					     struct kmemlab_lookup_slot *slot)
{
	const struct kmemlab_walk *walk = &walker->path->walk;
	struct kmemlab_lookup *answer = slot->answer;

	if (unlikely(err)) {
		kmemlab_lookup_none(slot, address, lookup_status(err));
	} else {
		answer->address = address;
		answer->phys = PFN_PHYS(walk->pfn) | offset_in_page(address);
		answer->position = 0;
		answer->status = KMEMLAB_LOOKUP_OK;
		answer->leaf_shift = walk->leaf_shift;
		answer->routes = KMEMLAB_ROUTE_WALK;
		answer->disagree = 0;
		answer->pad = 0;
		answer->route_pfns[ilog2(KMEMLAB_ROUTE_WALK)] = walk->pfn;
		lookup_describe_page(walker, walk->pfn, answer);
	}
	lookup_copy_steps(walker->path, slot);
}

static noinline void lookup_copy_routes(const void *address, const struct kmemlab_walk *walk,
					struct kmemlab_lookup *answer)
{
	struct kmemlab_translation translation;
	unsigned int i;

	lookup_use_routes(address, walk, &translation);
	answer->routes = translation.routes;
	answer->disagree = translation.disagree;
	for (i = 0; i < KMEMLAB_ROUTES_MAX; i++) {
		if (translation.routes & BIT(i))
			answer->route_pfns[i] = translation.pfns[i];
	}
}

static enum kmemlab_half lookup_half(u64 address)
{
	return address == (unsigned long)address ? kmemlab_arch_half(address) : KMEMLAB_HALF_NONE;
}

/* Addresses in the range of a cached path share the same half of the address space. */
static __always_inline bool lookup_is_in_half(const struct kmemlab_walk_path *path, u64 address,
					      enum kmemlab_half half)
{
	return (address == (unsigned long)address && kmemlab_walk_path_covers(path, address)) ||
	       lookup_half(address) == half;
}

/**
 * kmemlab_lookup_kernel() - Look up a kernel address.
 * @walker: walker of the kernel's tables
 * @address: virtual address
 * @routes: use all routes, not only the walk
 * @slot: slot of the answer
 */
void kmemlab_lookup_kernel(struct kmemlab_walker *walker, u64 address, bool routes,
			   struct kmemlab_lookup_slot *slot)
{
	struct kmemlab_walk_path *path = kmemlab_walk_cached_path(walker, address);
	int err;

	if (unlikely(!lookup_is_in_half(path, address, KMEMLAB_HALF_KERNEL))) {
		kmemlab_lookup_none(slot, address,
				    lookup_half(address) == KMEMLAB_HALF_PROCESS ?
				    KMEMLAB_LOOKUP_NOT_KERNEL : KMEMLAB_LOOKUP_NON_CANONICAL);
		return;
	}
	err = kmemlab_walk_path(walker, path, address);
	lookup_copy_walk(walker, address, err, slot);
	if (!err && routes)
		lookup_copy_routes((const void *)(unsigned long)address, &path->walk,
				   slot->answer);
}

/**
 * kmemlab_lookup_process() - Look up an address of a process.
 * @walker: walker of the tables of a process, whose mmap lock is held, with interrupts off
 * @address: virtual address
 * @slot: slot of the answer
 */
void kmemlab_lookup_process(struct kmemlab_walker *walker, u64 address,
			    struct kmemlab_lookup_slot *slot)
{
	struct kmemlab_walk_path *path = kmemlab_walk_cached_path(walker, address);

	if (unlikely(!lookup_is_in_half(path, address, KMEMLAB_HALF_PROCESS))) {
		kmemlab_lookup_none(slot, address,
				    lookup_half(address) == KMEMLAB_HALF_KERNEL ?
				    KMEMLAB_LOOKUP_NOT_PROCESS : KMEMLAB_LOOKUP_NON_CANONICAL);
		return;
	}
	lookup_copy_walk(walker, address, kmemlab_walk_path(walker, path, address), slot);
}

/* Return the address of a physical address in the direct map, or 0. */
static u64 lookup_direct_map_address(u64 phys)
{
	unsigned long pfn = PHYS_PFN(phys);

	if (PFN_PHYS(pfn) != (phys & PAGE_MASK) || !pfn_valid(pfn) ||
	    PageHighMem(pfn_to_page(pfn)))
		return 0;
	return (unsigned long)__va(phys);
}

/**
 * kmemlab_lookup_phys() - Look up a physical address.
 * @walker: walker of the kernel's tables
 * @phys: physical address
 * @routes: use all routes for its address in the direct map
 * @slot: slot of the answer
 */
void kmemlab_lookup_phys(struct kmemlab_walker *walker, u64 phys, bool routes,
			 struct kmemlab_lookup_slot *slot)
{
	u64 address = lookup_direct_map_address(phys);
	struct kmemlab_lookup *answer = slot->answer;

	if (address)
		kmemlab_lookup_kernel(walker, address, routes, slot);
	else
		kmemlab_lookup_none(slot, 0, KMEMLAB_LOOKUP_NO_DIRECT_MAP);
	/* Describe the page even if the direct map does not map it. */
	if (answer->status && PHYS_PFN(phys) == phys >> PAGE_SHIFT)
		lookup_describe_page(walker, PHYS_PFN(phys), answer);
	answer->phys = phys;
}

/**
 * kmemlab_lookup_add_route() - Add the page frame that another route returned.
 * @answer: answer with status OK
 * @route: KMEMLAB_ROUTE_*
 * @pfn: page frame
 */
void kmemlab_lookup_add_route(struct kmemlab_lookup *answer, u32 route, unsigned long pfn)
{
	answer->routes |= route;
	answer->route_pfns[ilog2(route)] = pfn;
	if (pfn != PHYS_PFN(answer->phys))
		answer->disagree |= route;
}
