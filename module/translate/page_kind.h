/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who uses a page, told by its struct page alone. Nothing is locked and no
 * reference is taken: what is read may be on its way to become something else,
 * so that every value is checked before it leads anywhere.
 */
#ifndef KMEMLAB_PAGE_KIND_H
#define KMEMLAB_PAGE_KIND_H

#include <linux/kmemlab.h>
#include <linux/mm.h>

#include "compat/compat.h"

#define KMEMLAB_COMPOUND_ORDER_MAX	20	/* the largest huge page there is, 4 GiB of 4 KiB */

/*
 * Does the page hang in a list of more than itself? A page of the per-CPU lists does,
 * the tail of a plain block has no reference either and does not.
 */
bool kmemlab_page_listed(const struct page *page);

static inline unsigned int kmemlab_typed_page_kind(struct page *page, unsigned int *order)
{
	if (PageBuddy(page)) {
		*order = min_t(unsigned long, page_private(page), KMEMLAB_MAX_ORDER);
		return KMEMLAB_PAGE_FREE;
	}
	if (PageTable(page))
		return KMEMLAB_PAGE_TABLE;
	if (PageOffline(page))
		return KMEMLAB_PAGE_OFFLINE;
	return PageSlab(page) ? KMEMLAB_PAGE_SLAB : KMEMLAB_PAGE_KERNEL;
}

/* Flags that make a page something else than most are. */
#ifdef HAVE_PG_SLAB
#define KMEMLAB_SLAB_FLAG	BIT(PG_slab)
#else
#define KMEMLAB_SLAB_FLAG	0UL
#endif
#ifdef CONFIG_MEMORY_FAILURE
#define KMEMLAB_POISON_FLAG	BIT(PG_hwpoison)
#else
#define KMEMLAB_POISON_FLAG	0UL
#endif
#define KMEMLAB_TELLING_FLAGS	(BIT(PG_reserved) | BIT(PG_head) | KMEMLAB_SLAB_FLAG |	\
				 KMEMLAB_POISON_FLAG)

/*
 * The kind of a page that is no compound page's tail and has these @flags;
 * @order becomes that of the free block or the compound page that it begins,
 * else 0. Most pages are through after four loads.
 */
static __always_inline unsigned int kmemlab_page_kind(struct page *page, unsigned long flags,
						      unsigned int *order)
{
	unsigned long mapping;

	*order = 0;
	if (unlikely(flags & KMEMLAB_TELLING_FLAGS)) {
		if (flags & BIT(PG_reserved))
			return KMEMLAB_PAGE_RESERVED;
		if (flags & BIT(PG_head))
			*order = min_t(unsigned int, compound_order(page),
				       KMEMLAB_COMPOUND_ORDER_MAX);
		if (flags & KMEMLAB_POISON_FLAG)
			return KMEMLAB_PAGE_POISONED;
		if (flags & KMEMLAB_SLAB_FLAG)
			return KMEMLAB_PAGE_SLAB;
	}
	if (unlikely(page_has_type(page)))
		return kmemlab_typed_page_kind(page, order);
	mapping = (unsigned long)READ_ONCE(page->mapping);
	if (mapping)
		return mapping & FOLIO_MAPPING_ANON ? KMEMLAB_PAGE_ANON : KMEMLAB_PAGE_FILE;
	/* Compound pages that nobody has are kept for hugetlb. */
	if (!(flags & BIT(PG_head)) && !page_ref_count(page) && kmemlab_page_listed(page))
		return KMEMLAB_PAGE_FREE_CPU;
	return KMEMLAB_PAGE_KERNEL;
}

#endif
