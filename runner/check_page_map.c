// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_page_map.h"

#include <stdlib.h>

#define TABLE_START	256

/* Return the slot of a page, or the first free one. */
static struct page_map_entry *find_slot(const struct page_map *map, uint64_t page)
{
	size_t i = (page * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (map->capacity - 1);

	while (map->entries[i].page && map->entries[i].page != page)
		i = (i + 1) & (map->capacity - 1);
	return &map->entries[i];
}

static bool grow(struct page_map *map)
{
	struct page_map old = *map;
	size_t capacity = old.capacity ? old.capacity * 2 : TABLE_START;
	struct page_map_entry *entries = calloc(capacity, sizeof(*entries));

	if (!entries)
		return false;
	map->entries = entries;
	map->capacity = capacity;
	for (size_t i = 0; i < old.capacity; i++)
		if (old.entries[i].page)
			*find_slot(map, old.entries[i].page) = old.entries[i];
	free(old.entries);
	return true;
}

void page_map_set(struct page_map *map, uint64_t page, uint64_t pfn)
{
	struct page_map_entry *entry;

	if (!page || (map->used * 2 >= map->capacity && !grow(map)))
		return;
	entry = find_slot(map, page);
	map->used += !entry->page;
	*entry = (struct page_map_entry) { .page = page, .pfn = pfn };
}

bool page_map_find(const struct page_map *map, uint64_t page, uint64_t *pfn)
{
	const struct page_map_entry *entry = map->capacity && page ? find_slot(map, page) : NULL;

	if (!entry || !entry->page)
		return false;
	*pfn = entry->pfn;
	return true;
}

void page_map_release(struct page_map *map)
{
	free(map->entries);
	*map = (struct page_map) { 0 };
}
