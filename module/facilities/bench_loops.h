/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timed loops, shared by all facilities.
 *
 * Each loop is a template: an __always_inline function with constant callbacks,
 * so that the compiler inlines the callbacks between the clock reads. An
 * indirect call there would cost more than many allocations do.
 * KMEMLAB_FACILITY_LOOPS() defines the named functions of one facility.
 */
#ifndef KMEMLAB_BENCH_LOOPS_H
#define KMEMLAB_BENCH_LOOPS_H

#include <linux/build_bug.h>
#include <linux/string.h>

#include "facilities/facility.h"
#include "tick.h"
#include "trace_areas.h"

/**
 * struct kmemlab_free_args - arguments of the call that frees an object
 * @object: return value of the allocating call
 * @pfn: first page frame, for contig
 * @pages: number of pages, for contig
 * @order: order of the block, for page_packed
 * @dma: device address, for DMA memory
 */
struct kmemlab_free_args {
	union {
		void *object;
		unsigned long pfn;
	};
	union {
		unsigned long pages;
		unsigned int order;
		dma_addr_t dma;
	};
};

/* Measured call; returns NULL if the allocation failed. */
typedef void *(*kmemlab_alloc_fn)(struct kmemlab_facility_ctx *ctx);
/* Measured call. */
typedef void (*kmemlab_free_fn)(struct kmemlab_facility_ctx *ctx, struct kmemlab_free_args args);
/* Untimed: convert the result of kmemlab_alloc_fn to a handle. */
typedef unsigned long (*kmemlab_pack_fn)(struct kmemlab_facility_ctx *ctx, void *object);
/* Untimed: convert a handle to the arguments of kmemlab_free_fn. */
typedef struct kmemlab_free_args (*kmemlab_unpack_fn)(struct kmemlab_facility_ctx *ctx,
						      unsigned long handle);
/* Measured bulk calls on an array of objects; allocating returns the number of objects. */
typedef size_t (*kmemlab_bulk_alloc_fn)(struct kmemlab_facility_ctx *ctx, void **objects,
					size_t count);
typedef void (*kmemlab_bulk_free_fn)(struct kmemlab_facility_ctx *ctx, void **objects,
				     size_t count);

/* pack and unpack of facilities whose handle is the object itself */
static __always_inline unsigned long kmemlab_plain_pack(struct kmemlab_facility_ctx *ctx,
							void *object)
{
	return (unsigned long)object;
}

static __always_inline struct kmemlab_free_args
kmemlab_plain_unpack(struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return (struct kmemlab_free_args){ .object = (void *)handle };
}

/* unpack for frees that do nothing; else the compiler drops the loop of frees */
static __always_inline struct kmemlab_free_args
kmemlab_opaque_unpack(struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	asm volatile("" : : "r" (handle));
	return kmemlab_plain_unpack(ctx, handle);
}

/*
 * Fail the build if the compiler did not inline the loop and calls @fn indirectly.
 * Comparing with another function is constant only if @fn is. Comparing with NULL
 * may be constant anyway: the compiler sees that no caller passes NULL.
 */
#define kmemlab_assert_inlined(fn)							\
	BUILD_BUG_ON(!__builtin_constant_p((const void *)(fn) ==			\
					   (const void *)kmemlab_plain_pack))

static __always_inline void *kmemlab_time_alloc_one(struct kmemlab_facility_ctx *ctx,
						    kmemlab_alloc_fn alloc)
{
	struct kmemlab_noise before;
	struct kmemlab_start start;
	void *object;
	u64 end;

	kmemlab_assert_inlined(alloc);
	kmemlab_tick_avoid(ctx, ctx->alloc.longest);
	kmemlab_noise_read(&before);
	kmemlab_trace_mark(KMEMLAB_MARK_ALLOC);
	kmemlab_clock_begin(&start);
	object = alloc(ctx);
	end = kmemlab_clock_end();
	if (unlikely(!object))
		return NULL;
	kmemlab_record(&ctx->alloc, &start, end, &before);
	return object;
}

