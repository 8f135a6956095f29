/* SPDX-License-Identifier: GPL-2.0 */
/* Pages of a facility's own, taken before anything is timed. */
#ifndef KMEMLAB_OWN_PAGES_H
#define KMEMLAB_OWN_PAGES_H

#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "array.h"

/* An array of page pointers, freed with kmemlab_own_pages_free(). */
static inline void kmemlab_own_pages_free(struct page **pages, size_t count, unsigned int order)
{
	size_t i;

	for (i = 0; i < count && pages[i]; i++) {
		__free_pages(pages[i], order);
		cond_resched();
	}
	kvfree(pages);
}

/* Return: @count blocks of @order; NULL where one was refused or a signal came. */
static inline struct page **kmemlab_own_pages_alloc(size_t count, unsigned int order, gfp_t gfp)
{
	struct page **pages = kmemlab_array_create(count, sizeof(*pages));
	size_t i;

	for (i = 0; pages && i < count; i++) {
		if (!signal_pending(current))
			pages[i] = alloc_pages(gfp, order);
		if (!pages[i]) {
			kmemlab_own_pages_free(pages, count, order);
			return NULL;
		}
		cond_resched();
	}
	return pages;
}

static inline u64 kmemlab_own_pages_records(size_t count)
{
	return DIV_ROUND_UP_ULL((u64)count * sizeof(struct page *), PAGE_SIZE);
}

#endif
