/* SPDX-License-Identifier: GPL-2.0 */
/* What facilities share that allocate nothing, and are there to test the instrument. */
#ifndef KMEMLAB_INSTRUMENT_H
#define KMEMLAB_INSTRUMENT_H

#include "facilities/facility.h"

#define KMEMLAB_INSTRUMENT_HANDLE	((void *)1UL)

static inline u64 kmemlab_instrument_footprint_pages(const struct kmemlab_run *run)
{
	return 0;
}

#define KMEMLAB_INSTRUMENT_HOOKS					\
	.capabilities = KMEMLAB_CAP_INSTRUMENT | KMEMLAB_CAP_ATOMIC,	\
	.alignment = 1,							\
	.object_size_min = 1,						\
	.object_size_max = SIZE_MAX,					\
	.idle = "nothing",						\
	.gfp_refused = ~GFP_KERNEL,					\
	.footprint_pages = kmemlab_instrument_footprint_pages

#endif
