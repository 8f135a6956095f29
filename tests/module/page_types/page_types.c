// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages like those of virtio_balloon and zsmalloc, whose drivers are not built into distribution
 * kernels: offline, and movable without an address space.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>

#define PAGES	64

static struct page *offline[PAGES], *movable[PAGES];

/* The pages have no operations that compaction could call. It skips locked pages. */
static void page_types_mark(struct page *page, struct page *other)
{
	__SetPageOffline(page);
	lock_page(other);
#ifdef PAGE_MAPPING_MOVABLE
	other->mapping = (void *)((unsigned long)offline | PAGE_MAPPING_MOVABLE);
#else
	__SetPageZsmalloc(other);
#endif
}

static void page_types_free(void)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		if (offline[i] && PageOffline(offline[i]))
			__ClearPageOffline(offline[i]);
#ifndef PAGE_MAPPING_MOVABLE
		if (movable[i] && PageZsmalloc(movable[i]))
			__ClearPageZsmalloc(movable[i]);
#endif
		if (movable[i]) {
			movable[i]->mapping = NULL;
			if (PageLocked(movable[i]))
				unlock_page(movable[i]);
		}
		if (offline[i])
			__free_page(offline[i]);
		if (movable[i])
			__free_page(movable[i]);
	}
}

static int __init page_types_init(void)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		offline[i] = alloc_page(GFP_KERNEL);
		movable[i] = alloc_page(GFP_KERNEL);
		if (!offline[i] || !movable[i]) {
			page_types_free();
			return -ENOMEM;
		}
		page_types_mark(offline[i], movable[i]);
	}
	return 0;
}
module_init(page_types_init);

static void __exit page_types_exit(void)
{
	page_types_free();
}
module_exit(page_types_exit);
MODULE_DESCRIPTION("pages with a type");
MODULE_LICENSE("GPL");
