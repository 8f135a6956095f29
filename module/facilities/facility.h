/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a facility is, and all that a facility knows.
 *
 * A new one takes three edits: facilities/NAME.c, a word in Kbuild, a line in
 * facilities/list.h. Its file defines four inline functions and one table:
 *
 *   NAME_alloc(run)            the operation that is measured; 0 when refused
 *   NAME_free(run, raw)        the operation that is measured
 *   NAME_pack(run, raw)        untimed: what NAME_alloc returned -> a handle
 *   NAME_unpack(run, handle)   untimed: back again, just before NAME_free
 *
 * (kmemlab_NAME_alloc and so on where the kernel has the name already.)
 * KMEMLAB_FACILITY_LOOPS(NAME) inlines them between the clock reads: a call
 * through a pointer there would cost more than many an allocator does.
 *
 * What only some facilities have, each with a macro of its own:
 *
 *   NAME_bulk_alloc(run, handles, count)   one call; how many it gave
 *   NAME_bulk_free(run, handles, count)    one call
 *   NAME_rcu_free(run, raw)                freed after a grace period
 */
#ifndef KMEMLAB_FACILITY_H
#define KMEMLAB_FACILITY_H

#include <linux/gfp.h>
#include <linux/string.h>
#include <linux/types.h>

#include <linux/kmemlab.h>

#include "clock.h"
#include "compat/compat.h"
#include "ledger.h"
#include "mark.h"
#include "sample.h"

/**
 * struct kmemlab_run - one experiment, as a facility sees it
 * @object_size: bytes of one object
 * @objects: how many are asked for
 * @alive: the most operations that are alive at the same time
 * @align: bytes each object must be aligned to, a power of two
 * @gfp: allocation flags of the GFP profile, as the allocator is given them
 * @zones: the profile's flags that choose zones, given to the allocator or not
 * @node: NUMA node, or NUMA_NO_NODE
 * @order: log2 of the pages that the next operation allocates, where that is
 *	what the facility allocates
 * @order_limit: the largest order that was not refused yet
 * @marked: what the samples are of is to be marked for an instruction tracer
 * @own: by how much the system's memory changed for what prepare made for kmemlab alone
 * @private: the facility's, set by prepare, released by finish
 * @handles: one for each operation that is alive; never 0, and else the
 *	facility's own business
 * @alloc: samples of allocating
 * @free: samples of freeing
 */
struct kmemlab_run {
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
	struct kmemlab_ledger own;
	void *private;
	unsigned long *handles;
	struct kmemlab_recorder alloc;
	struct kmemlab_recorder free;
};

/**
 * struct kmemlab_lap - operations between two reads of the clock
 * @ticks: all of them, the clock's overhead and the loop's own instructions included
 * @tags: what hit them
 */
struct kmemlab_lap {
	u64 ticks;
	u32 tags;
};

