// SPDX-License-Identifier: GPL-2.0
#include "verify.h"

#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "compat/compat.h"

#include "pattern.h"
#include "test_hooks.h"

/* Between two rescheduling points, at the most. */
#define BYTES_A_ROW	SZ_1M
#define OBJECTS_A_ROW	4096

/**
 * struct row - objects of a set that follow each other, in one handle or as handles
 * @plain: each is a handle, its own address
 * @handles: one for each object where they are @plain, else the one that they lie in
 * @number: of the first object in its set
 * @count: of objects
 * @base: where not @plain, kernel address of the handle's first byte; of several
 *	copies the first one's
 * @at: where in the handle the first object begins
 * @ends: the handle has no more objects
 */
struct row {
	bool plain;
	const unsigned long *handles;
	size_t number;
	size_t count;
	u8 *base;
	size_t at;
	bool ends;
};

/**
 * struct visit - a set gone through, row by row
 * @operation: the next row's first handle
 * @number: its first object's in the set
 * @seen: objects in that handle before it
 * @copies: how many there are of each object
 * @unseen: bytes since the last rescheduling point
 * @usable: what the facility said of the last handle that it was asked of
 * @usable_page: where that one begins; those that begin there are its like
 */
struct visit {
	size_t operation;
	size_t number;
	size_t seen;
	unsigned int copies;
	size_t unseen;
	size_t usable;
	unsigned long usable_page;
};

static struct visit visit_of(const struct kmemlab_object_set *set)
{
	return (struct visit){
		.copies = set->facility->copies ? set->facility->copies() : 1,
		.usable_page = ~0UL,
	};
}

/* Return: whether there is one more. */
static bool next_row(const struct kmemlab_object_set *set, struct visit *visit, struct row *row)
{
	const struct kmemlab_facility_ops *facility = set->facility;
	const size_t size = set->run.object_size;
	const size_t most = clamp_t(size_t, BYTES_A_ROW / size, 1, OBJECTS_A_ROW);
	size_t left;

	if (visit->operation >= set->operations)
		return false;
	row->plain = !facility->address && !facility->capacity && !facility->copies;
	row->handles = &set->run.handles[visit->operation];
	row->number = visit->number;
	if (row->plain) {
		row->count = min(most, set->operations - visit->operation);
		visit->operation += row->count;
	} else {
		left = kmemlab_object_set_in(set, *row->handles,
					     set->objects - visit->number + visit->seen);
		left -= visit->seen;
		row->base = kmemlab_object_set_base(set, *row->handles);
		row->at = visit->seen * size;
		row->count = min(most, left);
		row->ends = row->count == left;
		visit->operation += row->ends;
		visit->seen = row->ends ? 0 : visit->seen + row->count;
	}
	visit->number += row->count;
	return true;
}

static int look_around(struct visit *visit, size_t bytes)
{
	visit->unseen += bytes;
	if (visit->unseen < BYTES_A_ROW)
		return 0;
	visit->unseen = 0;
	cond_resched();
	return signal_pending(current) ? -EINTR : 0;
}

static __always_inline unsigned long handle_of(const struct row *row, size_t i)
{
	return row->handles[row->plain ? i : 0];
}

/* Kernel address of the first byte of the i-th object's handle, of the copy that is looked at. */
static __always_inline u8 *base_of(const struct kmemlab_object_set *set, const struct row *row,
				   size_t i, unsigned int copy)
{
	if (row->plain)
		return (u8 *)row->handles[i];
	return copy ? set->facility->copy(&set->run, *row->handles, copy) : row->base;
}

/* Where the i-th object begins in its handle. */
static __always_inline size_t place_of(const struct row *row, size_t i, size_t size)
{
	return row->plain ? 0 : row->at + i * size;
}

static void write_row(const struct kmemlab_object_set *set, const struct kmemlab_proof *proof,
		      const struct visit *visit, const struct row *row)
{
	const unsigned long *const handles = row->handles;
	const size_t size = set->run.object_size, count = row->count;
	const u64 first = set->first + row->number;
	const bool plain = row->plain;
	unsigned int copy;
	size_t i;

	for (copy = 0; copy < visit->copies; copy++) {
		const u64 seed = proof->seed + copy;
		u8 *const start = base_of(set, row, 0, copy) + place_of(row, 0, size);

		for (i = 0; i < count; i++) {
			u8 *object = plain ? (u8 *)handles[i] : start + i * size;

			kmemlab_pattern_write(object, size, kmemlab_pattern(seed, first + i));
			*object ^= kmemlab_corrupts(KMEMLAB_CORRUPT_OBJECT);
		}
	}
}

