// SPDX-License-Identifier: GPL-2.0
/* 88dca4ca5a93 (5.8) */
#include <linux/gfp.h>
#include <linux/vmalloc.h>

void *probe(void);
void *probe(void)
{
	return __vmalloc(4096, GFP_KERNEL);
}
