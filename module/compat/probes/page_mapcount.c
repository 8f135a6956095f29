// SPDX-License-Identifier: GPL-2.0
/* Gone in 6.12, where only folios are counted. */
#include <linux/mm.h>

int probe(struct page *page);
int probe(struct page *page)
{
	return page_mapcount(page);
}
