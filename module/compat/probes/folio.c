// SPDX-License-Identifier: GPL-2.0
/* cc09cb134124 (5.16) */
#include <linux/gfp.h>
#include <linux/mm.h>

void probe(void);
void probe(void)
{
	folio_put(folio_alloc(GFP_KERNEL, 0));
}
