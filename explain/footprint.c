// SPDX-License-Identifier: GPL-2.0-or-later
#include "footprint.h"

#include <string.h>

#include "base/memory.h"

/* A set of numbers: open addressing, doubled when half full. */
struct number_set {
	uint64_t *slots;	/* number + 1; 0: empty */
	size_t room;
	size_t count;
};

static bool set_add(struct number_set *set, uint64_t number);

static void set_grow(struct number_set *set)
{
	struct number_set old = *set;

	set->room = old.room ? 2 * old.room : 256;
	set->slots = xcalloc(set->room, sizeof(*set->slots));
	set->count = 0;
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i])
			set_add(set, old.slots[i] - 1);
	free(old.slots);
}

static bool set_add(struct number_set *set, uint64_t number)
{
	size_t slot;

	if (2 * set->count >= set->room)
		set_grow(set);
	slot = (number * 0x9e3779b97f4a7c15ULL >> 20) & (set->room - 1);
	while (set->slots[slot] && set->slots[slot] != number + 1)
		slot = (slot + 1) & (set->room - 1);
	if (set->slots[slot])
		return false;
	set->slots[slot] = number + 1;
	set->count++;
	return true;
}

static void touch_range(struct number_set *lines, struct number_set *pages, uint64_t first,
			uint64_t bytes)
{
	for (uint64_t line = first / CACHE_LINE; line <= (first + bytes - 1) / CACHE_LINE; line++)
		set_add(lines, line);
	for (uint64_t page = first / CACHE_PAGE; page <= (first + bytes - 1) / CACHE_PAGE; page++)
		set_add(pages, page);
}

static void count_access(struct footprint *footprint, struct node *node,
			 const struct access *access)
{
	uint64_t bytes = (uint64_t)access->count << access->size_shift;

	*(access->is_store ? &footprint->stores : &footprint->loads) += access->count;
	*(access->is_store ? &footprint->stored_bytes : &footprint->loaded_bytes) += bytes;
	*(access->is_store ? &node->stores : &node->loads) += access->count;
	*(access->is_store ? &node->stored_bytes : &node->loaded_bytes) += bytes;
}

/* The accesses of one step, one of each in turn: so a repeated copy did them. */
static void model_step(struct cache_model *model, const struct access *accesses, size_t count,
		       uint64_t misses[CACHE_LEVELS])
{
	bool more = true;

	for (uint64_t turn = 0; more; turn++) {
		more = false;
		for (size_t i = 0; i < count; i++) {
			uint64_t offset = turn << accesses[i].size_shift;

			if (turn >= accesses[i].count)
				continue;
			cache_model_access(model, accesses[i].downwards ? accesses[i].address - offset :
						  accesses[i].address + offset,
					   1ULL << accesses[i].size_shift, misses);
			more = true;
		}
	}
}

void footprint_take(struct footprint *footprint, const struct operation *operation,
		    const struct placed *placed, struct cache_model *model)
{
	struct number_set lines = { 0 }, pages = { 0 };
	size_t i = 0;

	*footprint = (struct footprint) { 0 };
	while (i < operation->access_count) {
		const struct access *access = &operation->accesses[i];
		struct node *node = placed[access->step].node;
		uint64_t misses[CACHE_LEVELS] = { 0 };
		size_t of_step = 1;

		while (i + of_step < operation->access_count &&
		       operation->accesses[i + of_step].step == access->step)
			of_step++;
		i += of_step;
		/* The clock's, an interrupt's, another task's. */
		if (!node || node_in_interrupt(node))
			continue;
		if (model)
			model_step(model, access, of_step, misses);
		for (size_t j = 0; j < of_step; j++) {
			uint64_t bytes = (uint64_t)access[j].count << access[j].size_shift;
			uint64_t first = access[j].downwards ? access[j].address -
					 bytes + (1ULL << access[j].size_shift) : access[j].address;

			count_access(footprint, node, &access[j]);
			touch_range(&lines, &pages, first, bytes);
		}
		for (size_t j = 0; j < CACHE_LEVELS; j++) {
			node->misses[j] += misses[j];
			footprint->misses[j] += misses[j];
		}
	}
	footprint->lines = lines.count;
	footprint->pages = pages.count;
	free(lines.slots);
	free(pages.slots);
}