/**
 * struct kmemlab_facility_ops - one facility
 *
 * All hooks are called in process context and may sleep, except the three
 * loops, whose bodies sleep only where the allocator does. "Required" hooks
 * are checked when the table is registered.
 *
 * @name: as in list.h; required
 * @capabilities: KMEMLAB_CAP_*
 * @alignment: bytes that every object is aligned to at least; required
 * @aligns_to: not required. Bytes of the largest alignment that run's objects can have,
 *	where run->align asks for it; without it, @alignment
 * @object_size_min: bytes; required
 * @object_size_max: bytes, by the kernel that runs; required
 * @largest: not required. object_size_max, where only the running machine knows it.
 * @physical_limit: no object lies at or above this physical address; 0: anywhere
 * @idle: what it costs while no object is alive, in words; required
 * @gfp_ignored: flags that the allocator doesn't know: taken away before it is called
 * @gfp_refused: flags that it would not honour: a profile with one of them is refused
 * @waits_for_frees: where it may sleep, it waits for others to free rather than refuse; so
 *	it may not where a whole set is held, which nobody frees meanwhile
 * @unavailable: not required. Returns why this kernel cannot serve it, or NULL.
 * @prepare: not required. Called before anything is measured; 0 or a negative
 *	errno, after which finish is not called.
 * @shareable: what @prepare puts into run->private serves several CPUs at once; else
 *	each has its own
 * @finish: not required. Called once all objects were freed.
 * @plan: not required. Called before each series of operations: how many of the
 *	@objects still missing do the coming operations serve, in operations of
 *	the same kind? Sets run->order. Without it an operation serves one object.
 * @retry: not required. Called after a refusal: returns true where plan would
 *	now ask for something smaller.
 * @operations_max: not required. The most operations that run's objects can take;
 *	without it, as many as objects.
 * @ramp_max: not required. The most objects that a ramp goes on to, where the kernel
 *	takes longer for each the more there are; without it, what the budget has room for.
 * @footprint_pages: required. The most pages that run's objects can take, slack
 *	included: what is reserved from the budget.
 * @alloc_n: required, from KMEMLAB_FACILITY_LOOPS. Allocates @count times into
 *	handles[first...]; returns how many succeeded.
 * @free_n: required, alike. Frees handles[first...].
 * @pair_n: required, alike. Allocates and frees @count times.
 * @alloc_lap: required, alike. As @alloc_n, but the clock is read only before the
 *	first and after the last operation, and no samples are taken.
 * @free_lap: required, alike.
 * @address: not required. Kernel virtual address of a handle's first byte; without
 *	it, the handle is that.
 * @usable: required unless KMEMLAB_CAP_INSTRUMENT. Bytes there that the caller
 *	may use, requested or not; the same for all handles that begin in the same page.
 * @taken: not required. Bytes there that the allocator took for the handle, where that may
 *	be more than what is usable and its pages are not compound.
 * @capacity: not required. How many objects a handle serves; without it, one.
 * @frame: not required. The facility's own answer: the page frame number of the
 *	@page-th page from @address on, or KMEMLAB_NO_FRAME where it cannot tell.
 * @copies: not required. How many copies an object has, as for each CPU; @address
 *	is the one for the CPU that asks.
 * @copy: required with @copies. Kernel virtual address of the @copy-th, from 0 on.
 * @quiesce: not required. Does now what freeing has put off, or sleeps until it is
 *	done; timed as a whole, once all objects were freed, and called at the very end.
 * @bulk_alloc: not required, from KMEMLAB_FACILITY_BULK_ALLOC, for facilities
 *	without @plan whose handles are what the call gives. One call for up to
 *	@count objects into handles[first...]; returns how many there are.
 * @bulk_free: not required, from KMEMLAB_FACILITY_BULK_FREE, alike. One call
 *	frees handles[first...]. With @bulk_alloc or this: KMEMLAB_CAP_BULK.
 * @bulk_unavailable: not required. Why run's objects cannot be had in bulk, or NULL.
 * @rcu_free_n: not required, from KMEMLAB_FACILITY_RCU_FREE. As @free_n, but the
 *	memory comes back after a grace period.
 * @rcu_settle: required with @rcu_free_n. Sleeps until all that was freed so has come back.
 * @rcu_unavailable: not required. Why run's objects cannot be freed so, or NULL.
 * @grows_by: not required. What it takes pages for where not each operation does:
 *	"slab", "block"
 * @grows_up_to: bytes of the largest objects that this holds for; 0: all
 * @counted_as_slab: the kernel's slab counters have its pages, slabs or not, where it
 *	does not take them by vmalloc
 * @shrink: not required. Called between operations that are timed: gives back
 *	what the facility's own caches keep.
 */
