// SPDX-License-Identifier: GPL-2.0-only
#include "verify.h"

#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "compat/compat.h"
#include "internal.h"
#include "pattern.h"

/* Limits of a batch, after which the task may be rescheduled */
#define VERIFY_BYTES	SZ_1M
#define VERIFY_OBJECTS	4096

/**
 * struct verify_batch - consecutive objects of a set
 * @plain: each object is a handle, which is its address
 * @handles: if @plain, one handle per object; else the handle that contains all of them
 * @number: number of the first object in its set
 * @count: number of objects
 * @base: if not @plain, kernel address of the handle, of its first copy
 * @offset: if not @plain, offset of the first object in the handle
 * @last: the batch contains the last object of the handle
 */
struct verify_batch {
	bool plain;
	const unsigned long *handles;
	size_t number;
	size_t count;
	u8 *base;
	size_t offset;
	bool last;
};

/**
 * struct set_iter - iteration over the batches of a set
 * @operation: index of the first handle of the next batch
 * @number: number of objects in the handles before it
 * @skip: number of objects in that handle before it
 * @copies: number of copies of each object
 * @bytes: bytes since the last rescheduling point
 * @usable: usable bytes of the handles that begin in @usable_page
 * @usable_page: page of the last handle whose usable bytes were queried
 */
struct set_iter {
	size_t operation;
	size_t number;
	size_t skip;
	unsigned int copies;
	size_t bytes;
	size_t usable;
	unsigned long usable_page;
};

static struct set_iter set_iter_init(const struct kmemlab_object_set *set)
{
	return (struct set_iter){
		.copies = set->facility->copies ? set->facility->copies() : 1,
		.usable_page = ~0UL,
	};
}

static bool set_iter_next(const struct kmemlab_object_set *set, struct set_iter *iter,
			  struct verify_batch *batch)
{
	const struct kmemlab_facility_ops *facility = set->facility;
	const size_t size = set->ctx.object_size;
	const size_t count_max = clamp_t(size_t, VERIFY_BYTES / size, 1, VERIFY_OBJECTS);
	const size_t *numbers = set->kept ? set->numbers + iter->operation : NULL;
	size_t left;

	if (iter->operation >= set->operations)
		return false;
	batch->plain = !facility->address && !facility->capacity && !facility->copies;
	batch->handles = &set->ctx.handles[iter->operation];
	batch->number = numbers ? *numbers + iter->skip : iter->number;
	if (batch->plain) {
		/* The numbers of kept objects have gaps. */
		batch->count = numbers ? 1 : min(count_max, set->operations - iter->operation);
		iter->operation += batch->count;
	} else {
		left = kmemlab_object_set_in(set, *batch->handles,
					     set->objects - iter->number + iter->skip);
		left -= iter->skip;
		batch->base = kmemlab_object_set_base(set, *batch->handles);
		batch->offset = iter->skip * size;
		batch->count = min(count_max, left);
		batch->last = batch->count == left;
		iter->operation += batch->last;
		iter->skip = batch->last ? 0 : iter->skip + batch->count;
	}
	iter->number += batch->count;
	return true;
}

static int set_iter_resched(struct set_iter *iter, size_t bytes)
{
	iter->bytes += bytes;
	if (iter->bytes < VERIFY_BYTES)
		return 0;
	iter->bytes = 0;
	cond_resched();
	return signal_pending(current) ? -EINTR : 0;
}

static __always_inline unsigned long batch_handle(const struct verify_batch *batch, size_t i)
{
	return batch->handles[batch->plain ? i : 0];
}

/* Return the kernel address of the handle of object @i, of the given copy. */
static __always_inline u8 *batch_base(const struct kmemlab_object_set *set,
				      const struct verify_batch *batch, size_t i,
				      unsigned int copy)
{
	if (batch->plain)
		return (u8 *)batch->handles[i];
	return copy ? set->facility->copy(&set->ctx, *batch->handles, copy) : batch->base;
}

/* Return the offset of object @i in its handle. */
static __always_inline size_t batch_offset(const struct verify_batch *batch, size_t i, size_t size)
{
	return batch->plain ? 0 : batch->offset + i * size;
}

