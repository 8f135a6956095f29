/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handle slots: for facilities that need more than one word to free an object.
 * A handle is then the address of a slot. All slots are allocated before the
 * first timed operation; packing takes a slot and unpacking returns it.
 */
#ifndef KMEMLAB_FACILITIES_HANDLE_SLOTS_H
#define KMEMLAB_FACILITIES_HANDLE_SLOTS_H

#include <linux/mm.h>
#include <linux/types.h>

#include "facilities/bench_loops.h"
#include "util.h"

/**
 * struct kmemlab_handle_slot - one slot
 * @args: arguments to free the object
 * @next_free: next free slot, while the slot is free
 */
struct kmemlab_handle_slot {
	union {
		struct kmemlab_free_args args;
		struct kmemlab_handle_slot *next_free;
	};
};

/**
 * struct kmemlab_handle_slots - one slot for each operation that can be live
 * @free: first free slot
 * @all: all slots
 */
struct kmemlab_handle_slots {
	struct kmemlab_handle_slot *free;
	struct kmemlab_handle_slot all[];
};

/**
 * kmemlab_handle_slots_create() - Allocate the slots of an experiment.
 * @ctx: experiment, whose own memory the slots are charged to
 *
 * Return: slots to be freed with kvfree(), or NULL.
 */
static inline struct kmemlab_handle_slots *
kmemlab_handle_slots_create(struct kmemlab_facility_ctx *ctx)
{
	size_t count = ctx->alive;
	struct kmemlab_ledger before;
	struct kmemlab_handle_slots *slots;

	kmemlab_ledger_read(&before);
	slots = kmemlab_kvarray_create(struct_size(slots, all, count), 1);
	kmemlab_ledger_read(&ctx->own);
	kmemlab_ledger_subtract(&ctx->own, &before);
	if (!slots)
		return NULL;
	while (count--) {
		slots->all[count].next_free = slots->free;
		slots->free = &slots->all[count];
	}
	return slots;
}

/* Return the maximum number of pages that @count slots take. */
static inline u64 kmemlab_handle_slots_pages(size_t count)
{
	return DIV_ROUND_UP_ULL((u64)count * sizeof(struct kmemlab_handle_slot), PAGE_SIZE) + 1;
}

/* Take a slot for an object. Return: its handle. */
static inline unsigned long kmemlab_handle_slot_get(struct kmemlab_handle_slots *slots,
						    void *object, dma_addr_t dma)
{
	struct kmemlab_handle_slot *slot = slots->free;

	slots->free = slot->next_free;
	slot->args.object = object;
	slot->args.dma = dma;
	return (unsigned long)slot;
}

static inline const struct kmemlab_free_args *kmemlab_handle_slot_find(unsigned long handle)
{
	return &((const struct kmemlab_handle_slot *)handle)->args;
}

/* Return the slot to the free list and its content to the caller. */
static inline struct kmemlab_free_args
kmemlab_handle_slot_put(struct kmemlab_handle_slots *slots, unsigned long handle)
{
	struct kmemlab_handle_slot *slot = (struct kmemlab_handle_slot *)handle;
	struct kmemlab_free_args args = slot->args;

	slot->next_free = slots->free;
	slots->free = slot;
	return args;
}

#endif
