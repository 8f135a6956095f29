// SPDX-License-Identifier: GPL-2.0
/* 0f87d9d30f21 (5.13) */
#include <linux/gfp.h>

unsigned long probe(struct page **pages);
unsigned long probe(struct page **pages)
{
	return alloc_pages_bulk_array(GFP_KERNEL, 2, pages);
}
