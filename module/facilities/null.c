// SPDX-License-Identifier: GPL-2.0
/* null: does nothing, so that whatever it reads is the instrument's own fault. */
#include "facilities/instrument.h"

static __always_inline void *null_alloc(struct kmemlab_run *run)
{
	return KMEMLAB_INSTRUMENT_HANDLE;
}

static __always_inline void null_free(struct kmemlab_run *run, void *raw)
{
}

static __always_inline unsigned long null_pack(struct kmemlab_run *run, void *raw)
{
	return (unsigned long)raw;
}

/* Has the handle at hand, as any other needs it: else no loop that frees would be left. */
static __always_inline void *null_unpack(struct kmemlab_run *run, unsigned long handle)
{
	asm volatile("" : : "r" (handle));
	return (void *)handle;
}

KMEMLAB_FACILITY_LOOPS(null)

const struct kmemlab_facility_ops kmemlab_null = {
	.name = "null",
	KMEMLAB_FACILITY_LOOP_HOOKS(null),
	KMEMLAB_INSTRUMENT_HOOKS,
};
