/* SPDX-License-Identifier: GPL-2.0-only */
/* Properties of kmalloc objects, for facilities that allocate with kmalloc. */
#ifndef KMEMLAB_KMALLOC_CLASS_H
#define KMEMLAB_KMALLOC_CLASS_H

#include <linux/cache.h>
#include <linux/log2.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "facilities/bench_loops.h"

#ifndef ARCH_DMA_MINALIGN
#define ARCH_DMA_MINALIGN	1
#endif

/* Red zone, owner tracking and shadow that debugging options add to an object. */
#define KMEMLAB_SLAB_DEBUG_BYTES	\
	(IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_SLUB_DEBUG_ON) ? 512 : 0)

/* Return the maximum number of pages for @objects, partly filled slabs included. */
static inline u64 kmemlab_kmalloc_pages(u64 objects, size_t size)
{
	size_t min_size = max_t(size_t, KMALLOC_MIN_SIZE, ARCH_DMA_MINALIGN);
	u64 bytes = max_t(size_t, roundup_pow_of_two(size), min_size);

	return DIV_ROUND_UP_ULL(objects * (bytes + KMEMLAB_SLAB_DEBUG_BYTES), PAGE_SIZE) +
	       MAX_ORDER_NR_PAGES / 16;
}

/* kmemlab_facility_ops.usable */
static inline size_t kmemlab_kmalloc_usable(const struct kmemlab_facility_ctx *ctx,
					    unsigned long handle)
{
	return ksize((void *)handle);
}

/*
 * Return the alignment that slab.h promises: that of the size if it is a power of two;
 * in newer kernels the largest power of two that divides the size.
 */
static inline size_t kmemlab_kmalloc_alignment(size_t size)
{
	if (!is_power_of_2(size) && !compat_kmalloc_aligns_to_divisor())
		return ARCH_KMALLOC_MINALIGN;
	return max_t(size_t, size & -size, ARCH_KMALLOC_MINALIGN);
}

/* kmemlab_facility_ops.aligns_to */
static inline size_t kmemlab_kmalloc_aligns_to(const struct kmemlab_facility_ctx *ctx)
{
	return kmemlab_kmalloc_alignment(ctx->object_size);
}

/**
 * struct kmemlab_rcu_object - object as callers of kfree_rcu() and kvfree_rcu() define it
 * @rcu: head for the deferred free
 */
struct kmemlab_rcu_object {
	struct rcu_head rcu;
};

/* kmemlab_facility_ops.rcu_unavailable */
static inline const char *kmemlab_kmalloc_rcu_unavailable(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->object_size < sizeof(struct kmemlab_rcu_object) ?
		"kfree_rcu needs room for a struct rcu_head in the object" : NULL;
}

#define KMEMLAB_KMALLOC_IDLE	"nothing: the whole kernel shares its caches"

#define KMEMLAB_KMALLOC_HOOKS						\
	.alignment = ARCH_KMALLOC_MINALIGN,				\
	.object_size_min = 1,						\
	.grows_by = "slab",						\
	.grows_up_to = KMALLOC_MAX_CACHE_SIZE,				\
	.counted_as_slab = true

#endif