struct kmemlab_facility_ops {
	const char *name;
	u64 capabilities;
	unsigned int alignment;
	size_t (*aligns_to)(const struct kmemlab_run *run);
	size_t object_size_min;
	size_t object_size_max;
	size_t (*largest)(void);
	u64 physical_limit;
	const char *idle;
	gfp_t gfp_ignored;
	gfp_t gfp_refused;
	bool waits_for_frees;
	const char *(*unavailable)(void);
	int (*prepare)(struct kmemlab_run *run);
	bool shareable;
	void (*finish)(struct kmemlab_run *run);
	size_t (*plan)(struct kmemlab_run *run, size_t objects);
	bool (*retry)(struct kmemlab_run *run);
	size_t (*operations_max)(const struct kmemlab_run *run);
	size_t (*ramp_max)(const struct kmemlab_run *run);
	u64 (*footprint_pages)(const struct kmemlab_run *run);
	size_t (*alloc_n)(struct kmemlab_run *run, size_t first, size_t count);
	void (*free_n)(struct kmemlab_run *run, size_t first, size_t count);
	size_t (*pair_n)(struct kmemlab_run *run, size_t count);
	size_t (*alloc_lap)(struct kmemlab_run *run, size_t first, size_t count,
			    struct kmemlab_lap *lap);
	void (*free_lap)(struct kmemlab_run *run, size_t first, size_t count,
			 struct kmemlab_lap *lap);
	void *(*address)(const struct kmemlab_run *run, unsigned long handle);
	size_t (*usable)(const struct kmemlab_run *run, unsigned long handle);
	size_t (*taken)(const struct kmemlab_run *run, unsigned long handle);
	size_t (*capacity)(const struct kmemlab_run *run, unsigned long handle);
	unsigned long (*frame)(const struct kmemlab_run *run, unsigned long handle,
			       size_t page);
	unsigned int (*copies)(void);
	void *(*copy)(const struct kmemlab_run *run, unsigned long handle, unsigned int copy);
	void (*quiesce)(void);
	size_t (*bulk_alloc)(struct kmemlab_run *run, size_t first, size_t count);
	void (*bulk_free)(struct kmemlab_run *run, size_t first, size_t count);
	const char *(*bulk_unavailable)(const struct kmemlab_run *run);
	void (*rcu_free_n)(struct kmemlab_run *run, size_t first, size_t count);
	void (*rcu_settle)(void);
	const char *(*rcu_unavailable)(const struct kmemlab_run *run);
	const char *grows_by;
	size_t grows_up_to;
	bool counted_as_slab;
	void (*shrink)(struct kmemlab_run *run);
};

#define KMEMLAB_NO_FRAME	(~0UL)

/* Every facility's table, by the list. */
#define FACILITY(name, description) extern const struct kmemlab_facility_ops kmemlab_##name;
#include "facilities/list.h"
#undef FACILITY

/* With every profile: refuse rather than go to lengths, and without a word in the log. */
#define KMEMLAB_GFP_ALWAYS	(__GFP_NORETRY | __GFP_NOWARN)

/* Flags that mean something to those who take whole pages. */
#define KMEMLAB_GFP_PAGES_ONLY	(__GFP_HIGHMEM | __GFP_MOVABLE | __GFP_COMP)

/* Pages that @objects of @size bytes need at least. */
static inline u64 kmemlab_pages_for(u64 objects, u64 size)
{
	return DIV_ROUND_UP_ULL(objects * size, PAGE_SIZE);
}

/* aligns_to of blocks of pages: they begin at multiples of their own size. */
static inline size_t kmemlab_aligned_as_block(const struct kmemlab_run *run)
{
	return PAGE_SIZE << get_order(run->object_size);
}

/* aligns_to of objects side by side in such a block */
static inline size_t kmemlab_aligned_side_by_side(const struct kmemlab_run *run)
{
	return run->object_size & -run->object_size;
}

/* usable, where an object has pages of its own */
static inline size_t kmemlab_whole_pages(const struct kmemlab_run *run, unsigned long handle)
{
	return PAGE_ALIGN(run->object_size);
}

/* The two conversions of a facility whose operation returns its handle. */
#define KMEMLAB_FACILITY_PLAIN_HANDLES(NAME)					\
static __always_inline unsigned long						\
NAME##_pack(struct kmemlab_run *run, void *raw)					\
{										\
	return (unsigned long)raw;						\
}										\
										\
