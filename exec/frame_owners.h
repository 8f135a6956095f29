/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel uses frames for, as far as its addresses for them and its files say. */
#ifndef KMEMLAB_FRAME_OWNERS_H
#define KMEMLAB_FRAME_OWNERS_H

#include <stdbool.h>

#include "kernel_mappings.h"
#include "refusal.h"

struct owned_frames {
	uint64_t pfn, pages;
	unsigned int owner;	/* KMEMLAB_REGION_*, but FIXED */
};

struct frame_owners {
	struct kernel_mappings mappings;
	struct owned_frames *runs;	/* ascending, apart from each other */
	size_t count, room;
	uint64_t percpu_start;		/* address that per-CPU variables begin at */
	bool percpu_known;
	struct refusal untold;		/* what is not told apart, and why; else empty */
};

/* What does not change: to be called first, with all 0. */
void frame_owners_init(struct frame_owners *owners);

/* Reads all anew. 0 or a negative errno. */
int frame_owners_read(int device, uint32_t page_size, struct frame_owners *owners);
void frame_owners_release(struct frame_owners *owners);

#endif
