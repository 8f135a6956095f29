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

/* Frames that are there all or not at all. */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define ONLINE_SHIFT	PFN_SUBSECTION_SHIFT
#else
#define ONLINE_SHIFT	0
#endif

/* Only pages that can be mapped to a process count by how often they are. */
#define COUNTS_MAPPINGS	(BIT(KMEMLAB_PAGE_ANON) | BIT(KMEMLAB_PAGE_FILE) |		\
			 BIT(KMEMLAB_PAGE_KERNEL) | BIT(KMEMLAB_PAGE_RESERVED))

static __always_inline struct page *online_page(struct kmemlab_online *online, unsigned long pfn)
{
	struct page *page;

	if (likely(online->known && !((online->pfn ^ pfn) >> ONLINE_SHIFT)))
		return pfn_to_page(pfn);
	page = pfn_to_online_page(pfn);
	online->known = page;
	online->pfn = pfn;
	return page;
}

void kmemlab_page_describe(struct kmemlab_online *online, unsigned long pfn,
			   struct kmemlab_page *to)
{
	struct page *page = online_page(online, pfn);
	unsigned int order, kind, valid = 0;
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
	to->pad = 0;
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

int kmemlab_zone_name(struct kmemlab_name *name)
{
	if (name->index >= MAX_NR_ZONES)
		return -ENOENT;
	strscpy(name->name, NODE_DATA(first_online_node)->node_zones[name->index].name ?: "",
		sizeof(name->name));
	return 0;
}
