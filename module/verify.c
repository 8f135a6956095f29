// SPDX-License-Identifier: GPL-2.0
#include "verify.h"

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#define GOLDEN			0x9e3779b97f4a7c15ULL
#define OBJECTS_A_LOOK		4096	/* between two rescheduling points */

/*
 * Word w of object k is pattern(k) + w * GOLDEN: no two words of a set are the
 * same, so bytes that two objects share show themselves when read back.
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
static size_t check_pattern(const u8 *from, size_t bytes, u64 word, size_t at)
{
	size_t wrong = 0, skip = at % sizeof(word);

	word += at / sizeof(word) * GOLDEN;
	if (skip) {
		size_t head = min(bytes, sizeof(word) - skip);

		wrong += check_word(from, head, word >> (skip * BITS_PER_BYTE));
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
	return wrong + check_word(from, bytes, word);
}

/**
 * struct visit - one object
 * @handle: the operation's result that it lies in
 * @base: kernel address of the handle's first byte
 * @address: the object's own
 * @number: of the object in its set
 */
struct visit {
	unsigned long handle;
	u8 *base;
	u8 *address;
	size_t number;
};

typedef int (*visit_fn)(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			const struct visit *visit);

static int visit_objects(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			 struct visit *visit, visit_fn fn)
{
	size_t objects = kmemlab_object_set_in(set, visit->handle,
					       set->run.objects - visit->number);
	int error = 0;

	visit->base = set->facility->address(&set->run, visit->handle);
	visit->address = visit->base;
	for (; objects && !error; objects--) {
		error = fn(set, proof, visit);
		visit->address += set->run.object_size;
		if (++visit->number % OBJECTS_A_LOOK)
			continue;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return error;
}

static int write_object(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			const struct visit *visit)
{
	write_pattern(visit->address, set->run.object_size,
		      pattern_of(proof->seed, visit->number));
	return 0;
}

/* The page's frame, by all routes, into proof->here. */
static int find_page(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
		     const struct visit *visit, const u8 *address)
{
	unsigned long page = (unsigned long)address & PAGE_MASK;
	unsigned long first = (unsigned long)visit->base & PAGE_MASK;

	if (page == proof->page)
		return 0;
	proof->page = page;
	proof->unmapped = kmemlab_translate(address, &proof->here);
	if (proof->unmapped) {
		proof->result->route_disagreements++;
		return 0;
	}
	if (set->facility->frame)
		kmemlab_translation_add(&proof->here, KMEMLAB_ROUTE_FACILITY,
					set->facility->frame(&set->run, visit->handle,
							     (page - first) >> PAGE_SHIFT));
	proof->result->routes |= proof->here.routes;
	proof->result->route_disagreements += !!proof->here.disagree;
	return kmemlab_frame_set_add(&proof->frames, proof->here.pfn);
}

/* Reads an object's bytes in one page at the frame that the walk found. */
static size_t check_bytes(const struct kmemlab_proof *proof, const u8 *address, size_t bytes,
			  u64 word, size_t at)
{
	size_t wrong;
	void *page;

	if (proof->unmapped || !pfn_valid(proof->here.pfn))
		return bytes;
	page = compat_kmap(pfn_to_page(proof->here.pfn));
	wrong = check_pattern(page + offset_in_page(address), bytes, word, at);
	compat_kunmap(page);
	return wrong;
}

static int check_object(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			const struct visit *visit)
{
	u64 word = pattern_of(proof->seed, visit->number);
	size_t at, bytes, size = set->run.object_size;
	unsigned long next = 0;
	bool contiguous = true;

	for (at = 0; at < size; at += bytes) {
		const u8 *address = visit->address + at;
		int error = find_page(set, proof, visit, address);

		if (error)
			return error;
		if (at && proof->here.pfn != next)
			contiguous = false;
		next = proof->here.pfn + 1;
		bytes = min_t(size_t, size - at, PAGE_SIZE - offset_in_page(address));
		proof->result->mismatches += check_bytes(proof, address, bytes, word, at);
	}
	proof->result->contiguous_objects += contiguous && !proof->unmapped;
	proof->result->verified_objects++;
	proof->result->verified_bytes += size;
	return 0;
}

/* The frames of what is usable behind the last object. */
static int account_slack(struct kmemlab_object_set *set, struct kmemlab_proof *proof,
			 const struct visit *visit)
{
	size_t usable = set->facility->usable(&set->run, visit->handle);
	const u8 *end = visit->base + usable;
	const u8 *at;
	int error = 0;

	proof->result->usable_bytes += usable;
	for (at = PTR_ALIGN(visit->address, PAGE_SIZE); at < end && !error; at += PAGE_SIZE)
		error = find_page(set, proof, visit, at);
	return error;
}

static int write_all(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	struct visit visit = { .number = 0 };
	int error = 0;
	size_t i;

	for (i = 0; i < set->operations && !error; i++) {
		visit.handle = set->run.handles[i];
		error = visit_objects(set, proof, &visit, write_object);
	}
	return error;
}

static int check_all(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	struct visit visit = { .number = 0 };
	int error = 0;
	size_t i;

	proof->page = ~0UL;
	for (i = 0; i < set->operations && !error; i++) {
		visit.handle = set->run.handles[i];
		error = visit_objects(set, proof, &visit, check_object);
		if (!error)
			error = account_slack(set, proof, &visit);
	}
	return error;
}

static int prove(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	int error = write_all(set, proof);

	return error ?: check_all(set, proof);
}

/* An object too small for a pattern of its own: once more, with other patterns. */
static int prove_again(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	struct kmemlab_result *result = proof->result;
	const u64 verified_objects = result->verified_objects;
	const u64 verified_bytes = result->verified_bytes;
	const u64 contiguous_objects = result->contiguous_objects;
	const u64 usable_bytes = result->usable_bytes;
	int error;

	proof->seed = ~proof->seed;
	error = prove(set, proof);
	proof->seed = ~proof->seed;
	result->verified_objects = verified_objects;
	result->verified_bytes = verified_bytes;
	result->contiguous_objects = contiguous_objects;
	result->usable_bytes = usable_bytes;
	return error;
}

int kmemlab_verify(struct kmemlab_object_set *set, struct kmemlab_proof *proof)
{
	int error = prove(set, proof);

	if (!error && set->run.object_size < sizeof(u64))
		error = prove_again(set, proof);
	return error;
}
