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

KMEMLAB_FACILITY_PLAIN_HANDLES(null)
KMEMLAB_FACILITY_LOOPS(null)

const struct kmemlab_facility_ops kmemlab_null = {
	.name = "null",
	KMEMLAB_FACILITY_LOOP_HOOKS(null),
	KMEMLAB_INSTRUMENT_HOOKS,
};
