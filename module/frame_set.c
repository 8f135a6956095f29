// SPDX-License-Identifier: GPL-2.0
#include "frame_set.h"

#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "array.h"

#define CHUNK_FRAMES	(PAGE_SIZE * BITS_PER_BYTE)

unsigned long kmemlab_frames_end(void)
{
	unsigned long end = 0;
	int node;

	for_each_online_node(node)
		end = max(end, pgdat_end_pfn(NODE_DATA(node)));
	return end;
}

static size_t chunks_for(unsigned long frames)
{
	return DIV_ROUND_UP(frames, CHUNK_FRAMES);
}

/* Calls @fn for each chunk with memory in it, for some twice. Return: what @fn added up to. */
static size_t visit_chunks(struct kmemlab_frame_set *set,
			   size_t (*fn)(struct kmemlab_frame_set *set, size_t chunk))
{
	size_t sum = 0, chunk;
	int node, zone;

	for_each_online_node(node) {
		for (zone = 0; zone < MAX_NR_ZONES; zone++) {
			const struct zone *z = &NODE_DATA(node)->node_zones[zone];

			if (!z->spanned_pages)
				continue;
			for (chunk = z->zone_start_pfn / CHUNK_FRAMES;
			     chunk < chunks_for(zone_end_pfn(z)); chunk++)
				sum += fn(set, chunk);
		}
	}
	return sum;
}

static size_t count_chunk(struct kmemlab_frame_set *set, size_t chunk)
{
	return 1;
}

static size_t make_chunk(struct kmemlab_frame_set *set, size_t chunk)
{
	if (chunk >= set->chunk_count)
		return 1;
	if (!set->chunks[chunk])
		set->chunks[chunk] = (unsigned long *)get_zeroed_page(GFP_KERNEL);
	return !set->chunks[chunk];
}

u64 kmemlab_frame_set_bookkeeping(void)
{
	return (u64)visit_chunks(NULL, count_chunk) * PAGE_SIZE +
	       chunks_for(kmemlab_frames_end()) * sizeof(unsigned long *);
}

int kmemlab_frame_set_create(struct kmemlab_frame_set *set)
{
	set->frames = 0;
	set->slab_frames = 0;
	set->chunk_count = chunks_for(kmemlab_frames_end());
	set->chunks = kmemlab_array_create(set->chunk_count, sizeof(*set->chunks));
	if (!set->chunks)
		return -ENOMEM;
	if (!visit_chunks(set, make_chunk))
		return 0;
	kmemlab_frame_set_destroy(set);
	return -ENOMEM;
}

void kmemlab_frame_set_destroy(struct kmemlab_frame_set *set)
{
	size_t i;

	for (i = 0; i < set->chunk_count; i++)
		free_page((unsigned long)set->chunks[i]);
	kvfree(set->chunks);
}

static bool has_room(const struct kmemlab_frame_set *set, unsigned long pfn)
{
	return pfn / CHUNK_FRAMES < set->chunk_count && set->chunks[pfn / CHUNK_FRAMES];
}

/* Return: whether it is new. */
static bool add(struct kmemlab_frame_set *set, unsigned long pfn, bool slab)
{
	if (__test_and_set_bit(pfn % CHUNK_FRAMES, set->chunks[pfn / CHUNK_FRAMES]))
		return false;
	set->frames++;
	set->slab_frames += slab;
	return true;
}

int kmemlab_frame_set_add(struct kmemlab_frame_set *set, unsigned long pfn, bool slab)
{
	struct page *head;
	unsigned long end;

	if (!has_room(set, pfn))
		return -ERANGE;
	head = compound_head(pfn_to_page(pfn));
	slab = slab || PageSlab(head);
	if (!add(set, pfn, slab) || !PageHead(head))
		return 0;
	pfn = page_to_pfn(head);
	for (end = pfn + (1UL << compound_order(head)); pfn < end; pfn++)
		if (has_room(set, pfn))
			add(set, pfn, slab);
	return 0;
}

/* The largest blocks that the buddy allocator could have in @pages frames up to @end. */
static void count_aligned(struct kmemlab_result *result, u64 end, u64 pages)
{
	u64 at = end - pages;

	while (at < end) {
		unsigned int order = ilog2(end - at);

		if (at)
			order = min_t(unsigned int, order, __ffs64(at));
		order = min_t(unsigned int, order, KMEMLAB_ORDERS_MAX - 1);
		result->aligned_by_order[order]++;
		at += 1ULL << order;
	}
}

/* @end: the frame behind the last one */
static void end_extent(struct kmemlab_result *result, u64 end, u64 *pages)
{
	if (!*pages)
		return;
	count_aligned(result, end, *pages);
	result->extents++;
	result->largest_extent_bytes = max_t(u64, result->largest_extent_bytes,
					     *pages << PAGE_SHIFT);
	result->extents_by_order[min_t(unsigned int, ilog2(*pages), KMEMLAB_ORDERS_MAX - 1)]++;
	*pages = 0;
}

/* Runs go on from one chunk into the next: @pages is the run that is open. */
static void chunk_extents(const unsigned long *chunk, u64 base, struct kmemlab_result *result,
			  u64 *pages)
{
	unsigned long at = 0, zero;

	while (at < CHUNK_FRAMES) {
		unsigned long one = find_next_bit(chunk, CHUNK_FRAMES, at);

		if (one > at)
			end_extent(result, base + at, pages);
		if (one >= CHUNK_FRAMES)
			return;
		zero = find_next_zero_bit(chunk, CHUNK_FRAMES, one);
		*pages += zero - one;
		at = zero;
	}
}

void kmemlab_frame_set_extents(const struct kmemlab_frame_set *set,
			       struct kmemlab_result *result)
{
	u64 pages = 0;
	size_t i;

	for (i = 0; i < set->chunk_count; i++) {
		if (set->chunks[i])
			chunk_extents(set->chunks[i], (u64)i * CHUNK_FRAMES, result, &pages);
		else
			end_extent(result, (u64)i * CHUNK_FRAMES, &pages);
		cond_resched();
	}
	end_extent(result, (u64)i * CHUNK_FRAMES, &pages);
}
