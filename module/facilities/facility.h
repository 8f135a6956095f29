/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facility: a way to allocate kernel memory, and all that is specific to it.
 *
 * A new facility needs a file in facilities/, a word in Kbuild and a row in
 * facilities/list.h. The file defines four inline functions, from which
 * KMEMLAB_FACILITY_LOOPS() in bench_loops.h makes the timed loops, and a
 * struct kmemlab_facility_ops:
 *
 *   NAME_alloc(ctx)            measured; returns NULL if the allocation failed
 *   NAME_free(ctx, args)       measured
 *   NAME_pack(ctx, object)     untimed; converts the result of NAME_alloc to a handle
 *   NAME_unpack(ctx, handle)   untimed; converts a handle to the arguments of NAME_free
 *
 * NAME_alloc and NAME_free are called kmemlab_NAME_alloc and so on if the kernel
 * already has functions with that name.
 */
#ifndef KMEMLAB_FACILITY_H
#define KMEMLAB_FACILITY_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/types.h>

#include <linux/kmemlab.h>

#include "clock.h"
#include "compat/compat.h"
#include "ledger.h"
#include "sample.h"

/* Instructions of one operation of facility "delay": one to set up and two per iteration. */
#define KMEMLAB_DELAY_PAIRS		500
#define KMEMLAB_DELAY_INSTRUCTIONS	(1 + 2 * KMEMLAB_DELAY_PAIRS)

#define KMEMLAB_NO_FRAME		(~0UL)

/* Flags added to every profile except plain: fail early, and without a message in the log. */
#define KMEMLAB_GFP_ALWAYS		(__GFP_NORETRY | __GFP_NOWARN)

/* Flags that only allocators of whole pages support. */
#define KMEMLAB_GFP_PAGES_ONLY		(__GFP_HIGHMEM | __GFP_MOVABLE | __GFP_COMP)

/**
 * struct kmemlab_facility_ctx - one experiment as a facility sees it
 * @object_size: bytes per object
 * @objects: number of requested objects
 * @alive: maximum number of operations that are live at the same time
 * @align: required alignment of each object in bytes, a power of two
 * @gfp: GFP flags for the allocator
 * @zones: zone flags of the GFP profile, whether or not @gfp has them
 * @node: NUMA node, or NUMA_NO_NODE
 * @order: log2 of the pages of the next operation, if the facility allocates pages
 * @order_limit: largest order of which no allocation has failed yet
 * @marked: mark the sampled operations for an instruction tracer
 * @avoid_ticks: begin no operation that the timer tick would interrupt
 * @own: change of the system's memory caused by allocations of prepare for kmemlab itself
 * @private: data of the facility, set by prepare, released by finish
 * @handles: one per live operation; never 0, otherwise defined by the facility
 * @alloc: samples of allocating
 * @free: samples of freeing
 */
struct kmemlab_facility_ctx {
	size_t object_size;
	size_t objects;
	size_t alive;
	size_t align;
	gfp_t gfp;
	gfp_t zones;
	int node;
	unsigned int order;
	unsigned int order_limit;
	bool marked;
	bool avoid_ticks;
	struct kmemlab_ledger own;
	void *private;
	unsigned long *handles;
	struct kmemlab_recorder alloc;
	struct kmemlab_recorder free;
};

/**
 * struct kmemlab_batch_time - operations between two clock reads
 * @ticks: ticks of all operations, including the clock overhead and the loop itself
 * @elapsed: the same with repetitions of string instructions
 * @tags: KMEMLAB_SAMPLE_* noise during the batch
 */
struct kmemlab_batch_time {
	u64 ticks;
	u64 elapsed;
	u32 tags;
};

