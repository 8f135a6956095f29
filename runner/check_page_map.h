/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PFN of each struct page whose address is known. */
#ifndef KMEMLAB_RUNNER_CHECK_PAGE_MAP_H
#define KMEMLAB_RUNNER_CHECK_PAGE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_map_entry {
	uint64_t page;		/* address of struct page, or 0 */
	uint64_t pfn;
};

struct page_map {
	struct page_map_entry *entries;	/* hash table */
	size_t capacity, used;
};

/* Add or change a page. Without memory for it, the page stays unknown. */
void page_map_set(struct page_map *map, uint64_t page, uint64_t pfn);

/* Return: false if the page is not known. */
bool page_map_find(const struct page_map *map, uint64_t page, uint64_t *pfn);

void page_map_release(struct page_map *map);

#endif