static void verify_write_batch(const struct kmemlab_object_set *set,
			       const struct kmemlab_verify *verify, const struct set_iter *iter,
			       const struct verify_batch *batch)
{
	const unsigned long *const handles = batch->handles;
	const size_t size = set->ctx.object_size, count = batch->count;
	const u64 first = set->first + batch->number;
	const bool plain = batch->plain;
	unsigned int copy;
	size_t i;

	for (copy = 0; copy < iter->copies; copy++) {
		const u64 seed = verify->seed + copy;
		u8 *const start = batch_base(set, batch, 0, copy) + batch_offset(batch, 0, size);

		for (i = 0; i < count; i++) {
			u8 *object = plain ? (u8 *)handles[i] : start + i * size;

			kmemlab_pattern_write(object, size, kmemlab_pattern(seed, first + i));
			*object ^= kmemlab_corrupts(KMEMLAB_CORRUPT_OBJECT);
		}
	}
}

/* Add the PFN that the facility reports for a page of the handle at @base. */
static void verify_add_facility_route(const struct kmemlab_object_set *set, unsigned long handle,
				      const u8 *base, const u8 *address,
				      struct kmemlab_translation *to)
{
	unsigned long first, pfn;

	if (!set->facility->frame)
		return;
	first = (unsigned long)base >> PAGE_SHIFT;
	pfn = set->facility->frame(&set->ctx, handle,
				   ((unsigned long)address >> PAGE_SHIFT) - first);
	if (pfn != KMEMLAB_NO_FRAME)
		kmemlab_translation_add(to, KMEMLAB_ROUTE_FACILITY,
					pfn ^ kmemlab_corrupts(KMEMLAB_CORRUPT_FRAME));
}

static unsigned long verify_page_of(const u8 *address)
{
	return (unsigned long)address & PAGE_MASK;
}

/* Translate the page of an address in object @i by all routes and count its frame. */
static int verify_translate(struct kmemlab_object_set *set, struct kmemlab_verify *verify,
			    const struct verify_batch *batch, size_t i, const u8 *address)
{
	struct kmemlab_translation *translation = &verify->translation;
	int err;

	if (verify_page_of(address) == verify->page)
		return 0;
	verify->page = verify_page_of(address);
	verify->unmapped = kmemlab_translate(address, translation);
	if (verify->unmapped) {
		verify->result->route_mismatches++;
		return 0;
	}
	verify_add_facility_route(set, batch_handle(batch, i), batch_base(set, batch, i, 0),
				  address, translation);
	verify->result->routes |= translation->routes;
	err = -ERANGE;
	if (!translation->disagree && hweight32(translation->routes) > 1)
		err = kmemlab_pfn_set_add(&verify->frames, translation->pfn,
					  set->facility->counted_as_slab &&
					  !is_vmalloc_addr(address));
	/* Do not access the frame if the routes disagree: it may have another owner. */
	verify->unmapped = err == -ERANGE;
	verify->result->route_mismatches += verify->unmapped;
	return verify->unmapped ? 0 : err;
}

/*
 * Coherent DMA memory that is remapped must not be accessed through a second alias:
 * only the PFNs are compared.
 */
static bool verify_has_single_alias(const struct kmemlab_object_set *set, const u8 *address)
{
	return (set->facility->capabilities & KMEMLAB_CAP_DMA) && is_vmalloc_addr(address);
}

/* Read the bytes of an object in one page through the translated PFN. */
static size_t verify_bytes(const struct kmemlab_object_set *set,
			   const struct kmemlab_verify *verify, const u8 *address, size_t bytes,
			   u64 word, size_t offset)
{
	const u8 *from = address;
	void *page = NULL;
	size_t wrong;

	if (verify->unmapped)
		return bytes;
	if (!verify_has_single_alias(set, address)) {
		page = compat_kmap(pfn_to_page(verify->translation.pfn));
		from = page + offset_in_page(address);
	}
	wrong = kmemlab_pattern_wrong(from, bytes, word, offset);
	if (page)
		compat_kunmap(page);
	return wrong;
}

/* Return true if any device can address the frame. */
static bool verify_is_low(const struct kmemlab_verify *verify)
{
	return verify->translation.pfn < SZ_4G >> PAGE_SHIFT;
}