static __always_inline void kmemlab_time_free_one(struct kmemlab_facility_ctx *ctx,
						  struct kmemlab_free_args args,
						  kmemlab_free_fn free)
{
	struct kmemlab_noise before;
	struct kmemlab_start start;
	u64 end;

	kmemlab_assert_inlined(free);
	kmemlab_noise_read(&before);
	kmemlab_trace_mark(KMEMLAB_MARK_FREE);
	kmemlab_clock_begin(&start);
	free(ctx, args);
	end = kmemlab_clock_end();
	kmemlab_record(&ctx->free, &start, end, &before);
}

/* Untimed: let a tracer know which memory the operation before or after concerns. */
static __always_inline void kmemlab_mark_objects(const struct kmemlab_facility_ctx *ctx,
						 const unsigned long *handles, size_t count,
						 bool frees)
{
	size_t i;

	if (likely(!ctx->marked))
		return;
	for (i = 0; i < count; i++)
		kmemlab_trace_object(ctx, handles[i], frees);
}

/* kmemlab_facility_ops.alloc_n */
static __always_inline size_t kmemlab_time_alloc(struct kmemlab_facility_ctx *ctx, size_t first,
						 size_t count, kmemlab_alloc_fn alloc,
						 kmemlab_pack_fn pack)
{
	size_t i;

	for (i = first; i < first + count; i++) {
		void *object = kmemlab_time_alloc_one(ctx, alloc);

		if (unlikely(!object))
			break;
		ctx->handles[i] = pack(ctx, object);
		kmemlab_mark_objects(ctx, &ctx->handles[i], 1, false);
	}
	return i - first;
}

/* kmemlab_facility_ops.free_n and .rcu_free_n */
static __always_inline void kmemlab_time_free(struct kmemlab_facility_ctx *ctx, size_t first,
					      size_t count, kmemlab_free_fn free,
					      kmemlab_unpack_fn unpack)
{
	size_t i;

	for (i = first; i < first + count; i++) {
		kmemlab_mark_objects(ctx, &ctx->handles[i], 1, true);
		kmemlab_tick_avoid(ctx, ctx->free.longest);
		kmemlab_time_free_one(ctx, unpack(ctx, ctx->handles[i]), free);
	}
}

/* kmemlab_facility_ops.pair_n */
static __always_inline size_t kmemlab_time_pair(struct kmemlab_facility_ctx *ctx, size_t count,
						kmemlab_alloc_fn alloc, kmemlab_free_fn free,
						kmemlab_pack_fn pack, kmemlab_unpack_fn unpack)
{
	size_t i;

	for (i = 0; i < count; i++) {
		void *object = kmemlab_time_alloc_one(ctx, alloc);
		unsigned long handle;

		if (unlikely(!object))
			break;
		handle = pack(ctx, object);
		kmemlab_mark_objects(ctx, &handle, 1, false);
		kmemlab_mark_objects(ctx, &handle, 1, true);
		kmemlab_tick_avoid(ctx, ctx->free.longest);
		kmemlab_time_free_one(ctx, unpack(ctx, handle), free);
	}
	return i;
}

/* kmemlab_facility_ops.alloc_batch */
static __always_inline size_t
kmemlab_time_alloc_batch(struct kmemlab_facility_ctx *ctx, size_t first, size_t count,
			 struct kmemlab_batch_time *batch, kmemlab_alloc_fn alloc,
			 kmemlab_pack_fn pack)
{
	struct kmemlab_noise before;
	struct kmemlab_start start;
	size_t i;
	u64 end;

	kmemlab_assert_inlined(alloc);
	kmemlab_noise_read(&before);
	kmemlab_clock_begin(&start);
	for (i = first; i < first + count; i++) {
		void *object = alloc(ctx);

		if (unlikely(!object))
			break;
		ctx->handles[i] = pack(ctx, object);
	}
	end = kmemlab_clock_end();
	batch->ticks = kmemlab_clock_since(&start, end);
	batch->elapsed = kmemlab_clock_between(&start, end);
	batch->tags = kmemlab_noise_tags(&before);
	return i - first;
}

/* kmemlab_facility_ops.free_batch */
static __always_inline void
kmemlab_time_free_batch(struct kmemlab_facility_ctx *ctx, size_t first, size_t count,
			struct kmemlab_batch_time *batch, kmemlab_free_fn free,
			kmemlab_unpack_fn unpack)
{
	struct kmemlab_noise before;
	struct kmemlab_start start;
	size_t i;
	u64 end;

	kmemlab_assert_inlined(free);
	kmemlab_noise_read(&before);
	kmemlab_clock_begin(&start);
	for (i = first; i < first + count; i++)
		free(ctx, unpack(ctx, ctx->handles[i]));
	end = kmemlab_clock_end();
	batch->ticks = kmemlab_clock_since(&start, end);
	batch->elapsed = kmemlab_clock_between(&start, end);
	batch->tags = kmemlab_noise_tags(&before);
}