/* What the facility itself says of a page of the handle that begins at @base. */
static void ask_facility(const struct kmemlab_object_set *set, unsigned long handle,
			 const u8 *base, const u8 *address, struct kmemlab_translation *to)
{
	unsigned long first, pfn;

	if (!set->facility->frame)
		return;
	first = (unsigned long)base >> PAGE_SHIFT;
	pfn = set->facility->frame(&set->run, handle,
				   ((unsigned long)address >> PAGE_SHIFT) - first);
	if (pfn != KMEMLAB_NO_FRAME)
		kmemlab_translation_add(to, KMEMLAB_ROUTE_FACILITY,
					pfn ^ kmemlab_corrupts(KMEMLAB_CORRUPT_FRAME));
}

static unsigned long page_of(const u8 *address)
{
	return (unsigned long)address & PAGE_MASK;
}

/* The frame, by all routes, of the page with @address in the i-th object, into proof->here. */
static int find_page(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
		     const struct row *row, size_t i, const u8 *address)
{
	int error;

	if (page_of(address) == proof->page)
		return 0;
	proof->page = page_of(address);
	proof->unmapped = kmemlab_translate(address, &proof->here);
	if (proof->unmapped) {
		proof->result->route_disagreements++;
		return 0;
	}
	ask_facility(set, handle_of(row, i), base_of(set, row, i, 0), address, &proof->here);
	proof->result->routes |= proof->here.routes;
	error = -ERANGE;
	if (!proof->here.disagree && hweight32(proof->here.routes) > 1)
		error = kmemlab_frame_set_add(&proof->frames, proof->here.pfn,
					      set->facility->counted_as_slab &&
					      !is_vmalloc_addr(address));
	/* A frame that is in doubt is not looked into: it may be anybody's. */
	proof->unmapped = error == -ERANGE;
	proof->result->route_disagreements += proof->unmapped;
	return proof->unmapped ? 0 : error;
}

/*
 * Device memory that the CPU sees through an alias of its own may be touched
 * through no other: then the frames alone are compared.
 */
static bool own_alias_only(const struct kmemlab_object_set *set, const u8 *address)
{
	return (set->facility->capabilities & KMEMLAB_CAP_DMA) && is_vmalloc_addr(address);
}

/* Reads an object's bytes in one page at the frame that the walk found. */
static size_t check_bytes(const struct kmemlab_object_set *set, const struct kmemlab_proof *proof,
			  const u8 *address, size_t bytes, u64 word, size_t at)
{
	const u8 *from = address;
	void *page = NULL;
	size_t wrong;

	if (proof->unmapped)
		return bytes;
	if (!own_alias_only(set, address)) {
		page = compat_kmap(pfn_to_page(proof->here.pfn));
		from = page + offset_in_page(address);
	}
	wrong = kmemlab_pattern_wrong(from, bytes, word, at);
	if (page)
		compat_kunmap(page);
	return wrong;
}

/* Any device reaches it. */
static bool is_low(const struct kmemlab_proof *proof)
{
	return proof->here.pfn < SZ_4G >> PAGE_SHIFT;
}

/* What an object may share with no other, for a device's sake. Coherent memory can. */
static size_t line_of(const struct kmemlab_object_set *set)
{
	return set->facility->capabilities & KMEMLAB_CAP_DMA ? 1 : dma_get_cache_alignment();
}

/**
 * struct standing - how an object lies
 * @room: bytes that are its own, those behind it which nobody else gets included
 * @contiguous: in consecutive frames
 * @device_ready: and where any device reaches, in no cache line of others where the
 *	kernel asks that of memory for devices
 */
struct standing {
	size_t room;
	bool contiguous;
	bool device_ready;
};