/* Objects for DMA must not share a cache line of this size, except in coherent memory. */
static size_t verify_cache_line(const struct kmemlab_object_set *set)
{
	return set->facility->capabilities & KMEMLAB_CAP_DMA ? 1 : dma_get_cache_alignment();
}

/**
 * struct object_layout - physical layout of an object
 * @room: bytes of the object, including unused ones after it
 * @contiguous: the page frames are consecutive
 * @device_ready: contiguous, addressable by any device, and without shared cache lines
 */
struct object_layout {
	size_t room;
	bool contiguous;
	bool device_ready;
};

static void object_layout_add_page(struct object_layout *layout,
				   const struct kmemlab_verify *verify, const u8 *address,
				   bool consecutive, size_t line)
{
	if (verify->unmapped || !consecutive)
		layout->contiguous = false;
	if (!layout->contiguous || !verify_is_low(verify) ||
	    !IS_ALIGNED((unsigned long)address | layout->room, line))
		layout->device_ready = false;
}

/* Verify one copy of an object and clear the properties of @layout that it lacks. */
static int verify_copy(struct kmemlab_object_set *set, struct kmemlab_verify *verify,
		       const struct verify_batch *batch, size_t i, unsigned int copy,
		       struct object_layout *layout)
{
	const size_t size = set->ctx.object_size, line = verify_cache_line(set);
	const u8 *object = batch_base(set, batch, i, copy) + batch_offset(batch, i, size);
	const u64 word = kmemlab_pattern(verify->seed + copy, set->first + batch->number + i);
	unsigned long next = 0;
	size_t offset, bytes;

	verify->result->misaligned += !IS_ALIGNED((unsigned long)object, set->ctx.align);
	for (offset = 0; offset < size; offset += bytes) {
		const u8 *address = object + offset;
		int err = verify_translate(set, verify, batch, i, address);

		if (err)
			return err;
		object_layout_add_page(layout, verify, address,
				       !offset || verify->translation.pfn == next, line);
		next = verify->translation.pfn + 1;
		bytes = min_t(size_t, size - offset, PAGE_SIZE - offset_in_page(address));
		verify->result->mismatched_bytes += verify_bytes(set, verify, address, bytes,
								 word, offset);
	}
	return 0;
}

/* Return true if no other object shares the handle. */
static bool batch_is_single(const struct verify_batch *batch)
{
	return batch->plain || (!batch->offset && batch->count == 1 && batch->last);
}

/* Return the usable bytes of the handle of object @i. */
static size_t verify_usable(const struct kmemlab_object_set *set, struct set_iter *iter,
			    const struct verify_batch *batch, size_t i)
{
	const unsigned long page = verify_page_of(batch_base(set, batch, i, 0));

	if (page != iter->usable_page) {
		iter->usable_page = page;
		iter->usable = set->facility->usable(&set->ctx, batch_handle(batch, i));
	}
	return iter->usable;
}

/* Count the frames after the last object of a handle, which is object @i. */
static int verify_slack(struct kmemlab_object_set *set, struct kmemlab_verify *verify,
			struct set_iter *iter, const struct verify_batch *batch, size_t i)
{
	const size_t size = set->ctx.object_size;
	const size_t end = batch->plain ? size : batch->offset + batch->count * size;
	const size_t usable = verify_usable(set, iter, batch, i);
	const size_t taken = set->facility->taken ?
			     set->facility->taken(&set->ctx, batch_handle(batch, i)) : usable;
	unsigned int copy;
	int err = 0;

	for (copy = 0; copy < iter->copies; copy++) {
		const u8 *base = batch_base(set, batch, i, copy);
		const u8 *page = PTR_ALIGN(base + end, PAGE_SIZE);

		for (; page < base + taken && !err; page += PAGE_SIZE)
			err = verify_translate(set, verify, batch, i, page);
		verify->result->usable_bytes += usable;
	}
	return err;
}

/*
 * Fast path: verify the objects from @first on that are in the page that was translated
 * last, including their slack if they are handles. Return their number.
 */
