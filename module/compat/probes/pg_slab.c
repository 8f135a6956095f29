// SPDX-License-Identifier: GPL-2.0
/* Before 6.12 slab was a flag of struct page, since then it is a type. */
#include <linux/page-flags.h>

int probe(void);
int probe(void)
{
	return PG_slab;
}
