/* SPDX-License-Identifier: GPL-2.0 */
/* Routes: the ways to translate a kernel address, which must agree. */
#ifndef KMEMLAB_ROUTES_H
#define KMEMLAB_ROUTES_H

#include <linux/kmemlab.h>
#include <linux/log2.h>
#include <linux/types.h>

#include "translate/walk.h"

/**
 * struct kmemlab_translation - a page's frame by each route that applies
 * @pfn: by the module's own walk
 * @routes: KMEMLAB_ROUTE_* that were asked
 * @disagree: those of them that said something else than @pfn
 * @pfns: what each said, by bit of @routes; ~0: no frame
 */
struct kmemlab_translation {
	unsigned long pfn;
	u32 routes;
	u32 disagree;
	unsigned long pfns[KMEMLAB_ROUTES_MAX];
};

/* Return: 0, or why the module's own walk found nothing (see walk.h). */
int kmemlab_translate(const void *address, struct kmemlab_translation *to);

/* The routes but the walk, which found @walk. */
void kmemlab_ask_routes(const void *address, const struct kmemlab_walk *walk,
			struct kmemlab_translation *to);

/* Adds what another source says of the same page. */
static inline void kmemlab_translation_add(struct kmemlab_translation *to, u32 route,
					   unsigned long pfn)
{
	to->routes |= route;
	to->pfns[ilog2(route)] = pfn;
	if (pfn != to->pfn)
		to->disagree |= route;
}

#endif
