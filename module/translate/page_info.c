// SPDX-License-Identifier: GPL-2.0-only
#include "translate/page_info.h"

#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/nodemask.h>
#include <linux/notifier.h>
#include <linux/poison.h>
#include <linux/rwsem.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <trace/events/mmflags.h>

#include "internal.h"

/* Readers of any struct page; a writer from the start to the end of going offline */
static DECLARE_RWSEM(page_memory_sem);
static bool page_memory_leaving;	/* hotplug serializes its calls */

/**
 * kmemlab_page_read_begin() - keep memory online, so that each struct page stays readable
 *
 * Return: 0, or -EINTR if the task was killed.
 */
int kmemlab_page_read_begin(void)
{
	return down_read_killable(&page_memory_sem);
}

/**
 * kmemlab_page_read_end() - undo kmemlab_page_read_begin()
 */
void kmemlab_page_read_end(void)
{
	up_read(&page_memory_sem);
}

/* The end of going offline is told even to those who were not told its start. */
static int page_memory_changes(struct notifier_block *block, unsigned long action, void *argument)
{
	int err = 0;

	switch (action) {
	case MEM_GOING_OFFLINE:
		err = down_write_killable(&page_memory_sem);
		page_memory_leaving = !err;
		break;
	case MEM_OFFLINE:
	case MEM_CANCEL_OFFLINE:
		if (page_memory_leaving)
			up_write(&page_memory_sem);
		page_memory_leaving = false;
		break;
	}
	return notifier_from_errno(err);
}

static struct notifier_block page_memory_notifier = {
	.notifier_call = page_memory_changes,
};

/**
 * kmemlab_page_watch() - register for memory hotplug
 *
 * Return: 0 or a negative errno.
 */
int kmemlab_page_watch(void)
{
	return register_memory_notifier(&page_memory_notifier);
}

/**
 * kmemlab_page_unwatch() - unregister from memory hotplug
 */
void kmemlab_page_unwatch(void)
{
	unregister_memory_notifier(&page_memory_notifier);
}

#define MIGRATE_TYPE_MASK	7UL	/* lowest bits of the page block's bits */

/*
 * Return the bits of a page block. The kernel does not export the function that reads
 * them, but its headers define their layout.
 */
static unsigned long page_block_bits(struct page *page, unsigned long pfn)
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

/**
 * kmemlab_page_migrate_type() - Return the migrate type of a page's block.
 * @page: page
 * @pfn: its page frame
 *
 * Return: MIGRATE_*.
 */
unsigned int kmemlab_page_migrate_type(struct page *page, unsigned long pfn)
{
	const unsigned long bits = page_block_bits(page, pfn);

#if defined(CONFIG_MEMORY_ISOLATION) && defined(PAGEBLOCK_ISO_MASK)
	if (bits & PAGEBLOCK_ISO_MASK)
		return MIGRATE_ISOLATE;
#endif
	return bits & MIGRATE_TYPE_MASK;
}

/**
 * kmemlab_page_find_online() - Find the struct page of a page frame.
 * @entry: cache entry, set to what is known about the frame
 * @pfn: page frame
 *
 * Return: the page, or NULL.
 */
struct page *kmemlab_page_find_online(struct kmemlab_page_cache *entry, unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	entry->valid = page;
	entry->pfn = pfn;
	if (page)
		entry->migrate_type = kmemlab_page_migrate_type(page, pfn);
	return page;
}

/**
 * kmemlab_page_is_listed() - Check if a page is an element of a list.
 * @page: page
 *
 * Distinguishes the free pages of per-CPU lists from the tail pages of an allocated
 * block: neither have a reference, but only the free ones are in a list.
 *
 * Return: true if it is.
 */
bool kmemlab_page_is_listed(const struct page *page)
{
	const struct list_head *next = READ_ONCE(page->lru.next);
	const struct list_head *back;

	if (next == &page->lru || next == (void *)LIST_POISON1 ||
	    (unsigned long)next < TASK_SIZE || !IS_ALIGNED((unsigned long)next, sizeof(next)))
		return false;
	return !copy_from_kernel_nofault(&back, &next->prev, sizeof(back)) && back == &page->lru;
}

static const struct trace_print_flags page_flag_names[] = {
	__def_pageflag_names
};

/**
 * kmemlab_page_flag_name() - Return the name of a page flag.
 * @name: index is the number of the bit; name is set, "" if the flag has none
 *
 * Return: 0, or -ENOENT past the last flag.
 */
int kmemlab_page_flag_name(struct kmemlab_name *name)
{
	unsigned int i;

	if (name->index >= NR_PAGEFLAGS)
		return -ENOENT;
	strscpy(name->name, "", sizeof(name->name));
	for (i = 0; i < ARRAY_SIZE(page_flag_names); i++) {
		if (page_flag_names[i].mask == BIT(name->index))
			strscpy(name->name, page_flag_names[i].name, sizeof(name->name));
	}
	return 0;
}

static const char *const page_migrate_types[MIGRATE_TYPES] = {
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

/**
 * kmemlab_migrate_type_name() - Return the name of a migrate type.
 * @name: index is the migrate type; name is set
 *
 * Return: 0, or -ENOENT past the last type.
 */
int kmemlab_migrate_type_name(struct kmemlab_name *name)
{
	if (name->index >= MIGRATE_TYPES)
		return -ENOENT;
	strscpy(name->name, page_migrate_types[name->index] ?: "", sizeof(name->name));
	return 0;
}

/**
 * kmemlab_zone_name() - Return the name of a zone.
 * @name: index is the number of the zone; name is set
 *
 * Return: 0, or -ENOENT past the last zone.
 */
int kmemlab_zone_name(struct kmemlab_name *name)
{
	if (name->index >= MAX_NR_ZONES)
		return -ENOENT;
	strscpy(name->name, NODE_DATA(first_online_node)->node_zones[name->index].name ?: "",
		sizeof(name->name));
	return 0;
}
