// SPDX-License-Identifier: GPL-2.0
/* Seen in 7.2: flags say whether the range is CMA's; before, a type of pages did. */
#include <linux/gfp.h>

int probe(void);
int probe(void)
{
	return alloc_contig_range(0, 0, ACR_FLAGS_NONE, GFP_KERNEL);
}
