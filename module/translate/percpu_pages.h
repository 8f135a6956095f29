/* SPDX-License-Identifier: GPL-2.0 */
/* Which pages among what vmalloc maps are the per-CPU allocator's. */
#ifndef KMEMLAB_PERCPU_PAGES_H
#define KMEMLAB_PERCPU_PAGES_H

#include <linux/types.h>

/**
 * struct kmemlab_percpu_pages - what is known of the allocator's chunks
 * @lowest: offset of the CPU whose variables lie lowest
 * @span: bytes that a CPU's part of a chunk has at the most
 * @chunk: the one that was asked of last, or 0
 * @base: where its lowest part begins, or 0 where it is no chunk
 */
struct kmemlab_percpu_pages {
	unsigned long lowest;
	unsigned long span;
	unsigned long chunk;
	unsigned long base;
};

void kmemlab_percpu_pages_init(struct kmemlab_percpu_pages *pages);

/* Is the frame that the kernel maps at @address, which vmalloc's area has, one of them? */
bool kmemlab_percpu_page(struct kmemlab_percpu_pages *pages, unsigned long address,
			 unsigned long pfn);

#endif
