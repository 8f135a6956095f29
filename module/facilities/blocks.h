/* SPDX-License-Identifier: GPL-2.0 */
/* For facilities that give each object a block of 2^order pages: a handle is its first page. */
#ifndef KMEMLAB_BLOCKS_H
#define KMEMLAB_BLOCKS_H

#include <linux/mm.h>

#include "facilities/facility.h"

static inline int kmemlab_block_prepare(struct kmemlab_run *run)
{
	run->order = get_order(run->object_size);
	return 0;
}

static inline u64 kmemlab_block_footprint_pages(const struct kmemlab_run *run)
{
	return (u64)run->objects << get_order(run->object_size);
}

static inline void *kmemlab_block_address(const struct kmemlab_run *run, unsigned long handle)
{
	return page_address((struct page *)handle);
}

static inline size_t kmemlab_block_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return PAGE_SIZE << run->order;
}

static inline unsigned long kmemlab_block_frame(const struct kmemlab_run *run,
						unsigned long handle, size_t page)
{
	return page_to_pfn((struct page *)handle) + page;
}

#define KMEMLAB_BLOCK_HOOKS						\
	.alignment = PAGE_SIZE,						\
	.aligns_to = kmemlab_aligned_as_block,				\
	.object_size_min = 1,						\
	.object_size_max = PAGE_SIZE << KMEMLAB_MAX_ORDER,		\
	.idle = "nothing",						\
	.gfp_refused = __GFP_HIGHMEM,					\
	.prepare = kmemlab_block_prepare,				\
	.footprint_pages = kmemlab_block_footprint_pages,		\
	.address = kmemlab_block_address,				\
	.usable = kmemlab_block_usable,					\
	.frame = kmemlab_block_frame

#endif
