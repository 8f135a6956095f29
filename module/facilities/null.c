// SPDX-License-Identifier: GPL-2.0
/* null: does nothing, so that whatever it reads is the instrument's own fault. */
#include "facilities/facility.h"

#define NULL_HANDLE	((void *)1UL)

static __always_inline void *null_alloc(struct kmemlab_run *run)
{
	return NULL_HANDLE;
}

static __always_inline void null_free(struct kmemlab_run *run, void *raw)
{
}

KMEMLAB_FACILITY_PLAIN_HANDLES(null)
KMEMLAB_FACILITY_LOOPS(null)

static u64 null_footprint_pages(const struct kmemlab_run *run)
{
	return 0;
}

const struct kmemlab_facility_ops kmemlab_null = {
	.name = "null",
	KMEMLAB_FACILITY_LOOP_HOOKS(null),
	.capabilities = KMEMLAB_CAP_INSTRUMENT | KMEMLAB_CAP_ATOMIC,
	.alignment = 1,
	.object_size_min = 1,
	.object_size_max = SIZE_MAX,
	.idle = "nothing",
	.gfp_refused = ~GFP_KERNEL,
	.footprint_pages = null_footprint_pages,
};