/**
 * struct kmemlab_facility_ops - one facility
 *
 * All hooks are called in process context and may sleep, except the loops, which
 * sleep only if the allocator does. kmemlab_facilities_validate() checks the
 * members that are required; all others are optional.
 *
 * @name: name in list.h; required
 * @capabilities: KMEMLAB_CAP_* flags
 * @alignment: minimum alignment of every object in bytes; required
 * @aligns_to: return the maximum alignment in bytes that objects of @ctx can have if
 *	ctx->align requests it; default: @alignment
 * @object_size_min: bytes; required
 * @object_size_max: bytes, as far as the kernel configuration decides; required
 * @largest: return object_size_max if it depends on the running machine
 * @vmalloc_size_min: smallest object size that takes addresses of the vmalloc area;
 *	0: none does
 * @preallocates: objects take memory that @prepare allocated, or page frames that it found
 * @own_limit: kmemlab, not the kernel, limits the object size to @object_size_max
 * @physical_limit: all objects are below this physical address; 0: no limit
 * @idle: resources used while no object is live, as text; required
 * @gfp_ignored: flags that the allocator does not support and that are removed silently
 * @gfp_refused: flags that the allocator would not honor: profiles with them are rejected
 * @waits_for_frees: if the allocator may sleep, it waits for others to free instead of
 *	failing; it must not sleep while the whole set is held, because no object is freed then
 * @unavailable: return the reason why this kernel lacks the facility, or NULL
 * @prepare: called before the first measurement; if it returns a negative errno,
 *	@finish is not called; -ENOSPC: no range of page frames can be allocated
 * @shareable: several CPUs can share the ctx->private of one @prepare; else each CPU
 *	has its own
 * @finish: called after all objects were freed
 * @plan: called before each series of operations with the number of objects still
 *	missing; sets ctx->order and returns how many of them the next operations of the
 *	same kind serve; default: one object per operation
 * @retry: called after a failed allocation; returns true if @plan would now request less
 * @operations_max: return the maximum number of operations for ctx->objects; required
 *	with @plan; default: one per object
 * @ramp_max: return the maximum number of objects of a ramp, for allocators whose cost
 *	grows with the number of objects; default: limited by the budget
 * @footprint_pages: return the maximum number of pages that ctx->objects take, including
 *	waste, to reserve from the budget; required
 * @alloc_n: allocate @count times into ctx->handles[first...]; returns the number of
 *	successes; required, from KMEMLAB_FACILITY_LOOPS
 * @free_n: free ctx->handles[first...]; required, from KMEMLAB_FACILITY_LOOPS
 * @pair_n: allocate and free @count times; required, from KMEMLAB_FACILITY_LOOPS
 * @alloc_batch: as @alloc_n, but with clock reads only before the first and after the
 *	last operation, and without samples; required, from KMEMLAB_FACILITY_LOOPS
 * @free_batch: as @alloc_batch, for @free_n; required, from KMEMLAB_FACILITY_LOOPS
 * @address: return the kernel virtual address of a handle; default: the handle itself
 * @usable: return the bytes at the address that the caller may use, which must be equal
 *	for all handles in the same page; required unless KMEMLAB_CAP_CALIBRATION
 * @taken: return the bytes that the allocator took for a handle, if that may exceed
 *	@usable and its pages are not compound
 * @capacity: return the number of objects that a handle serves; default: one
 * @frame: return the page frame number of the @page-th page from the address as the
 *	facility knows it, or KMEMLAB_NO_FRAME
 * @copies: return the number of copies of an object, such as one per CPU; @address is then
 *	the copy of the calling CPU
 * @copy: return the kernel virtual address of a copy; required with @copies
 * @quiesce: complete deferred frees or wait for them; timed as a whole after all objects
 *	were freed
 * @quiesce_waits: @quiesce waits for work of RCU, which is timed in its place
 * @bulk_alloc: allocate up to @count objects into ctx->handles[first...] by one call;
 *	returns their number; for facilities without @plan whose handle is the object
 * @bulk_free: free ctx->handles[first...] by one call; KMEMLAB_CAP_BULK must be set if
 *	and only if @bulk_alloc or @bulk_free is set
 * @bulk_unavailable: return the reason why objects of @ctx have no bulk calls, or NULL
 * @rcu_free_n: as @free_n, but the memory is freed after a grace period
 * @rcu_settle: wait until all objects of @rcu_free_n were freed; required with @rcu_free_n
 * @rcu_unavailable: return the reason why objects of @ctx have no deferred free, or NULL
 * @grows_by: unit in which the facility allocates pages if not per operation: "slab",
 *	"block" or "pages"
 * @grows_up_to: maximum object size in bytes for which @grows_by holds; 0: no limit
 * @counted_as_slab: the kernel's slab counters include its pages, slabs or not, unless
 *	they come from vmalloc
 * @shrink: called between timed operations; frees what the facility's own caches keep
 */
