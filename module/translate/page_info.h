/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Description of a page frame from its struct page alone, inline because it is part of
 * timed loops. Nothing is locked and no reference is taken: the page may change while
 * it is read, so every value is checked before use.
 */
#ifndef KMEMLAB_PAGE_INFO_H
#define KMEMLAB_PAGE_INFO_H

#include <linux/kernel.h>
#include <linux/kmemlab.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "translate/walk.h"

/* Order of the largest huge page: 4 GiB in pages of 4 KiB. */
#define KMEMLAB_COMPOUND_ORDER_MAX	20

/* log2 of the frames that are online together and in the same page block. */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define KMEMLAB_ONLINE_SHIFT	min_t(unsigned int, PFN_SUBSECTION_SHIFT, pageblock_order)
#else
#define KMEMLAB_ONLINE_SHIFT	0
#endif

/* Kinds of pages that have a map count, because a process can map them. */
#define KMEMLAB_MAPPABLE_KINDS	(BIT(KMEMLAB_PAGE_ANON) | BIT(KMEMLAB_PAGE_FILE) |	\
				 BIT(KMEMLAB_PAGE_KERNEL) | BIT(KMEMLAB_PAGE_RESERVED) |	\
				 BIT(KMEMLAB_PAGE_HUGETLB))

/* Page flags that decide the kind of a page; most pages have none of them. */
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
#define KMEMLAB_KIND_FLAGS	(BIT(PG_reserved) | BIT(PG_head) | KMEMLAB_SLAB_FLAG |	\
				 KMEMLAB_POISON_FLAG)

struct page *kmemlab_page_find_online(struct kmemlab_page_cache *entry, unsigned long pfn);
unsigned int kmemlab_page_migrate_type(struct page *page, unsigned long pfn);
bool kmemlab_page_is_listed(const struct page *page);

int kmemlab_page_flag_name(struct kmemlab_name *name);
int kmemlab_migrate_type_name(struct kmemlab_name *name);
int kmemlab_zone_name(struct kmemlab_name *name);

static inline unsigned int kmemlab_page_typed_kind(struct page *page, unsigned int *order)
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

/**
 * kmemlab_page_kind() - Return the use of a page.
 * @page: page, but not the tail of a compound page
 * @flags: its flags
 * @order: set to the order of the free block or compound page that starts here, else 0
 *
 * Most pages need four loads.
 *
 * Return: KMEMLAB_PAGE_*.
 */
static __always_inline unsigned int kmemlab_page_kind(struct page *page, unsigned long flags,
						      unsigned int *order)
{
	unsigned long mapping;

	*order = 0;
	if (unlikely(flags & KMEMLAB_KIND_FLAGS)) {
		if (flags & BIT(PG_reserved))
			return KMEMLAB_PAGE_RESERVED;
		if (flags & BIT(PG_head))
			*order = min_t(unsigned int, compound_order(page),
				       KMEMLAB_COMPOUND_ORDER_MAX);
		if (flags & KMEMLAB_POISON_FLAG)
			return KMEMLAB_PAGE_POISONED;
		if (flags & KMEMLAB_SLAB_FLAG)
			return KMEMLAB_PAGE_SLAB;
		if (flags & BIT(PG_head) && PageHuge(page))
			return KMEMLAB_PAGE_HUGETLB;
	}
	if (unlikely(page_has_type(page)))
		return kmemlab_page_typed_kind(page, order);
	mapping = (unsigned long)READ_ONCE(page->mapping);
	if (mapping & FOLIO_MAPPING_ANON)
		return KMEMLAB_PAGE_ANON;
	if (mapping)
		return mapping & COMPAT_MAPPING_MOVABLE ? KMEMLAB_PAGE_KERNEL : KMEMLAB_PAGE_FILE;
	if (!(flags & BIT(PG_head)) && !page_ref_count(page) && kmemlab_page_is_listed(page))
		return KMEMLAB_PAGE_FREE_CPU;
	return KMEMLAB_PAGE_KERNEL;
}

static __always_inline struct page *kmemlab_page_online(struct kmemlab_page_cache *entry,
							unsigned long pfn)
{
	if (likely(entry->valid && !((entry->pfn ^ pfn) >> KMEMLAB_ONLINE_SHIFT)))
		return pfn_to_page(pfn);
	return kmemlab_page_find_online(entry, pfn);
}

/**
 * kmemlab_page_describe() - Describe a page frame.
 * @cache: array of KMEMLAB_PAGE_CACHE_SIZE entries; the caller invalidates it soon, because
 *	it does not notice memory that goes offline
 * @pfn: page frame
 * @to: all members are set; the kind is NONE if the frame has no struct page
 */
static __always_inline void kmemlab_page_describe(struct kmemlab_page_cache *cache,
						  unsigned long pfn, struct kmemlab_page *to)
{
	struct kmemlab_page_cache *entry =
		&cache[(pfn >> KMEMLAB_ONLINE_SHIFT) % KMEMLAB_PAGE_CACHE_SIZE];
	struct page *page = kmemlab_page_online(entry, pfn);
	unsigned int order, kind, valid = KMEMLAB_PAGE_HAS_MIGRATE_TYPE;
	unsigned long flags, head_flags;
	struct page *head;

	if (unlikely(!page)) {
		memset(to, 0, sizeof(*to));
		return;
	}
	head = compound_head(page);
	flags = compat_page_flags(page);
	head_flags = head == page ? flags : compat_page_flags(head);
	kind = kmemlab_page_kind(head, head_flags, &order);
	to->flags = flags;
	to->head_pfn = head == page ? pfn : page_to_pfn(head);
	to->refcount = page_ref_count(head);
	to->mapcount = 0;
	to->node = page_to_nid(page);
	to->kind = kind;
	to->zone = page_zonenum(page);
	to->order = order;
	to->migrate_type = entry->migrate_type;
	if (head_flags & BIT(PG_head) || kind == KMEMLAB_PAGE_FREE)
		valid |= KMEMLAB_PAGE_HAS_ORDER;
	if (BIT(kind) & KMEMLAB_MAPPABLE_KINDS &&
	    (kind == KMEMLAB_PAGE_HUGETLB || !page_has_type(head))) {
		to->mapcount = compat_page_mapcount(page);
		valid |= KMEMLAB_PAGE_HAS_MAPCOUNT;
	}
	to->valid = valid;
}

#endif
