// SPDX-License-Identifier: GPL-2.0
/* Seen in 7.2: flags of their own instead of a migrate type. */
#include <linux/gfp.h>

int probe(void);
int probe(void)
{
	return alloc_contig_range(0, 1, ACR_FLAGS_NONE, GFP_KERNEL);
}
