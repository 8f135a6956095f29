// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmalloc_const: size and flags are constants, as in most callers. Each size
 * class has its own loops, selected once per call of the loop. With GFP flags
 * other than the default only the size is constant.
 */
#include <linux/slab.h>

#include "facilities/bench_loops.h"
#include "facilities/kmalloc_class.h"

#define DEFAULT_GFP	(GFP_KERNEL | KMEMLAB_GFP_ALWAYS)

/* Size classes of kmalloc in bytes, followed by orders of pages. */
#define SIZE_CLASSES(X)								\
	X(8) X(16) X(32) X(64) X(96) X(128) X(192) X(256) X(512) X(1024)	\
	X(2048) X(4096) X(8192) X(16384) X(32768) X(65536) X(131072)		\
	X(262144) X(524288) X(1048576) X(2097152) X(4194304)

static __always_inline void kmalloc_const_free(struct kmemlab_facility_ctx *ctx,
					       struct kmemlab_free_args args)
{
	kfree(args.object);
}

#define DEFINE_LOOPS(NAME, SIZE, GFP)							\
static __always_inline void *NAME##_alloc(struct kmemlab_facility_ctx *ctx)		\
{ return kmalloc(SIZE, GFP); }								\
KMEMLAB_FACILITY_LOOPS(NAME, NAME##_alloc, kmalloc_const_free,				\
		       kmemlab_plain_pack, kmemlab_plain_unpack)

#define DEFINE_CLASS_LOOPS(SIZE)							\
	DEFINE_LOOPS(kmalloc_const_##SIZE, SIZE, DEFAULT_GFP)				\
	DEFINE_LOOPS(kmalloc_const_gfp_##SIZE, SIZE, ctx->gfp)
SIZE_CLASSES(DEFINE_CLASS_LOOPS)

/**
 * struct kmalloc_const_loops - loops of one size class
 * @alloc_n: see struct kmemlab_facility_ops, as for the other members
 * @free_n: same
 * @pair_n: same
 * @alloc_batch: same
 * @free_batch: same
 */
struct kmalloc_const_loops {
	size_t (*alloc_n)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count);
	void (*free_n)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count);
	size_t (*pair_n)(struct kmemlab_facility_ctx *ctx, size_t count);
	size_t (*alloc_batch)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count,
			      struct kmemlab_batch_time *batch);
	void (*free_batch)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count,
			   struct kmemlab_batch_time *batch);
};

static const struct kmalloc_const_class {
	size_t size;
	struct kmalloc_const_loops default_gfp;
	struct kmalloc_const_loops any_gfp;
} kmalloc_const_classes[] = {
#define SIZE_CLASS(SIZE)								\
	{ SIZE, { KMEMLAB_FACILITY_LOOP_HOOKS(kmalloc_const_##SIZE) },			\
	  { KMEMLAB_FACILITY_LOOP_HOOKS(kmalloc_const_gfp_##SIZE) } },
	SIZE_CLASSES(SIZE_CLASS)
};

static const struct kmalloc_const_class *kmalloc_const_find_class(size_t size)
{
	const struct kmalloc_const_class *class = kmalloc_const_classes;

	while (class->size < size)
		class++;
	return class;
}

static const struct kmalloc_const_loops *
kmalloc_const_find_loops(const struct kmemlab_facility_ctx *ctx)
{
	const struct kmalloc_const_class *class = kmalloc_const_find_class(ctx->object_size);

	return ctx->gfp == DEFAULT_GFP ? &class->default_gfp : &class->any_gfp;
}

static size_t kmalloc_const_alloc_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	return kmalloc_const_find_loops(ctx)->alloc_n(ctx, first, count);
}

static void kmalloc_const_free_n(struct kmemlab_facility_ctx *ctx, size_t first, size_t count)
{
	kmalloc_const_find_loops(ctx)->free_n(ctx, first, count);
}

static size_t kmalloc_const_pair_n(struct kmemlab_facility_ctx *ctx, size_t count)
{
	return kmalloc_const_find_loops(ctx)->pair_n(ctx, count);
}

static size_t kmalloc_const_alloc_batch(struct kmemlab_facility_ctx *ctx, size_t first,
					size_t count, struct kmemlab_batch_time *batch)
{
	return kmalloc_const_find_loops(ctx)->alloc_batch(ctx, first, count, batch);
}

static void kmalloc_const_free_batch(struct kmemlab_facility_ctx *ctx, size_t first,
				     size_t count, struct kmemlab_batch_time *batch)
{
	kmalloc_const_find_loops(ctx)->free_batch(ctx, first, count, batch);
}

static u64 kmalloc_const_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	size_t size = kmalloc_const_find_class(ctx->object_size)->size;

	return kmemlab_kmalloc_pages(ctx->objects, size);
}

/* The alignment is that of the constant, not of the requested size. */
static size_t kmalloc_const_aligns_to(const struct kmemlab_facility_ctx *ctx)
{
	return kmemlab_kmalloc_alignment(kmalloc_const_find_class(ctx->object_size)->size);
}

const struct kmemlab_facility_ops kmemlab_kmalloc_const = {
	.name = "kmalloc_const",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmalloc_const),
	KMEMLAB_KMALLOC_HOOKS,
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.aligns_to = kmalloc_const_aligns_to,
	.object_size_max = 4194304,	/* largest size class */
	.idle = KMEMLAB_KMALLOC_IDLE,
	.gfp_refused = __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.footprint_pages = kmalloc_const_footprint_pages,
	.usable = kmemlab_kmalloc_usable,
};

static_assert(KMALLOC_MAX_SIZE >= 4194304);