static noinline size_t verify_in_page(const struct kmemlab_object_set *set,
				      const struct kmemlab_verify *verify,
				      const struct set_iter *iter,
				      const struct verify_batch *batch, size_t first)
{
	const size_t size = set->ctx.object_size, align = set->ctx.align;
	const size_t reach = batch->plain ? max(size, iter->usable) : size;
	const u64 seed = verify->seed, number = set->first + batch->number;
	const size_t line = verify_cache_line(set);
	size_t i, misaligned = 0, shared_lines = 0, wrong = 0;
	u64 word;
	u8 *page;

	if (iter->copies > 1 || verify->unmapped || reach > PAGE_SIZE ||
	    (batch->plain && iter->usable_page != verify->page) ||
	    verify_has_single_alias(set, (const u8 *)verify->page))
		return 0;
	page = compat_kmap(pfn_to_page(verify->translation.pfn));
	for (i = first; i < batch->count; i++) {
		const size_t object = (size_t)batch_base(set, batch, i, 0) +
				      batch_offset(batch, i, size);
		const size_t offset = object - verify->page;

		if (offset > PAGE_SIZE - reach)
			break;
		misaligned += !IS_ALIGNED(object, align);
		shared_lines += !IS_ALIGNED(object | reach, line);
		word = kmemlab_pattern(seed, number + i);
		if (unlikely(!kmemlab_pattern_ok(page + offset, size, word)))
			wrong += kmemlab_pattern_wrong(page + offset, size, word, 0);
	}
	compat_kunmap(page);
	verify->result->misaligned += misaligned;
	verify->result->mismatched_bytes += wrong;
	verify->result->device_ready_objects -= verify_is_low(verify) ? shared_lines : i - first;
	if (batch->plain)
		verify->result->usable_bytes += (i - first) * iter->usable;
	return i - first;
}

static int verify_object(struct kmemlab_object_set *set, struct kmemlab_verify *verify,
			 struct set_iter *iter, const struct verify_batch *batch, size_t i)
{
	struct object_layout layout = {
		.room = batch_is_single(batch) ? verify_usable(set, iter, batch, i) :
						 set->ctx.object_size,
		.contiguous = true,
		.device_ready = true,
	};
	unsigned int copy;
	int err = 0;

	for (copy = 0; copy < iter->copies && !err; copy++)
		err = verify_copy(set, verify, batch, i, copy, &layout);
	/* verify_count() adds all objects to both counters. */
	if (!layout.contiguous)
		verify->result->contiguous_objects--;
	if (!layout.device_ready)
		verify->result->device_ready_objects--;
	if (batch->plain && !err)
		err = verify_slack(set, verify, iter, batch, i);
	return err;
}

static int verify_batch_objects(struct kmemlab_object_set *set, struct kmemlab_verify *verify,
				struct set_iter *iter, const struct verify_batch *batch)
{
	size_t i = 0;
	int err = 0;

	while (!err) {
		i += verify_in_page(set, verify, iter, batch, i);
		if (i == batch->count)
			break;
		err = verify_object(set, verify, iter, batch, i++);
	}
	if (!err && batch->last)
		err = verify_slack(set, verify, iter, batch, 0);
	return err;
}

static int verify_write_set(struct kmemlab_object_set *set, struct kmemlab_verify *verify)
{
	struct set_iter iter = set_iter_init(set);
	struct verify_batch batch = { 0 };
	int err = 0;

	while (!err && set_iter_next(set, &iter, &batch)) {
		verify_write_batch(set, verify, &iter, &batch);
		err = set_iter_resched(&iter, batch.count * set->ctx.object_size);
	}
	return err;
}

/* Called once per set, since counting each small object would take too long. */
static void verify_count(const struct kmemlab_object_set *set, struct kmemlab_verify *verify,
			 const struct set_iter *iter)
{
	struct kmemlab_result *result = verify->result;

	result->verified_objects += iter->number;
	result->verified_bytes += (u64)iter->number * set->ctx.object_size * iter->copies;
	result->contiguous_objects += iter->number;
	result->device_ready_objects += iter->number;
}