struct kmemlab_facility_ops {
	const char *name;
	u64 capabilities;
	unsigned int alignment;
	size_t (*aligns_to)(const struct kmemlab_facility_ctx *ctx);
	size_t object_size_min;
	size_t object_size_max;
	size_t (*largest)(void);
	size_t vmalloc_size_min;
	bool preallocates;
	bool own_limit;
	u64 physical_limit;
	const char *idle;
	gfp_t gfp_ignored;
	gfp_t gfp_refused;
	bool waits_for_frees;
	const char *(*unavailable)(void);
	int (*prepare)(struct kmemlab_facility_ctx *ctx);
	bool shareable;
	void (*finish)(struct kmemlab_facility_ctx *ctx);
	size_t (*plan)(struct kmemlab_facility_ctx *ctx, size_t objects);
	bool (*retry)(struct kmemlab_facility_ctx *ctx);
	size_t (*operations_max)(const struct kmemlab_facility_ctx *ctx);
	size_t (*ramp_max)(const struct kmemlab_facility_ctx *ctx);
	u64 (*footprint_pages)(const struct kmemlab_facility_ctx *ctx);
	size_t (*alloc_n)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count);
	void (*free_n)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count);
	size_t (*pair_n)(struct kmemlab_facility_ctx *ctx, size_t count);
	size_t (*alloc_batch)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count,
			      struct kmemlab_batch_time *batch);
	void (*free_batch)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count,
			   struct kmemlab_batch_time *batch);
	void *(*address)(const struct kmemlab_facility_ctx *ctx, unsigned long handle);
	size_t (*usable)(const struct kmemlab_facility_ctx *ctx, unsigned long handle);
	size_t (*taken)(const struct kmemlab_facility_ctx *ctx, unsigned long handle);
	size_t (*capacity)(const struct kmemlab_facility_ctx *ctx, unsigned long handle);
	unsigned long (*frame)(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
			       size_t page);
	unsigned int (*copies)(void);
	void *(*copy)(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
		      unsigned int copy);
	void (*quiesce)(void);
	bool quiesce_waits;
	size_t (*bulk_alloc)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count);
	void (*bulk_free)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count);
	const char *(*bulk_unavailable)(const struct kmemlab_facility_ctx *ctx);
	void (*rcu_free_n)(struct kmemlab_facility_ctx *ctx, size_t first, size_t count);
	void (*rcu_settle)(void);
	const char *(*rcu_unavailable)(const struct kmemlab_facility_ctx *ctx);
	const char *grows_by;
	size_t grows_up_to;
	bool counted_as_slab;
	void (*shrink)(struct kmemlab_facility_ctx *ctx);
};

#define FACILITY(NAME, FLAGS, DESCRIPTION)						\
	extern const struct kmemlab_facility_ops kmemlab_##NAME;
#include "facilities/list.h"

/* Return the minimum number of pages for @objects of @size bytes. */
static inline u64 kmemlab_pages_for(u64 objects, u64 size)
{
	return DIV_ROUND_UP_ULL(objects * size, PAGE_SIZE);
}

/* aligns_to of blocks of pages, which are aligned to their own size */
static inline size_t kmemlab_aligned_as_block(const struct kmemlab_facility_ctx *ctx)
{
	return PAGE_SIZE << get_order(ctx->object_size);
}

/* aligns_to of objects packed into such a block */
static inline size_t kmemlab_aligned_side_by_side(const struct kmemlab_facility_ctx *ctx)
{
	return ctx->object_size & -ctx->object_size;
}

/* aligns_to of allocators that honor any alignment up to a page */
static inline size_t kmemlab_aligned_to_page(const struct kmemlab_facility_ctx *ctx)
{
	return PAGE_SIZE;
}

/* usable of objects that have pages of their own */
static inline size_t kmemlab_whole_pages(const struct kmemlab_facility_ctx *ctx,
					 unsigned long handle)
{
	return PAGE_ALIGN(ctx->object_size);
}

/* frame of handles that are addresses in the linear mapping */
static inline unsigned long kmemlab_linear_frame(const struct kmemlab_facility_ctx *ctx,
						 unsigned long handle, size_t page)
{
	return page_to_pfn(virt_to_page((void *)handle)) + page;
}

/* address, usable and frame of handles that are the first page of a block of ctx->order */
static inline void *kmemlab_block_address(const struct kmemlab_facility_ctx *ctx,
					  unsigned long handle)
{
	return page_address((struct page *)handle);
}

static inline size_t kmemlab_block_usable(const struct kmemlab_facility_ctx *ctx,
					  unsigned long handle)
{
	return PAGE_SIZE << ctx->order;
}

static inline unsigned long kmemlab_block_frame(const struct kmemlab_facility_ctx *ctx,
						unsigned long handle, size_t page)
{
	return page_to_pfn((struct page *)handle) + page;
}

/* registry.c */
unsigned int kmemlab_facility_count(void);
const struct kmemlab_facility_ops *kmemlab_facility_at(unsigned int index);
const struct kmemlab_facility_ops *kmemlab_facility_find(const char *name);
int kmemlab_facilities_validate(void);
size_t kmemlab_facility_object_size_max(const struct kmemlab_facility_ops *facility);
const char *kmemlab_facility_unavailable(const struct kmemlab_facility_ops *facility);

#endif
