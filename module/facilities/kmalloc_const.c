// SPDX-License-Identifier: GPL-2.0
/*
 * kmalloc_const: size and flags are constants, as in most callers. The loops
 * exist once for each size class; which of them run is decided once a chunk, so
 * that between the clock reads stands just what such a caller has. With other
 * flags than the usual ones the size alone is a constant.
 */
#include <linux/slab.h>

#include "facilities/facility.h"
#include "facilities/kmalloc_class.h"

#define USUAL_FLAGS	(GFP_KERNEL | KMEMLAB_GFP_ALWAYS)

/* Bytes of kmalloc's size classes, and beyond them of orders of pages. */
#define SMALL_CLASSES(X)							\
	X(8) X(16) X(32) X(64) X(96) X(128) X(192) X(256) X(512) X(1024)	\
	X(2048) X(4096) X(8192)
#define LARGE_CLASSES(X)							\
	X(16384) X(32768) X(65536) X(131072) X(262144) X(524288) X(1048576)	\
	X(2097152) X(4194304)
#define CLASSES(X)	SMALL_CLASSES(X) LARGE_CLASSES(X)

#define LOOPS(NAME, BYTES, GFP)							\
static __always_inline void *NAME##_alloc(struct kmemlab_run *run)		\
{										\
	return kmalloc(BYTES, GFP);						\
}										\
										\
static __always_inline void NAME##_free(struct kmemlab_run *run, void *raw)	\
{										\
	kfree(raw);								\
}										\
										\
KMEMLAB_FACILITY_PLAIN_HANDLES(NAME)						\
KMEMLAB_FACILITY_LOOPS(NAME)

#define LOOPS_FOR(bytes)							\
	LOOPS(usual_##bytes, bytes, USUAL_FLAGS)				\
	LOOPS(other_##bytes, bytes, run->gfp)
CLASSES(LOOPS_FOR)

struct loops {
	size_t (*alloc_n)(struct kmemlab_run *run, size_t first, size_t count);
	void (*free_n)(struct kmemlab_run *run, size_t first, size_t count);
	size_t (*pair_n)(struct kmemlab_run *run, size_t count);
	size_t (*alloc_lap)(struct kmemlab_run *run, size_t first, size_t count,
			    struct kmemlab_lap *lap);
	void (*free_lap)(struct kmemlab_run *run, size_t first, size_t count,
			 struct kmemlab_lap *lap);
};

static const struct size_class {
	size_t bytes;
	struct loops usual;
	struct loops other;
} classes[] = {
#define LOOPS_OF(NAME)		{ NAME##_alloc_n, NAME##_free_n, NAME##_pair_n,		\
				  NAME##_alloc_lap, NAME##_free_lap }
#define SIZE_CLASS(bytes)	{ bytes, LOOPS_OF(usual_##bytes), LOOPS_OF(other_##bytes) },
	CLASSES(SIZE_CLASS)
};

static const struct size_class *class_of(size_t size)
{
	const struct size_class *class = classes;

	while (class->bytes < size)
		class++;
	return class;
}

static const struct loops *loops_of(const struct kmemlab_run *run)
{
	const struct size_class *class = class_of(run->object_size);

	return run->gfp == USUAL_FLAGS ? &class->usual : &class->other;
}

static size_t kmalloc_const_alloc_n(struct kmemlab_run *run, size_t first, size_t count)
{
	return loops_of(run)->alloc_n(run, first, count);
}

static void kmalloc_const_free_n(struct kmemlab_run *run, size_t first, size_t count)
{
	loops_of(run)->free_n(run, first, count);
}

static size_t kmalloc_const_pair_n(struct kmemlab_run *run, size_t count)
{
	return loops_of(run)->pair_n(run, count);
}

static size_t kmalloc_const_alloc_lap(struct kmemlab_run *run, size_t first, size_t count,
				      struct kmemlab_lap *lap)
{
	return loops_of(run)->alloc_lap(run, first, count, lap);
}

static void kmalloc_const_free_lap(struct kmemlab_run *run, size_t first, size_t count,
				   struct kmemlab_lap *lap)
{
	loops_of(run)->free_lap(run, first, count, lap);
}

static u64 kmalloc_const_footprint_pages(const struct kmemlab_run *run)
{
	return kmemlab_kmalloc_pages(run->objects, class_of(run->object_size)->bytes);
}

/* The constant is the size that decides. */
static size_t kmalloc_const_aligns_to(const struct kmemlab_run *run)
{
	return kmemlab_kmalloc_alignment(class_of(run->object_size)->bytes);
}

const struct kmemlab_facility_ops kmemlab_kmalloc_const = {
	.name = "kmalloc_const",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmalloc_const),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = ARCH_KMALLOC_MINALIGN,
	.aligns_to = kmalloc_const_aligns_to,
	.object_size_min = 1,
	.object_size_max = 4194304,	/* of the last class */
	.grows_by = "slab",
	.grows_up_to = KMALLOC_MAX_CACHE_SIZE,
	.counted_as_slab = true,
	.idle = "nothing of its own: its caches serve the whole kernel",
	.gfp_refused = __GFP_DMA32 | KMEMLAB_GFP_PAGES_ONLY,
	.footprint_pages = kmalloc_const_footprint_pages,
	.usable = kmemlab_kmalloc_usable,
};

static_assert(KMALLOC_MAX_SIZE >= 4194304);
