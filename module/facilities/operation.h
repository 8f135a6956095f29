/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations: functions of a user's file, measured like an allocation whose free does nothing.
 *
 * kmemlab measure writes a file that includes this header and defines, for each operation, a
 * function without arguments, KMEMLAB_OPERATION(NAME, SETUP, TEARDOWN) and a struct
 * kmemlab_facility_ops. The file may define KMEMLAB_OPERATION_IRQS_OFF or
 * KMEMLAB_OPERATION_SOFTIRQ before it includes the header.
 */
#ifndef KMEMLAB_OPERATION_H
#define KMEMLAB_OPERATION_H

#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>

#include "facilities/bench_loops.h"

#define KMEMLAB_OPERATION_DONE	((void *)1UL)

/* Evaluate an expression; the compiler must not drop its value. */
#define kmemlab_evaluate(expression)							\
do {											\
	typeof(__builtin_choose_expr(kmemlab_is_void(expression), 0, expression))	\
		kmemlab_value = __builtin_choose_expr(kmemlab_is_void(expression),	\
						      ((void)(expression), 0), expression); \
	asm volatile("" : : "g" (kmemlab_value) : "memory");				\
} while (0)
#define kmemlab_is_void(expression)							\
	__builtin_types_compatible_p(typeof(expression), void)

/* Setup and teardown of a file that has none */
static inline void kmemlab_no_function(void)
{
}

/* A series of operations, and its result. */
struct kmemlab_operation_series {
	size_t (*run)(struct kmemlab_operation_series *series);
	struct kmemlab_facility_ctx *ctx;
	size_t first, count;
	struct kmemlab_batch_time *batch;	/* read the clock around the batch, or NULL */
	bool pairs;
	size_t result;
	struct completion done;
};

#ifdef KMEMLAB_OPERATION_SOFTIRQ
static void kmemlab_operation_tasklet(unsigned long data)
{
	struct kmemlab_operation_series *series = (void *)data;

	series->result = series->run(series);
	complete(&series->done);
}

/* The softirq runs where bottom halves are enabled again, at the latest in ksoftirqd. */
static inline size_t kmemlab_operation_run(struct kmemlab_operation_series *series)
{
	struct tasklet_struct tasklet;

	init_completion(&series->done);
	tasklet_init(&tasklet, kmemlab_operation_tasklet, (unsigned long)series);
	local_bh_disable();
	tasklet_schedule(&tasklet);
	local_bh_enable();
	wait_for_completion(&series->done);
	tasklet_kill(&tasklet);
	return series->result;
}
#else
static inline size_t kmemlab_operation_run(struct kmemlab_operation_series *series)
{
#ifdef KMEMLAB_OPERATION_IRQS_OFF
	unsigned long flags;

	local_irq_save(flags);
	series->result = series->run(series);
	local_irq_restore(flags);
	return series->result;
#else
	return series->run(series);
#endif
}
#endif

static inline u64 kmemlab_operation_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	return 0;
}

/* Return the result of a setup function: 0 or a negative errno, 0 if it returns nothing. */
#define kmemlab_operation_setup(setup)							\
	__builtin_choose_expr(kmemlab_is_void(setup()), ((void)setup(), 0), setup())

/*
 * Define the functions of KMEMLAB_OPERATION_OPS(NAME). NAME, SETUP and TEARDOWN are functions
 * without arguments.
 */
#define KMEMLAB_OPERATION(NAME, SETUP, TEARDOWN)					\
static __always_inline void *NAME##__call(struct kmemlab_facility_ctx *ctx)		\
{											\
	NAME();										\
	barrier();	/* memory must be as after a call */				\
	return KMEMLAB_OPERATION_DONE;							\
}											\
static __always_inline void NAME##__release(struct kmemlab_facility_ctx *ctx,		\
					   struct kmemlab_free_args args)		\
{											\
}											\
KMEMLAB_FACILITY_LOOPS(NAME##__plain, NAME##__call, NAME##__release, kmemlab_plain_pack,	\
		       kmemlab_opaque_unpack)						\
static size_t NAME##__series(struct kmemlab_operation_series *series)			\
{											\
	if (series->batch)								\
		return NAME##__plain_alloc_batch(series->ctx, series->first, series->count, \
						 series->batch);			\
	if (series->pairs)								\
		return NAME##__plain_pair_n(series->ctx, series->count);		\
	return NAME##__plain_alloc_n(series->ctx, series->first, series->count);	\
}											\
static size_t NAME##__alloc_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count) \
{											\
	return kmemlab_operation_run(&(struct kmemlab_operation_series){		\
		.run = NAME##__series, .ctx = ctx, .first = first, .count = count });	\
}											\
static size_t NAME##__pair_n(struct kmemlab_facility_ctx *ctx, size_t count)		\
{											\
	return kmemlab_operation_run(&(struct kmemlab_operation_series){		\
		.run = NAME##__series, .ctx = ctx, .count = count, .pairs = true });	\
}											\
static size_t NAME##__alloc_batch(struct kmemlab_facility_ctx *ctx, size_t first,	\
				  size_t count, struct kmemlab_batch_time *batch)	\
{											\
	return kmemlab_operation_run(&(struct kmemlab_operation_series){		\
		.run = NAME##__series, .ctx = ctx, .first = first, .count = count,	\
		.batch = batch });							\
}											\
static int NAME##__prepare(struct kmemlab_facility_ctx *ctx)				\
{											\
	return kmemlab_operation_setup(SETUP);						\
}											\
static void NAME##__finish(struct kmemlab_facility_ctx *ctx)				\
{											\
	TEARDOWN();									\
}

/* Initialize struct kmemlab_facility_ops. */
#define KMEMLAB_OPERATION_OPS(NAME) {							\
	.name = #NAME,									\
	.capabilities = KMEMLAB_CAP_CALIBRATION | KMEMLAB_CAP_OPERATION,		\
	.alignment = 1,									\
	.object_size_min = 1,								\
	.object_size_max = SIZE_MAX,							\
	.idle = "what its setup allocates",						\
	.prepare = NAME##__prepare,							\
	.finish = NAME##__finish,							\
	.shareable = true,								\
	.footprint_pages = kmemlab_operation_footprint_pages,				\
	.alloc_n = NAME##__alloc_n,							\
	.free_n = NAME##__plain_free_n,							\
	.pair_n = NAME##__pair_n,							\
	.alloc_batch = NAME##__alloc_batch,						\
	.free_batch = NAME##__plain_free_batch,						\
}

#endif
