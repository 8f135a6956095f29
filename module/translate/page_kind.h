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
#include <linux/poison.h>
#include <linux/uaccess.h>

#include "compat/compat.h"

#define KMEMLAB_COMPOUND_ORDER_MAX	20	/* the largest huge page there is, 4 GiB of 4 KiB */

/*
 * A page of the per-CPU lists and the tail of a plain block have no reference
 * both; only the former hangs in a list of more than itself.
 */
static inline bool kmemlab_page_listed(const struct page *page)
{
	const struct list_head *next = READ_ONCE(page->lru.next);
	const struct list_head *back;

	if (next == &page->lru || next == (void *)LIST_POISON1 ||
	    (unsigned long)next < TASK_SIZE || !IS_ALIGNED((unsigned long)next, sizeof(next)))
		return false;
	return !copy_from_kernel_nofault(&back, &next->prev, sizeof(back)) && back == &page->lru;
}

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

/*
 * The kind of a page that is no compound page's tail; @order becomes that of
 * the free block or the compound page that it begins, else 0.
 */
static __always_inline unsigned int kmemlab_page_kind(struct page *page, unsigned int *order)
{
	const unsigned long flags = compat_page_flags(page);
	unsigned long mapping;

	*order = 0;
	if (flags & BIT(PG_reserved))
		return KMEMLAB_PAGE_RESERVED;
	if (flags & BIT(PG_head))
		*order = min_t(unsigned int, compound_order(page), KMEMLAB_COMPOUND_ORDER_MAX);
	if (IS_ENABLED(CONFIG_MEMORY_FAILURE) && unlikely(PageHWPoison(page)))
		return KMEMLAB_PAGE_POISONED;
	if (page_has_type(page))
		return kmemlab_typed_page_kind(page, order);
	if (PageSlab(page))
		return KMEMLAB_PAGE_SLAB;
	mapping = (unsigned long)READ_ONCE(page->mapping);
	if (mapping)
		return mapping & FOLIO_MAPPING_ANON ? KMEMLAB_PAGE_ANON : KMEMLAB_PAGE_FILE;
	if (!page_ref_count(page) && kmemlab_page_listed(page))
		return KMEMLAB_PAGE_FREE_CPU;
	return KMEMLAB_PAGE_KERNEL;
}

#endif