/* kmemlab_facility_ops.bulk_alloc: one sample per call; handles[] is the array of objects */
static __always_inline size_t kmemlab_time_bulk_alloc(struct kmemlab_facility_ctx *ctx,
						      size_t first, size_t count,
						      kmemlab_bulk_alloc_fn bulk_alloc)
{
	void **objects = (void **)&ctx->handles[first];
	struct kmemlab_noise before;
	struct kmemlab_start start;
	size_t allocated;
	u64 end;

	kmemlab_assert_inlined(bulk_alloc);
	memset(objects, 0, count * sizeof(*objects));
	kmemlab_tick_avoid(ctx, ctx->alloc.longest);
	kmemlab_noise_read(&before);
	kmemlab_trace_mark(KMEMLAB_MARK_ALLOC);
	kmemlab_clock_begin(&start);
	allocated = bulk_alloc(ctx, objects, count);
	end = kmemlab_clock_end();
	if (likely(allocated)) {
		kmemlab_record(&ctx->alloc, &start, end, &before);
		kmemlab_mark_objects(ctx, &ctx->handles[first], allocated, false);
	}
	return allocated;
}

/* kmemlab_facility_ops.bulk_free: one sample per call */
static __always_inline void kmemlab_time_bulk_free(struct kmemlab_facility_ctx *ctx, size_t first,
						   size_t count, kmemlab_bulk_free_fn bulk_free)
{
	void **objects = (void **)&ctx->handles[first];
	struct kmemlab_noise before;
	struct kmemlab_start start;
	u64 end;

	kmemlab_assert_inlined(bulk_free);
	kmemlab_mark_objects(ctx, &ctx->handles[first], count, true);
	kmemlab_tick_avoid(ctx, ctx->free.longest);
	kmemlab_noise_read(&before);
	kmemlab_trace_mark(KMEMLAB_MARK_FREE);
	kmemlab_clock_begin(&start);
	bulk_free(ctx, objects, count);
	end = kmemlab_clock_end();
	kmemlab_record(&ctx->free, &start, end, &before);
}

/* Define NAME_alloc_n() and the other required loops; noinline, so that traces show them. */
#define KMEMLAB_FACILITY_LOOPS(NAME, ALLOC, FREE, PACK, UNPACK)				\
static noinline size_t NAME##_alloc_n(struct kmemlab_facility_ctx *ctx, size_t first,	\
				      size_t count)					\
{ return kmemlab_time_alloc(ctx, first, count, ALLOC, PACK); }				\
static noinline void NAME##_free_n(struct kmemlab_facility_ctx *ctx, size_t first,	\
				   size_t count)					\
{ kmemlab_time_free(ctx, first, count, FREE, UNPACK); }					\
static noinline size_t NAME##_pair_n(struct kmemlab_facility_ctx *ctx, size_t count)	\
{ return kmemlab_time_pair(ctx, count, ALLOC, FREE, PACK, UNPACK); }			\
static noinline size_t NAME##_alloc_batch(struct kmemlab_facility_ctx *ctx, size_t first, \
					  size_t count, struct kmemlab_batch_time *batch) \
{ return kmemlab_time_alloc_batch(ctx, first, count, batch, ALLOC, PACK); }		\
static noinline void NAME##_free_batch(struct kmemlab_facility_ctx *ctx, size_t first,	\
				       size_t count, struct kmemlab_batch_time *batch)	\
{ kmemlab_time_free_batch(ctx, first, count, batch, FREE, UNPACK); }

/* Initialize the loop members of struct kmemlab_facility_ops. */
#define KMEMLAB_FACILITY_LOOP_HOOKS(NAME)						\
	.alloc_n = NAME##_alloc_n,							\
	.free_n = NAME##_free_n,							\
	.pair_n = NAME##_pair_n,							\
	.alloc_batch = NAME##_alloc_batch,						\
	.free_batch = NAME##_free_batch

#endif
