/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PFN set: one bit per page frame, in chunks that are allocated in advance so that
 * adding a frame does not disturb the allocators.
 */
#ifndef KMEMLAB_PFN_SET_H
#define KMEMLAB_PFN_SET_H

#include <linux/types.h>

#include <linux/kmemlab.h>

/**
 * struct kmemlab_pfn_set - a set of page frames
 * @chunks: bitmaps of PAGE_SIZE bytes; NULL where there is no memory
 * @chunk_count: number of chunks
 * @frames: number of frames in the set
 * @slab_frames: of these, frames that the slab counters include
 */
struct kmemlab_pfn_set {
	unsigned long **chunks;
	size_t chunk_count;
	u64 frames;
	u64 slab_frames;
};

unsigned long kmemlab_frames_end(void);
u64 kmemlab_pfn_set_bookkeeping(void);
int kmemlab_pfn_set_create(struct kmemlab_pfn_set *set);
void kmemlab_pfn_set_clear(struct kmemlab_pfn_set *set);
void kmemlab_pfn_set_destroy(struct kmemlab_pfn_set *set);
int kmemlab_pfn_set_add(struct kmemlab_pfn_set *set, unsigned long pfn, bool slab);
void kmemlab_pfn_set_extents(const struct kmemlab_pfn_set *set, struct kmemlab_result *result);

#endif
