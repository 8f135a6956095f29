/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks of pages that a facility allocates before the first timed operation. */
#ifndef KMEMLAB_FACILITIES_PAGE_ARRAY_H
#define KMEMLAB_FACILITIES_PAGE_ARRAY_H

#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "util.h"

/* Free the blocks and the array of kmemlab_page_array_alloc(). */
static inline void kmemlab_page_array_free(struct page **pages, size_t count, unsigned int order)
{
	size_t i;

	for (i = 0; i < count && pages[i]; i++) {
		__free_pages(pages[i], order);
		cond_resched();
	}
	kvfree(pages);
}

/* Return: @count blocks of @order, or NULL if an allocation failed or a signal is pending. */
static inline struct page **kmemlab_page_array_alloc(size_t count, unsigned int order, gfp_t gfp)
{
	struct page **pages = kmemlab_kvarray_create(count, sizeof(*pages));
	size_t i;

	for (i = 0; pages && i < count; i++) {
		if (!signal_pending(current))
			pages[i] = alloc_pages(gfp, order);
		if (!pages[i]) {
			kmemlab_page_array_free(pages, count, order);
			return NULL;
		}
		cond_resched();
	}
	return pages;
}

/* Return the number of pages of the array for @count blocks. */
static inline u64 kmemlab_page_array_records(size_t count)
{
	return DIV_ROUND_UP_ULL((u64)count * sizeof(struct page *), PAGE_SIZE);
}

#endif
