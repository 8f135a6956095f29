/* SPDX-License-Identifier: GPL-2.0 */
/* Routes: the ways to translate a kernel address, which must agree. */
#ifndef KMEMLAB_ROUTES_H
#define KMEMLAB_ROUTES_H

#include <linux/types.h>

/**
 * struct kmemlab_translation - a page's frame by each route that applies
 * @pfn: by the module's own walk
 * @routes: KMEMLAB_ROUTE_* that were asked
 * @agree: all of them said @pfn
 */
struct kmemlab_translation {
	unsigned long pfn;
	u32 routes;
	bool agree;
};

/* Return: 0, or why the module's own walk found nothing (see walk.h). */
int kmemlab_translate(const void *address, struct kmemlab_translation *to);

/* Adds what another source says of the same page. */
static inline void kmemlab_translation_add(struct kmemlab_translation *to, u32 route,
					   unsigned long pfn)
{
	to->routes |= route;
	to->agree = to->agree && pfn == to->pfn;
}

#endif
