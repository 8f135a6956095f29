// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facilities that allocate nothing and test the instrument.
 *
 * null: does nothing, so that the clock must read 0.
 * delay: executes KMEMLAB_DELAY_INSTRUCTIONS, so that the clock must read them.
 */
#include <linux/stringify.h>

#include "facilities/bench_loops.h"

#define CALIBRATION_OBJECT	((void *)1UL)

static __always_inline void *null_alloc(struct kmemlab_facility_ctx *ctx)
{
	return CALIBRATION_OBJECT;
}

static __always_inline void null_free(struct kmemlab_facility_ctx *ctx,
				      struct kmemlab_free_args args)
{
}

KMEMLAB_FACILITY_LOOPS(null, null_alloc, null_free, kmemlab_plain_pack, kmemlab_opaque_unpack)

static __always_inline void delay_burn(void)
{
	unsigned long left;

#if defined(CONFIG_X86)
	asm volatile("movl $" __stringify(KMEMLAB_DELAY_PAIRS) ", %k0\n"
		     "1:	subl $1, %k0\n\t"
		     "jnz 1b"
		     : "=r" (left) : : "cc");
#elif defined(CONFIG_ARM64) || defined(CONFIG_ARM)
	asm volatile("mov %0, #" __stringify(KMEMLAB_DELAY_PAIRS) "\n"
		     "1:	subs %0, %0, #1\n\t"
		     "bne 1b"
		     : "=r" (left) : : "cc");
#else
	for (left = KMEMLAB_DELAY_PAIRS; left; left--)
		barrier();
#endif
}

static __always_inline void *delay_alloc(struct kmemlab_facility_ctx *ctx)
{
	delay_burn();
	return CALIBRATION_OBJECT;
}

static __always_inline void delay_free(struct kmemlab_facility_ctx *ctx,
				       struct kmemlab_free_args args)
{
	delay_burn();
}

KMEMLAB_FACILITY_LOOPS(delay, delay_alloc, delay_free, kmemlab_plain_pack, kmemlab_plain_unpack)

static u64 calibration_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return 0;
}

/* A ramp exhausts no memory, so limit it to the requested number of objects. */
static size_t calibration_ramp_max(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->objects;
}

#define CALIBRATION_HOOKS						\
	.capabilities = KMEMLAB_CAP_CALIBRATION | KMEMLAB_CAP_ATOMIC,	\
	.alignment = 1,							\
	.object_size_min = 1,						\
	.object_size_max = SIZE_MAX,					\
	.idle = "nothing",						\
	.gfp_refused = ~GFP_KERNEL,					\
	.ramp_max = calibration_ramp_max,				\
	.footprint_pages = calibration_footprint_pages

const struct kmemlab_facility_ops kmemlab_null = {
	.name = "null",
	KMEMLAB_FACILITY_LOOP_HOOKS(null),
	CALIBRATION_HOOKS,
};

const struct kmemlab_facility_ops kmemlab_delay = {
	.name = "delay",
	KMEMLAB_FACILITY_LOOP_HOOKS(delay),
	CALIBRATION_HOOKS,
};
