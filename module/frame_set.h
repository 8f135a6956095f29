/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A set of page frames: a bit for each, in chunks made where there is memory, before
 * anything is looked at: they disturb nothing.
 * Counts each frame once, and tells the extents: runs of consecutive frames.
 */
#ifndef KMEMLAB_FRAME_SET_H
#define KMEMLAB_FRAME_SET_H

#include <linux/types.h>

#include <linux/kmemlab.h>

struct kmemlab_frame_set {
	unsigned long **chunks;		/* of PAGE_SIZE * 8 frames each, or NULL */
	size_t chunk_count;
	u64 frames;
	u64 slab_frames;		/* of them: in the slab counters */
};

/* The number behind the last page frame of all memory. */
unsigned long kmemlab_frames_end(void);

int kmemlab_frame_set_create(struct kmemlab_frame_set *set);
void kmemlab_frame_set_destroy(struct kmemlab_frame_set *set);

/* Bytes that a set takes at the most, whatever frames it holds. */
u64 kmemlab_frame_set_bookkeeping(void);

/*
 * The frame is in use, by whom the set is of, and with it all that was taken at once: a slab,
 * or another compound page. @slab: it is in the kernel's slab counters even if it is no
 * slab's. Return: 0, or -ERANGE for one beyond all memory.
 */
int kmemlab_frame_set_add(struct kmemlab_frame_set *set, unsigned long pfn, bool slab);

/* Fills extents, largest_extent_bytes and both lists by order of @result. */
void kmemlab_frame_set_extents(const struct kmemlab_frame_set *set,
			       struct kmemlab_result *result);

#endif
