/* SPDX-License-Identifier: GPL-2.0 */
/* What one object of kmalloc takes at the most, for the budget, how it is aligned, freed late. */
#ifndef KMEMLAB_KMALLOC_CLASS_H
#define KMEMLAB_KMALLOC_CLASS_H

#include <linux/cache.h>
#include <linux/log2.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "facilities/facility.h"

#ifndef ARCH_DMA_MINALIGN
#define ARCH_DMA_MINALIGN	1
#endif

/* Red zones, owners and shadow that debugging puts beside an object. */
#define KMEMLAB_SLAB_DEBUG_BYTES	\
	(IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_SLUB_DEBUG_ON) ? 512 : 0)

/* Pages that @objects take, and slabs that are begun but not full. */
static inline u64 kmemlab_kmalloc_pages(u64 objects, size_t size)
{
	size_t smallest = max_t(size_t, KMALLOC_MIN_SIZE, ARCH_DMA_MINALIGN);
	u64 bytes = max_t(size_t, roundup_pow_of_two(size), smallest);

	return DIV_ROUND_UP_ULL(objects * (bytes + KMEMLAB_SLAB_DEBUG_BYTES), PAGE_SIZE) +
	       MAX_ORDER_NR_PAGES / 16;
}

static inline size_t kmemlab_kmalloc_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return ksize((void *)handle);
}

/* Objects whose size is a power of two are aligned to it, others to what any is. */
static inline size_t kmemlab_kmalloc_alignment(size_t size)
{
	return is_power_of_2(size) ? size : ARCH_KMALLOC_MINALIGN;
}

static inline size_t kmemlab_kmalloc_aligns_to(const struct kmemlab_run *run)
{
	return kmemlab_kmalloc_alignment(run->object_size);
}

/* The head lies in the object itself, as callers of kfree_rcu() and kvfree_rcu() have it. */
struct kmemlab_rcu_object {
	struct rcu_head rcu;
};

static inline const char *kmemlab_kmalloc_rcu_unavailable(const struct kmemlab_run *run)
{
	return run->object_size < sizeof(struct kmemlab_rcu_object) ?
		"kfree_rcu wants a struct rcu_head in the object" : NULL;
}

#endif
