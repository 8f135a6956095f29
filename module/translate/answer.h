/* SPDX-License-Identifier: GPL-2.0 */
/* One address, translated: levels, page, routes. */
#ifndef KMEMLAB_ANSWER_H
#define KMEMLAB_ANSWER_H

#include <linux/kmemlab.h>

#include "translate/arch.h"
#include "translate/routes.h"

/**
 * struct kmemlab_slot - room for an answer, used again and again
 * @answer: the answer
 * @way: number of the way that its steps are of; 0: of none
 */
struct kmemlab_slot {
	struct kmemlab_answer *answer;
	unsigned int way;
};

/*
 * All of these are called between kmemlab_walk_begin() and _end(), and fill every
 * field of the answer, but the routes that are not asked: those must be 0, or of an
 * earlier answer with the same @routes.
 */
void kmemlab_answer_kernel(struct kmemlab_walker *walker, u64 address, bool routes,
			   struct kmemlab_slot *slot);
/* @walker has the tables of a process; its lock is held, and interrupts are off. */
void kmemlab_answer_process(struct kmemlab_walker *walker, u64 address,
			    struct kmemlab_slot *slot);
void kmemlab_answer_phys(struct kmemlab_walker *walker, u64 phys, bool routes,
			 struct kmemlab_slot *slot);

/* Nothing is known but @status. */
void kmemlab_answer_none(struct kmemlab_slot *slot, u64 address, u32 status);

/* Adds another source's frame to an answer that is OK. */
void kmemlab_answer_add_route(struct kmemlab_answer *answer, u32 route, unsigned long pfn);

#endif