static __always_inline void *NAME##_unpack(struct kmemlab_run *run,		\
					   unsigned long handle)		\
{										\
	return (void *)handle;							\
}

#define KMEMLAB_FACILITY_LOOPS(NAME)						\
static noinline size_t NAME##_alloc_n(struct kmemlab_run *run, size_t first,	\
				      size_t count)				\
{										\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	size_t i;								\
										\
	for (i = first; i < first + count; i++) {				\
		void *raw;							\
		u64 end;							\
										\
		kmemlab_disturbance_read(&before);				\
		kmemlab_mark(KMEMLAB_MARK_ALLOC);				\
		kmemlab_clock_begin(&start);					\
		raw = NAME##_alloc(run);					\
		end = kmemlab_clock_end();					\
		if (unlikely(!raw))						\
			break;							\
		kmemlab_mark(KMEMLAB_MARK_DONE);				\
		run->handles[i] = NAME##_pack(run, raw);			\
		kmemlab_record(&run->alloc, kmemlab_clock_since(&start, end),	\
			       kmemlab_disturbance_tags(&before));		\
	}									\
	return i - first;							\
}										\
										\
static noinline void NAME##_free_n(struct kmemlab_run *run, size_t first,	\
				   size_t count)				\
{										\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	size_t i;								\
										\
	for (i = first; i < first + count; i++) {				\
		typeof(NAME##_unpack(run, 0)) raw =				\
			NAME##_unpack(run, run->handles[i]);			\
		u64 end;							\
										\
		kmemlab_disturbance_read(&before);				\
		kmemlab_mark(KMEMLAB_MARK_FREE);				\
		kmemlab_clock_begin(&start);					\
		NAME##_free(run, raw);						\
		end = kmemlab_clock_end();					\
		kmemlab_mark(KMEMLAB_MARK_DONE);				\
		kmemlab_record(&run->free, kmemlab_clock_since(&start, end),	\
			       kmemlab_disturbance_tags(&before));		\
	}									\
}										\
										\
static noinline size_t NAME##_pair_n(struct kmemlab_run *run, size_t count)	\
{										\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	size_t i;								\
										\
	for (i = 0; i < count; i++) {						\
		typeof(NAME##_unpack(run, 0)) again;				\
		void *raw;							\
		u64 end;							\
										\
		kmemlab_disturbance_read(&before);				\
		kmemlab_mark(KMEMLAB_MARK_ALLOC);				\
		kmemlab_clock_begin(&start);					\
		raw = NAME##_alloc(run);					\
		end = kmemlab_clock_end();					\
		if (unlikely(!raw))						\
			break;							\
		kmemlab_mark(KMEMLAB_MARK_DONE);				\
		kmemlab_record(&run->alloc, kmemlab_clock_since(&start, end),	\
			       kmemlab_disturbance_tags(&before));		\
										\
		again = NAME##_unpack(run, NAME##_pack(run, raw));		\
		kmemlab_disturbance_read(&before);				\
		kmemlab_mark(KMEMLAB_MARK_FREE);				\
		kmemlab_clock_begin(&start);					\
		NAME##_free(run, again);					\
		end = kmemlab_clock_end();					\
		kmemlab_mark(KMEMLAB_MARK_DONE);				\
		kmemlab_record(&run->free, kmemlab_clock_since(&start, end),	\
			       kmemlab_disturbance_tags(&before));		\
	}									\
	return i;								\
}										\
										\
static noinline size_t NAME##_alloc_lap(struct kmemlab_run *run, size_t first,	\
					size_t count, struct kmemlab_lap *lap)	\
{										\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	size_t i;								\
										\
	kmemlab_disturbance_read(&before);					\
	kmemlab_clock_begin(&start);						\
	for (i = first; i < first + count; i++) {				\
		void *raw = NAME##_alloc(run);					\
										\
		if (unlikely(!raw))						\
			break;							\
		run->handles[i] = NAME##_pack(run, raw);			\
	}									\
	lap->ticks = kmemlab_clock_since(&start, kmemlab_clock_end());		\
	lap->tags = kmemlab_disturbance_tags(&before);				\
	return i - first;							\
}										\
										\
static noinline void NAME##_free_lap(struct kmemlab_run *run, size_t first,	\
				     size_t count, struct kmemlab_lap *lap)	\
{										\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	size_t i;								\
										\
	kmemlab_disturbance_read(&before);					\
	kmemlab_clock_begin(&start);						\
	for (i = first; i < first + count; i++)					\
		NAME##_free(run, NAME##_unpack(run, run->handles[i]));		\
	lap->ticks = kmemlab_clock_since(&start, kmemlab_clock_end());		\
	lap->tags = kmemlab_disturbance_tags(&before);				\
}

