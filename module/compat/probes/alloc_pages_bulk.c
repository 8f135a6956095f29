// SPDX-License-Identifier: GPL-2.0
/* 6bf9b5b40af7 (6.14) */
#include <linux/gfp.h>

unsigned long probe(struct page **pages);
unsigned long probe(struct page **pages)
{
	return alloc_pages_bulk(GFP_KERNEL, 2, pages);
}
