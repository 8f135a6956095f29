/* SPDX-License-Identifier: GPL-2.0 */
/* What struct page says of a frame; in line, since a batch asks it of each address. */
#ifndef KMEMLAB_PAGE_DESCRIBE_H
#define KMEMLAB_PAGE_DESCRIBE_H

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "translate/page_info.h"
#include "translate/page_kind.h"

/* Frames that are there all or not at all, and in one page block. */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define KMEMLAB_ONLINE_SHIFT	min_t(unsigned int, PFN_SUBSECTION_SHIFT, pageblock_order)
#else
#define KMEMLAB_ONLINE_SHIFT	0
#endif

/* Only pages that can be mapped to a process count by how often they are. */
#define KMEMLAB_COUNTS_MAPPINGS	(BIT(KMEMLAB_PAGE_ANON) | BIT(KMEMLAB_PAGE_FILE) |		\
			 BIT(KMEMLAB_PAGE_KERNEL) | BIT(KMEMLAB_PAGE_RESERVED))

static __always_inline struct page *kmemlab_online_page(struct kmemlab_online *online,
							unsigned long pfn)
{
	if (likely(online->known && !((online->pfn ^ pfn) >> KMEMLAB_ONLINE_SHIFT)))
		return pfn_to_page(pfn);
	return kmemlab_online_find(online, pfn);
}

/*
 * Fills all of @to; kind NONE where the frame has no struct page. @onlines are for the
 * next ones; memory that goes away meanwhile is none the wiser, so forget them soon.
 */
static __always_inline void kmemlab_page_describe(struct kmemlab_online *onlines,
						  unsigned long pfn, struct kmemlab_page *to)
{
	struct kmemlab_online *online = &onlines[(pfn >> KMEMLAB_ONLINE_SHIFT) % KMEMLAB_ONLINES];
	struct page *page = kmemlab_online_page(online, pfn);
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
	to->migrate_type = online->migrate_type;
	if (head_flags & BIT(PG_head) || kind == KMEMLAB_PAGE_FREE)
		valid |= KMEMLAB_PAGE_HAS_ORDER;
	if (BIT(kind) & KMEMLAB_COUNTS_MAPPINGS && !page_has_type(head)) {
		to->mapcount = compat_page_mapcount(page);
		valid |= KMEMLAB_PAGE_HAS_MAPCOUNT;
	}
	to->valid = valid;
}

#endif
