// SPDX-License-Identifier: GPL-2.0
/* Seen in 7.2: the flags of struct page are a structure. */
#include <linux/mm_types.h>

unsigned long probe(struct page *page);
unsigned long probe(struct page *page)
{
	return page->flags.f;
}
