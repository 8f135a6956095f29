/* SPDX-License-Identifier: GPL-2.0 */
/* One address, translated: levels, page, routes. */
#ifndef KMEMLAB_ANSWER_H
#define KMEMLAB_ANSWER_H

#include <linux/kmemlab.h>

#include "translate/arch.h"
#include "translate/routes.h"

/*
 * All of these fill every field of @answer, but the routes that are not asked:
 * those must be 0, or of an earlier answer with the same @routes.
 */
void kmemlab_answer_kernel(struct kmemlab_walker *walker, u64 address, bool routes,
			   struct kmemlab_answer *answer);
/* @walker has the tables of a process, whose lock is held. */
void kmemlab_answer_process(struct kmemlab_walker *walker, u64 address,
			    struct kmemlab_answer *answer);
void kmemlab_answer_phys(struct kmemlab_walker *walker, u64 phys, bool routes,
			 struct kmemlab_answer *answer);

/* Adds another source's frame to an answer that is OK. */
void kmemlab_answer_add_route(struct kmemlab_answer *answer, u32 route, unsigned long pfn);

#endif