/* One sample a call: the calls take whole arrays, and handles[] is one. */
#define KMEMLAB_FACILITY_BULK_ALLOC(NAME)					\
static noinline size_t NAME##_bulk_alloc_timed(struct kmemlab_run *run,		\
					       size_t first, size_t count)	\
{										\
	void **handles = (void **)&run->handles[first];				\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	size_t given;								\
	u64 end;								\
										\
	memset(handles, 0, count * sizeof(*handles));				\
	kmemlab_disturbance_read(&before);					\
	kmemlab_mark(KMEMLAB_MARK_ALLOC);					\
	kmemlab_clock_begin(&start);						\
	given = NAME##_bulk_alloc(run, handles, count);				\
	end = kmemlab_clock_end();						\
	if (likely(given)) {							\
		kmemlab_mark(KMEMLAB_MARK_DONE);				\
		kmemlab_record(&run->alloc, kmemlab_clock_since(&start, end),	\
			       kmemlab_disturbance_tags(&before));		\
	}									\
	return given;								\
}

#define KMEMLAB_FACILITY_BULK_FREE(NAME)					\
static noinline void NAME##_bulk_free_timed(struct kmemlab_run *run,		\
					    size_t first, size_t count)		\
{										\
	void **handles = (void **)&run->handles[first];				\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	u64 end;								\
										\
	kmemlab_disturbance_read(&before);					\
	kmemlab_mark(KMEMLAB_MARK_FREE);					\
	kmemlab_clock_begin(&start);						\
	NAME##_bulk_free(run, handles, count);					\
	end = kmemlab_clock_end();						\
	kmemlab_mark(KMEMLAB_MARK_DONE);					\
	kmemlab_record(&run->free, kmemlab_clock_since(&start, end),		\
		       kmemlab_disturbance_tags(&before));			\
}

#define KMEMLAB_FACILITY_RCU_FREE(NAME)						\
static noinline void NAME##_rcu_free_n(struct kmemlab_run *run, size_t first,	\
				       size_t count)				\
{										\
	struct kmemlab_disturbance before;					\
	struct kmemlab_start start;						\
	size_t i;								\
										\
	for (i = first; i < first + count; i++) {				\
		typeof(NAME##_unpack(run, 0)) raw =				\
			NAME##_unpack(run, run->handles[i]);			\
		u64 end;							\
										\
		kmemlab_disturbance_read(&before);				\
		kmemlab_mark(KMEMLAB_MARK_FREE);				\
		kmemlab_clock_begin(&start);					\
		NAME##_rcu_free(run, raw);					\
		end = kmemlab_clock_end();					\
		kmemlab_mark(KMEMLAB_MARK_DONE);				\
		kmemlab_record(&run->free, kmemlab_clock_since(&start, end),	\
			       kmemlab_disturbance_tags(&before));		\
	}									\
}

#define KMEMLAB_FACILITY_LOOP_HOOKS(NAME)					\
	.alloc_n = NAME##_alloc_n,						\
	.free_n = NAME##_free_n,						\
	.pair_n = NAME##_pair_n,						\
	.alloc_lap = NAME##_alloc_lap,						\
	.free_lap = NAME##_free_lap

#endif
