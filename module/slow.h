/* SPDX-License-Identifier: GPL-2.0 */
/* What operations cost and met, one by one, so that the slowest of them have causes. */
#ifndef KMEMLAB_SLOW_H
#define KMEMLAB_SLOW_H

#include <linux/types.h>

#include <linux/kmemlab.h>

/**
 * struct kmemlab_slow_log - operations of one direction
 * @costs: ticks of each, the clock's overhead included
 * @met: bits of the causes that each met
 * @capacity: how many there is room for; what comes after is left out
 * @count: how many there are
 */
struct kmemlab_slow_log {
	u32 *costs;
	u16 *met;
	size_t capacity;
	size_t count;
};

/* Bytes that a log of so many operations takes while it is evaluated, too. */
u64 kmemlab_slow_bookkeeping(u64 operations);

int kmemlab_slow_create(struct kmemlab_slow_log *log, size_t capacity);
void kmemlab_slow_destroy(struct kmemlab_slow_log *log);

static inline void kmemlab_slow_add(struct kmemlab_slow_log *log, u32 cost, u16 met)
{
	if (log->count >= log->capacity)
		return;
	log->costs[log->count] = cost;
	log->met[log->count++] = met;
}

/*
 * Fills @slow with the operations from the 99.9th percentile on. Only the causes in
 * @known explain anything; slow->with is by their bits. Nothing where the log is empty.
 * Return: 0 or -ENOMEM.
 */
int kmemlab_slow_tell(const struct kmemlab_slow_log *log, unsigned long known,
		      struct kmemlab_slow *slow);

#endif
