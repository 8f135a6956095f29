// SPDX-License-Identifier: GPL-2.0
#include "verify.h"

#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "compat/compat.h"

#include "test_hooks.h"

#define GOLDEN			0x9e3779b97f4a7c15ULL
#define BYTES_A_LOOK		SZ_1M	/* between two rescheduling points */

/*
 * Word w of object k is pattern(k) + w * GOLDEN, mixed so that two words of a set
 * are the same by rare chance only: bytes that objects share show themselves.
 */
static u64 pattern_of(u64 seed, u64 object)
{
	u64 x = seed + object * GOLDEN;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 27);
}

static void write_pattern(u8 *to, size_t bytes, u64 word)
{
	for (; bytes >= sizeof(word); bytes -= sizeof(word), to += sizeof(word)) {
		memcpy(to, &word, sizeof(word));
		word += GOLDEN;
	}
	if (bytes)
		memcpy(to, &word, bytes);
}

/* How many of the bytes are wrong. */
static size_t check_word(const u8 *from, size_t bytes, u64 word)
{
	const u8 *right = (const u8 *)&word;
	size_t i, wrong = 0;

	for (i = 0; i < bytes; i++)
		wrong += from[i] != right[i];
	return wrong;
}

/* @at: where in the object @from lies; words begin at multiples of 8 there. */
static __always_inline size_t check_pattern(const u8 *from, size_t bytes, u64 word, size_t at)
{
	size_t wrong = 0, skip = at % sizeof(word);

	if (at)
		word += at / sizeof(word) * GOLDEN;
	if (skip) {
		size_t head = min(bytes, sizeof(word) - skip);

		wrong = check_word(from, head, word >> (skip * BITS_PER_BYTE));
		from += head;
		bytes -= head;
		word += GOLDEN;
	}
	for (; bytes >= sizeof(word); bytes -= sizeof(word), from += sizeof(word)) {
		u64 found;

		memcpy(&found, from, sizeof(found));
		if (unlikely(found != word))
			wrong += check_word(from, sizeof(word), word);
		word += GOLDEN;
	}
	if (bytes)
		wrong += check_word(from, bytes, word);
	return wrong;
}

/**
 * struct visit - one object
 * @handle: the operation's result that it lies in
 * @base: kernel address of the handle's first byte; of several copies the first one's
 * @copies: how many there are of each object
 * @at: where in the handle it begins
 * @number: of the object in its set
 * @unseen: bytes since the last rescheduling point
 * @usable: what the facility said of the last handle that it was asked of
 * @usable_page: where that one begins; those that begin there are its like
 */
struct visit {
	unsigned long handle;
	u8 *base;
	unsigned int copies;
	size_t at;
	size_t number;
	size_t unseen;
	size_t usable;
	unsigned long usable_page;
};

static unsigned int copies_of(const struct kmemlab_object_set *set)
{
	return set->facility->copies ? set->facility->copies() : 1;
}

/* Kernel address of the handle's first byte, of the copy that is looked at. */
static u8 *base_in(const struct kmemlab_object_set *set, const struct visit *visit,
		   unsigned int copy)
{
	return copy ? set->facility->copy(&set->run, visit->handle, copy) : visit->base;
}

typedef int (*visit_fn)(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			const struct visit *visit);