/* One page's share of an object. */
static void look_at(struct standing *standing, const struct kmemlab_proof *proof,
		    const u8 *address, bool follows, size_t line)
{
	if (proof->unmapped || !follows)
		standing->contiguous = false;
	if (!standing->contiguous || !is_low(proof) ||
	    !IS_ALIGNED((unsigned long)address | standing->room, line))
		standing->device_ready = false;
}

/* One copy of an object; what @standing says of it becomes false where it is not so. */
static int check_copy(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
		      const struct row *row, size_t i, unsigned int copy,
		      struct standing *standing)
{
	const size_t size = set->run.object_size, line = line_of(set);
	const u8 *object = base_of(set, row, i, copy) + place_of(row, i, size);
	const u64 word = kmemlab_pattern(proof->seed + copy, set->first + row->number + i);
	unsigned long next = 0;
	size_t at, bytes;

	proof->result->misaligned += !IS_ALIGNED((unsigned long)object, set->run.align);
	for (at = 0; at < size; at += bytes) {
		const u8 *address = object + at;
		int error = find_page(set, proof, row, i, address);

		if (error)
			return error;
		look_at(standing, proof, address, !at || proof->here.pfn == next, line);
		next = proof->here.pfn + 1;
		bytes = min_t(size_t, size - at, PAGE_SIZE - offset_in_page(address));
		proof->result->mismatches += check_bytes(set, proof, address, bytes, word, at);
	}
	return 0;
}

/* Whether an object has its handle for itself. */
static bool is_alone(const struct row *row)
{
	return row->plain || (!row->at && row->count == 1 && row->ends);
}

/* Bytes of the i-th object's handle. */
static size_t usable_of(const struct kmemlab_object_set *set, struct visit *visit,
			const struct row *row, size_t i)
{
	const unsigned long page = page_of(base_of(set, row, i, 0));

	if (page != visit->usable_page) {
		visit->usable_page = page;
		visit->usable = set->facility->usable(&set->run, handle_of(row, i));
	}
	return visit->usable;
}

/* The frames of what is usable, or taken, behind the handle's last object, the i-th one. */
static int account_slack(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			 struct visit *visit, const struct row *row, size_t i)
{
	const size_t size = set->run.object_size;
	const size_t end = row->plain ? size : row->at + row->count * size;
	const size_t usable = usable_of(set, visit, row, i);
	const size_t taken = set->facility->taken ?
			     set->facility->taken(&set->run, handle_of(row, i)) : usable;
	unsigned int copy;
	int error = 0;

	for (copy = 0; copy < visit->copies; copy++) {
		const u8 *base = base_of(set, row, i, copy);
		const u8 *at = PTR_ALIGN(base + end, PAGE_SIZE);

		for (; at < base + taken && !error; at += PAGE_SIZE)
			error = find_page(set, proof, row, i, at);
		proof->result->usable_bytes += usable;
	}
	return error;
}

/*
 * The objects from the i-th on that lie in the page found last, as most small ones
 * do, and with all that is usable behind them if they are handles: as cheaply as can be.
 * Return: how many.
 */
static noinline size_t check_in_page(const struct kmemlab_object_set *set,
				     const struct kmemlab_proof *proof,
				     const struct visit *visit, const struct row *row, size_t first)
{
	const size_t size = set->run.object_size, align = set->run.align;
	const size_t reach = row->plain ? max(size, visit->usable) : size;
	const u64 seed = proof->seed, number = set->first + row->number;
	const size_t line = line_of(set);
	size_t i, misaligned = 0, shared_lines = 0, wrong = 0;
	u64 word;
	u8 *page;

	if (visit->copies > 1 || proof->unmapped || reach > PAGE_SIZE ||
	    (row->plain && visit->usable_page != proof->page) ||
	    own_alias_only(set, (const u8 *)proof->page))
		return 0;
	page = compat_kmap(pfn_to_page(proof->here.pfn));
	for (i = first; i < row->count; i++) {
		const size_t object = (size_t)base_of(set, row, i, 0) + place_of(row, i, size);
		const size_t at = object - proof->page;

		if (at > PAGE_SIZE - reach)
			break;
		misaligned += !IS_ALIGNED(object, align);
		shared_lines += !IS_ALIGNED(object | reach, line);
		word = kmemlab_pattern(seed, number + i);
		if (unlikely(!kmemlab_pattern_right(page + at, size, word)))
			wrong += kmemlab_pattern_wrong(page + at, size, word, 0);
	}
	compat_kunmap(page);
	proof->result->misaligned += misaligned;
	proof->result->mismatches += wrong;
	proof->result->device_ready_objects -= is_low(proof) ? shared_lines : i - first;
	if (row->plain)
		proof->result->usable_bytes += (i - first) * visit->usable;
	return i - first;
}