static int verify_read_set(struct kmemlab_object_set *set, struct kmemlab_verify *verify)
{
	struct set_iter iter = set_iter_init(set);
	struct verify_batch batch = { 0 };
	int err = 0;

	verify->page = ~0UL;
	verify->unmapped = true;
	while (!err && set_iter_next(set, &iter, &batch)) {
		err = verify_batch_objects(set, verify, &iter, &batch);
		if (!err)
			err = set_iter_resched(&iter, batch.count * set->ctx.object_size);
	}
	verify_count(set, verify, &iter);
	return err;
}

static int verify_read_sets(struct kmemlab_object_set *sets, size_t count,
			    struct kmemlab_verify *verify)
{
	int err = 0;
	size_t i;

	for (i = 0; i < count && !err; i++)
		err = verify_read_set(&sets[i], verify);
	return err;
}

/* Write all sets before reading any: objects of two sets may overlap, too. */
static int verify_sets(struct kmemlab_object_set *sets, size_t count,
		       struct kmemlab_verify *verify)
{
	int err = 0;
	size_t i;

	for (i = 0; i < count && !err; i++)
		err = verify_write_set(&sets[i], verify);
	return err ?: verify_read_sets(sets, count, verify);
}

static bool verify_needs_two_patterns(const struct kmemlab_object_set *sets)
{
	return sets->ctx.object_size < sizeof(u64);
}

typedef int (*verify_fn)(struct kmemlab_object_set *sets, size_t count,
			 struct kmemlab_verify *verify);

/* Verify with the patterns of another seed and keep only the errors. */
static int verify_repeat(struct kmemlab_object_set *sets, size_t count,
			 struct kmemlab_verify *verify, u64 seed, verify_fn fn)
{
	struct kmemlab_result *result = verify->result;
	const u64 verified_objects = result->verified_objects;
	const u64 verified_bytes = result->verified_bytes;
	const u64 contiguous_objects = result->contiguous_objects;
	const u64 device_ready_objects = result->device_ready_objects;
	const u64 usable_bytes = result->usable_bytes;
	const u64 misaligned = result->misaligned;
	const u64 saved_seed = verify->seed;
	int err;

	verify->seed = seed;
	err = fn(sets, count, verify);
	verify->seed = saved_seed;
	result->verified_objects = verified_objects;
	result->verified_bytes = verified_bytes;
	result->contiguous_objects = contiguous_objects;
	result->device_ready_objects = device_ready_objects;
	result->usable_bytes = usable_bytes;
	result->misaligned = misaligned;
	return err;
}

/**
 * kmemlab_verify_objects() - verify the live objects of some sets
 * @sets: object sets
 * @count: number of sets
 * @verify: state with frames, result and seed set
 *
 * Writes a pattern into every object through the facility's address. Then translates
 * every page of every object by all routes and reads the pattern back through the PFN
 * that the page-table walk found. Objects smaller than a word of the pattern are
 * verified twice, since their contents may be equal by chance.
 *
 * Return: 0 (even if errors were found, see @verify->result), -EINTR, -ENOMEM or -ERANGE.
 */
int kmemlab_verify_objects(struct kmemlab_object_set *sets, size_t count,
			   struct kmemlab_verify *verify)
{
	int err = verify_sets(sets, count, verify);

	if (!err && verify_needs_two_patterns(sets))
		err = verify_repeat(sets, count, verify, ~verify->seed, verify_sets);
	return err;
}

/**
 * kmemlab_verify_again() - verify objects again, after others were freed
 * @sets: object sets
 * @count: number of sets
 * @verify: state of the first verification, with an empty set of frames
 *
 * Checks that the objects have the contents that the first verification wrote last, and
 * writes others. Adds only errors to @verify->result.
 *
 * Return: as kmemlab_verify_objects().
 */
int kmemlab_verify_again(struct kmemlab_object_set *sets, size_t count,
			 struct kmemlab_verify *verify)
{
	const bool twice = verify_needs_two_patterns(sets);
	const u64 seed = verify->seed;
	int err = verify_repeat(sets, count, verify, twice ? ~seed : seed, verify_read_sets) ?:
		  verify_repeat(sets, count, verify, ~seed, verify_sets);

	if (!err && twice)
		err = verify_repeat(sets, count, verify, seed, verify_sets);
	return err;
}
