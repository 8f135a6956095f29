/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slots: for facilities whose handle takes more than a word. A handle is then
 * the address of a slot; slots are made before anything is timed, and are taken
 * and given back between the timed parts.
 */
#ifndef KMEMLAB_SLOTS_H
#define KMEMLAB_SLOTS_H

#include <linux/mm.h>
#include <linux/types.h>

#include "array.h"
#include "facilities/facility.h"

/**
 * struct kmemlab_slot - what freeing an object needs
 * @address: kernel virtual; in a free slot, the next free one
 * @other: the second word
 */
struct kmemlab_slot {
	void *address;
	u64 other;
};

/**
 * struct kmemlab_slots - as many as operations can be alive
 * @free: the one that comes next
 * @all: each of them
 */
struct kmemlab_slots {
	struct kmemlab_slot *free;
	struct kmemlab_slot all[];
};

/*
 * What they take is @run's own.
 * Return: NULL where there is no memory; to be freed with kvfree().
 */
static inline struct kmemlab_slots *kmemlab_slots_create(struct kmemlab_run *run)
{
	size_t count = run->alive;
	struct kmemlab_ledger before;
	struct kmemlab_slots *slots;

	kmemlab_ledger_read(&before);
	slots = kmemlab_array_create(struct_size(slots, all, count), 1);
	kmemlab_ledger_read(&run->own);
	kmemlab_ledger_subtract(&run->own, &before);
	if (!slots)
		return NULL;
	while (count--) {
		slots->all[count].address = slots->free;
		slots->free = &slots->all[count];
	}
	return slots;
}

static inline u64 kmemlab_slots_pages(size_t count)
{
	return DIV_ROUND_UP_ULL((u64)count * sizeof(struct kmemlab_slot), PAGE_SIZE) + 1;
}

static inline unsigned long kmemlab_slot_take(struct kmemlab_slots *slots, void *address,
					      u64 other)
{
	struct kmemlab_slot *slot = slots->free;

	slots->free = slot->address;
	slot->address = address;
	slot->other = other;
	return (unsigned long)slot;
}

static inline const struct kmemlab_slot *kmemlab_slot_of(unsigned long handle)
{
	return (const struct kmemlab_slot *)handle;
}

/* What was in the slot, which is free again. */
static inline struct kmemlab_slot kmemlab_slot_give(struct kmemlab_slots *slots,
						    unsigned long handle)
{
	struct kmemlab_slot *slot = (struct kmemlab_slot *)handle;
	struct kmemlab_slot content = *slot;

	slot->address = slots->free;
	slots->free = slot;
	return content;
}

#endif