static int check_object(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			struct visit *visit, const struct row *row, size_t i)
{
	struct standing standing = {
		.room = is_alone(row) ? usable_of(set, visit, row, i) : set->run.object_size,
		.contiguous = true,
		.device_ready = true,
	};
	unsigned int copy;
	int error = 0;

	for (copy = 0; copy < visit->copies && !error; copy++)
		error = check_copy(set, proof, row, i, copy, &standing);
	/* count_checked() counts all as both. */
	if (!standing.contiguous)
		proof->result->contiguous_objects--;
	if (!standing.device_ready)
		proof->result->device_ready_objects--;
	if (row->plain && !error)
		error = account_slack(set, proof, visit, row, i);
	return error;
}

static int check_row(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
		     struct visit *visit, const struct row *row)
{
	size_t i = 0;
	int error = 0;

	while (!error) {
		i += check_in_page(set, proof, visit, row, i);
		if (i == row->count)
			break;
		error = check_object(set, proof, visit, row, i++);
	}
	if (!error && row->ends)
		error = account_slack(set, proof, visit, row, 0);
	return error;
}

static int write_all(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	struct visit visit = visit_of(set);
	struct row row = { 0 };
	int error = 0;

	while (!error && next_row(set, &visit, &row)) {
		write_row(set, proof, &visit, &row);
		error = look_around(&visit, row.count * set->run.object_size);
	}
	return error;
}

/* Once for all: small objects are many. */
static void count_checked(const struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			  const struct visit *visit)
{
	struct kmemlab_result *result = proof->result;

	result->verified_objects += visit->number;
	result->verified_bytes += (u64)visit->number * set->run.object_size * visit->copies;
	result->contiguous_objects += visit->number;
	result->device_ready_objects += visit->number;
}

static int check_all(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	struct visit visit = visit_of(set);
	struct row row = { 0 };
	int error = 0;

	/* None was translated yet. */
	proof->page = ~0UL;
	proof->unmapped = true;
	while (!error && next_row(set, &visit, &row)) {
		error = check_row(set, proof, &visit, &row);
		if (!error)
			error = look_around(&visit, row.count * set->run.object_size);
	}
	count_checked(set, proof, &visit);
	return error;
}

/* All are written before one is checked: objects of two sets may share bytes too. */
static int prove(struct kmemlab_object_set *sets, size_t count, struct kmemlab_proof *proof)
{
	int error = 0;
	size_t i;

	for (i = 0; i < count && !error; i++)
		error = write_all(&sets[i], proof);
	for (i = 0; i < count && !error; i++)
		error = check_all(&sets[i], proof);
	return error;
}

/* An object too small for a pattern of its own: once more, with other patterns. */
static int prove_again(struct kmemlab_object_set *sets, size_t count,
		       struct kmemlab_proof *proof)
{
	struct kmemlab_result *result = proof->result;
	const u64 verified_objects = result->verified_objects;
	const u64 verified_bytes = result->verified_bytes;
	const u64 contiguous_objects = result->contiguous_objects;
	const u64 device_ready_objects = result->device_ready_objects;
	const u64 usable_bytes = result->usable_bytes;
	const u64 misaligned = result->misaligned;
	int error;

	proof->seed = ~proof->seed;
	error = prove(sets, count, proof);
	proof->seed = ~proof->seed;
	result->verified_objects = verified_objects;
	result->verified_bytes = verified_bytes;
	result->contiguous_objects = contiguous_objects;
	result->device_ready_objects = device_ready_objects;
	result->usable_bytes = usable_bytes;
	result->misaligned = misaligned;
	return error;
}

int kmemlab_verify(struct kmemlab_object_set *sets, size_t count, struct kmemlab_proof *proof)
{
	int error = prove(sets, count, proof);

	if (!error && sets->run.object_size < sizeof(u64))
		error = prove_again(sets, count, proof);
	return error;
}
