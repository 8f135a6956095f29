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

/* Only pages that can be mapped to a process count by how often they are. */
static bool counts_mappings(unsigned int kind)
{
	return kind == KMEMLAB_PAGE_ANON || kind == KMEMLAB_PAGE_FILE ||
	       kind == KMEMLAB_PAGE_KERNEL || kind == KMEMLAB_PAGE_RESERVED;
}

void kmemlab_page_describe(unsigned long pfn, struct kmemlab_page *to)
{
	struct page *page = pfn_to_online_page(pfn);
	unsigned int order;
	struct page *head;

	memset(to, 0, sizeof(*to));
	if (!page)
		return;
	head = compound_head(page);
	to->kind = kmemlab_page_kind(head, compat_page_flags(head), &order);
	to->flags = compat_page_flags(page);
	to->head_pfn = page_to_pfn(head);
	to->refcount = page_ref_count(head);
	to->node = page_to_nid(page);
	to->zone = page_zonenum(page);
	to->order = order;
	if (PageHead(head) || to->kind == KMEMLAB_PAGE_FREE)
		to->valid |= KMEMLAB_PAGE_HAS_ORDER;
	if (counts_mappings(to->kind) && !page_has_type(head)) {
		to->mapcount = compat_page_mapcount(page);
		to->valid |= KMEMLAB_PAGE_HAS_MAPCOUNT;
	}
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
