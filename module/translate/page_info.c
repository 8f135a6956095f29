// SPDX-License-Identifier: GPL-2.0
#include "translate/page_info.h"

#include <linux/kernel.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/poison.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <trace/events/mmflags.h>

#include "translate/page_kind.h"

#define MIGRATE_TYPE_MASK	7UL	/* the lowest bits of a page block's */

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

struct page *kmemlab_online_find(struct kmemlab_online *online, unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	online->known = page;
	online->pfn = pfn;
	if (page)
		online->migrate_type = migrate_type_of(page, pfn);
	return page;
}

bool kmemlab_page_listed(const struct page *page)
{
	const struct list_head *next = READ_ONCE(page->lru.next);
	const struct list_head *back;

	if (next == &page->lru || next == (void *)LIST_POISON1 ||
	    (unsigned long)next < TASK_SIZE || !IS_ALIGNED((unsigned long)next, sizeof(next)))
		return false;
	return !copy_from_kernel_nofault(&back, &next->prev, sizeof(back)) && back == &page->lru;
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
