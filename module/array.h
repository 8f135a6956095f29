/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays of an experiment's own, made where memory may be in pieces already. */
#ifndef KMEMLAB_ARRAY_H
#define KMEMLAB_ARRAY_H

#include <linux/mm.h>
#include <linux/slab.h>

/*
 * Zeroed, and freed with kvfree(). Of more than a page always: up to a page kvmalloc()
 * insists on a slab, and where slabs of such sizes take several pages (slub_debug, KASAN)
 * and no block of that order is left, the OOM killer would be sent to make one.
 */
static inline void *kmemlab_array_create(size_t count, size_t size)
{
	return kvcalloc(max_t(size_t, count, PAGE_SIZE / size + 1), size, GFP_KERNEL);
}

#endif
