/* SPDX-License-Identifier: GPL-2.0 */
/* The condition of memory that an experiment meets; condition_list.h has the names. */
#ifndef KMEMLAB_CONDITION_H
#define KMEMLAB_CONDITION_H

#include <linux/list.h>
#include <linux/types.h>

struct kmemlab_request;

/**
 * struct kmemlab_condition - what makes memory so
 * @pages: single pages that are kept, linked by their lru
 * @reserved: pages taken from the budget for them
 * @held: pages of them that the free ones lack
 */
struct kmemlab_condition {
	struct list_head pages;
	u64 reserved;
	u64 held;
};

/* Is @name one, or empty? */
bool kmemlab_condition_known(const char *name);

/*
 * Makes the condition that @request asks for, for an experiment that may take
 * @pages. Fills nearly all memory, so it is refused where the budget has not as
 * much, unless the machine is thrown away. May sleep.
 * Return: 0, -EINTR, or another errno with the refusal in @request; unless 0
 * nothing is kept.
 */
int kmemlab_condition_make(struct kmemlab_condition *condition,
			   struct kmemlab_request *request, u64 pages);

/* Gives all of it back. */
void kmemlab_condition_undo(struct kmemlab_condition *condition);

#endif
