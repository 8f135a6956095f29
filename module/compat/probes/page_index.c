// SPDX-License-Identifier: GPL-2.0
#include <linux/mm_types.h>

unsigned long probe(const struct page *page);

unsigned long probe(const struct page *page)
{
	return page->index;
}