/* Inlined with what it does to each object: small ones are many. */
static __always_inline int visit_objects(struct kmemlab_object_set *set,
					 struct kmemlab_proof *proof, struct visit *visit,
					 unsigned long handle, visit_fn fn)
{
	size_t objects = kmemlab_object_set_in(set, handle, set->objects - visit->number);
	int error = 0;

	visit->handle = handle;
	visit->base = kmemlab_object_set_base(set, handle);
	visit->at = 0;
	for (; objects && !error; objects--) {
		error = fn(set, proof, visit);
		visit->at += set->run.object_size;
		visit->number++;
		visit->unseen += set->run.object_size;
		if (visit->unseen < BYTES_A_LOOK)
			continue;
		visit->unseen = 0;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return error;
}

static u64 pattern_of_copy(const struct kmemlab_object_set *set,
			   const struct kmemlab_proof *proof, const struct visit *visit,
			   unsigned int copy)
{
	return pattern_of(proof->seed + copy, set->first + visit->number);
}

static int write_object(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			const struct visit *visit)
{
	unsigned int copy;

	for (copy = 0; copy < visit->copies; copy++) {
		u8 *address = base_in(set, visit, copy) + visit->at;

		write_pattern(address, set->run.object_size,
			      pattern_of_copy(set, proof, visit, copy));
		*address ^= kmemlab_corrupts(KMEMLAB_CORRUPT_OBJECT);
	}
	return 0;
}

/* What the facility itself says of a page of the handle. */
static void ask_facility(const struct kmemlab_object_set *set, const struct visit *visit,
			 const u8 *address, struct kmemlab_translation *to)
{
	unsigned long first, pfn;

	if (!set->facility->frame)
		return;
	first = (unsigned long)visit->base >> PAGE_SHIFT;
	pfn = set->facility->frame(&set->run, visit->handle,
				   ((unsigned long)address >> PAGE_SHIFT) - first);
	if (pfn != KMEMLAB_NO_FRAME)
		kmemlab_translation_add(to, KMEMLAB_ROUTE_FACILITY,
					pfn ^ kmemlab_corrupts(KMEMLAB_CORRUPT_FRAME));
}

static noinline int find_another_page(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
				      const struct visit *visit, const u8 *address)
{
	int error;

	proof->page = (unsigned long)address & PAGE_MASK;
	proof->unmapped = kmemlab_translate(address, &proof->here);
	if (proof->unmapped) {
		proof->result->route_disagreements++;
		return 0;
	}
	ask_facility(set, visit, address, &proof->here);
	proof->result->routes |= proof->here.routes;
	error = -ERANGE;
	if (!proof->here.disagree && hweight32(proof->here.routes) > 1)
		error = kmemlab_frame_set_add(&proof->frames, proof->here.pfn);
	/* A frame that is in doubt is not looked into: it may be anybody's. */
	proof->unmapped = error == -ERANGE;
	proof->result->route_disagreements += proof->unmapped;
	return proof->unmapped ? 0 : error;
}

static unsigned long page_of(const u8 *address)
{
	return (unsigned long)address & PAGE_MASK;
}

/* The page's frame, by all routes, into proof->here. */
static __always_inline int find_page(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
				     const struct visit *visit, const u8 *address)
{
	if (page_of(address) == proof->page)
		return 0;
	return find_another_page(set, proof, visit, address);
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
static __always_inline size_t
check_bytes(const struct kmemlab_object_set *set, const struct kmemlab_proof *proof,
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
	wrong = check_pattern(from, bytes, word, at);
	if (page)
		compat_kunmap(page);
	return wrong;
}

/**
 * struct standing - how an object lies
 * @contiguous: in consecutive frames
 * @device_ready: below 4 GiB as well, where any device reaches, and in no cache line of
 *	others where the kernel asks that of memory for devices
 */
struct standing {
	bool contiguous;
	bool device_ready;
};

/* One page's share of an object of @size bytes. */
static void look_at(struct standing *standing, const struct kmemlab_proof *proof,
		    const u8 *address, bool follows, size_t size)
{
	const unsigned int line = dma_get_cache_alignment();

	if (proof->unmapped || !follows)
		standing->contiguous = false;
	if (!standing->contiguous || !IS_ALIGNED((unsigned long)address | size, line) ||
	    proof->here.pfn >= SZ_4G >> PAGE_SHIFT)
		standing->device_ready = false;
}

static noinline int check_pages(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
				const struct visit *visit, const u8 *object, u64 word,
				struct standing *standing)
{
	size_t at, bytes, size = set->run.object_size;
	unsigned long next = 0;

	for (at = 0; at < size; at += bytes) {
		const u8 *address = object + at;
		int error = find_page(set, proof, visit, address);

		if (error)
			return error;
		look_at(standing, proof, address, !at || proof->here.pfn == next, size);
		next = proof->here.pfn + 1;
		bytes = min_t(size_t, size - at, PAGE_SIZE - offset_in_page(address));
		proof->result->mismatches += check_bytes(set, proof, address, bytes, word, at);
	}
	return 0;
}

/*
 * One copy of an object; what @standing says of it becomes false where it is not
 * so. Most small objects lie in the page of the one before.
 */
static __always_inline int check_copy(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
				      const struct visit *visit, unsigned int copy,
				      struct standing *standing)
{
	const u8 *object = base_in(set, visit, copy) + visit->at;
	u64 word = pattern_of_copy(set, proof, visit, copy);
	size_t size = set->run.object_size;

	proof->result->misaligned += !IS_ALIGNED((unsigned long)object, set->run.align);
	if (page_of(object) != proof->page || size > PAGE_SIZE - offset_in_page(object))
		return check_pages(set, proof, visit, object, word, standing);
	look_at(standing, proof, object, true, size);
	proof->result->mismatches += check_bytes(set, proof, object, size, word, 0);
	return 0;
}

static int check_object(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			const struct visit *visit)
{
	struct standing standing = { .contiguous = true, .device_ready = true };
	unsigned int copy;
	int error = 0;

	for (copy = 0; copy < visit->copies && !error; copy++)
		error = check_copy(set, proof, visit, copy, &standing);
	/* count_checked() counts all as both. */
	if (!standing.contiguous)
		proof->result->contiguous_objects--;
	if (!standing.device_ready)
		proof->result->device_ready_objects--;
	return error;
}

/* The frames of what is usable behind the last object; @visit has gone past that. */
static int account_slack(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			 struct visit *visit)
{
	unsigned int copy;
	int error = 0;

	if (page_of(visit->base) != visit->usable_page) {
		visit->usable_page = page_of(visit->base);
		visit->usable = set->facility->usable(&set->run, visit->handle);
	}

	for (copy = 0; copy < visit->copies; copy++) {
		const u8 *base = base_in(set, visit, copy);
		const u8 *at = PTR_ALIGN(base + visit->at, PAGE_SIZE);

		for (; at < base + visit->usable && !error; at += PAGE_SIZE)
			error = find_page(set, proof, visit, at);
		proof->result->usable_bytes += visit->usable;
	}
	return error;
}

static int write_all(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	struct visit visit = { .copies = copies_of(set) };
	int error = 0;
	size_t i;

	for (i = 0; i < set->operations && !error; i++)
		error = visit_objects(set, proof, &visit, set->run.handles[i], write_object);
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
	struct visit visit = { .copies = copies_of(set) };
	int error = 0;
	size_t i;

	proof->page = ~0UL;
	visit.usable_page = ~0UL;
	for (i = 0; i < set->operations && !error; i++) {
		error = visit_objects(set, proof, &visit, set->run.handles[i], check_object);
		if (!error)
			error = account_slack(set, proof, &visit);
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
