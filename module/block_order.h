/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a number of pages is cut into blocks of the page allocator: full blocks
 * of the largest order, then the smallest order that holds the rest.
 */
#ifndef KMEMLAB_BLOCK_ORDER_H
#define KMEMLAB_BLOCK_ORDER_H

#include <linux/kernel.h>
#include <linux/log2.h>

/* The order of the next block for @pages that are still missing (at least 1). */
static inline unsigned int kmemlab_block_order(u64 pages, unsigned int order_limit)
{
	if (pages >> order_limit)
		return order_limit;
	return order_base_2((unsigned long)pages);
}

#endif
