// SPDX-License-Identifier: GPL-2.0
#include "translate/page_info.h"

#include <linux/kernel.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/mmflags.h>

#include "translate/page_kind.h"

/* Frames that are there all or not at all, and in one page block. */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define ONLINE_SHIFT	min_t(unsigned int, PFN_SUBSECTION_SHIFT, pageblock_order)
#else
#define ONLINE_SHIFT	0
#endif

#define MIGRATE_TYPE_MASK	7UL	/* the lowest bits of a page block's */

/* Only pages that can be mapped to a process count by how often they are. */
#define COUNTS_MAPPINGS	(BIT(KMEMLAB_PAGE_ANON) | BIT(KMEMLAB_PAGE_FILE) |		\
			 BIT(KMEMLAB_PAGE_KERNEL) | BIT(KMEMLAB_PAGE_RESERVED))

/*
 * What the page allocator keeps of a page block. Its function that tells it is not
 * exported; where the bits lie is in its headers.
 */
static unsigned long block_bits(struct page *page, unsigned long pfn)
{
#ifdef CONFIG_SPARSEMEM
	const unsigned long *bits = section_to_usemap(__pfn_to_section(pfn));
	const unsigned long block = (pfn & (PAGES_PER_SECTION - 1)) >> pageblock_order;
#else
	const struct zone *zone = page_zone(page);
	const unsigned long *bits = zone->pageblock_flags;
	const unsigned long first = round_down(zone->zone_start_pfn, pageblock_nr_pages);
	const unsigned long block = (pfn - first) >> pageblock_order;
#endif
	const unsigned long bit = block * NR_PAGEBLOCK_BITS;

	return READ_ONCE(bits[bit / BITS_PER_LONG]) >> (bit % BITS_PER_LONG);
}

static unsigned int migrate_type_of(struct page *page, unsigned long pfn)
{
	const unsigned long bits = block_bits(page, pfn);

#if defined(CONFIG_MEMORY_ISOLATION) && defined(PAGEBLOCK_ISO_MASK)
	if (bits & PAGEBLOCK_ISO_MASK)
		return MIGRATE_ISOLATE;
#endif
	return bits & MIGRATE_TYPE_MASK;
}

static __always_inline struct page *online_page(struct kmemlab_online *online, unsigned long pfn)
{
	struct page *page;

	if (likely(online->known && !((online->pfn ^ pfn) >> ONLINE_SHIFT)))
		return pfn_to_page(pfn);
	page = pfn_to_online_page(pfn);
	online->known = page;
	online->pfn = pfn;
	if (page)
		online->migrate_type = migrate_type_of(page, pfn);
	return page;
}

void kmemlab_page_describe(struct kmemlab_online *online, unsigned long pfn,
			   struct kmemlab_page *to)
{
	struct page *page = online_page(online, pfn);
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
	if (BIT(kind) & COUNTS_MAPPINGS && !page_has_type(head)) {
		to->mapcount = compat_page_mapcount(page);
		valid |= KMEMLAB_PAGE_HAS_MAPCOUNT;
	}
	to->valid = valid;
}

static const struct trace_print_flags flag_names[] = {
	__def_pageflag_names
};

int kmemlab_page_flag_name(struct kmemlab_name *name)
{
	unsigned int i;

	if (name->index >= NR_PAGEFLAGS)
		return -ENOENT;
	strscpy(name->name, "", sizeof(name->name));
	for (i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (flag_names[i].mask == BIT(name->index))
			strscpy(name->name, flag_names[i].name, sizeof(name->name));
	}
	return 0;
}

static const char *const migrate_types[MIGRATE_TYPES] = {
	[MIGRATE_UNMOVABLE] = "unmovable",
	[MIGRATE_MOVABLE] = "movable",
	[MIGRATE_RECLAIMABLE] = "reclaimable",
	[MIGRATE_HIGHATOMIC] = "highatomic",
#ifdef CONFIG_CMA
	[MIGRATE_CMA] = "cma",
#endif
#ifdef CONFIG_MEMORY_ISOLATION
	[MIGRATE_ISOLATE] = "isolate",
#endif
};

int kmemlab_migrate_type_name(struct kmemlab_name *name)
{
	if (name->index >= MIGRATE_TYPES)
		return -ENOENT;
	strscpy(name->name, migrate_types[name->index] ?: "", sizeof(name->name));
	return 0;
}

int kmemlab_zone_name(struct kmemlab_name *name)
{
	if (name->index >= MAX_NR_ZONES)
		return -ENOENT;
	strscpy(name->name, NODE_DATA(first_online_node)->node_zones[name->index].name ?: "",
		sizeof(name->name));
	return 0;
}
