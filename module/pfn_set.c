// SPDX-License-Identifier: GPL-2.0-only
#include "pfn_set.h"

#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "util.h"

#define CHUNK_FRAMES	(PAGE_SIZE * BITS_PER_BYTE)

/**
 * kmemlab_frames_end() - end of physical memory
 *
 * Return: the largest PFN plus 1.
 */
unsigned long kmemlab_frames_end(void)
{
	unsigned long end = 0;
	int node;

	for_each_online_node(node)
		end = max(end, pgdat_end_pfn(NODE_DATA(node)));
	return end;
}

static size_t pfn_set_chunks_for(unsigned long frames)
{
	return DIV_ROUND_UP(frames, CHUNK_FRAMES);
}

/*
 * Call @fn for each chunk that contains memory, for some chunks twice, and return the
 * sum of its results.
 */
static size_t pfn_set_visit_chunks(struct kmemlab_pfn_set *set,
				   size_t (*fn)(struct kmemlab_pfn_set *set, size_t chunk))
{
	size_t sum = 0, chunk;
	int node, zone;

	for_each_online_node(node) {
		for (zone = 0; zone < MAX_NR_ZONES; zone++) {
			const struct zone *z = &NODE_DATA(node)->node_zones[zone];

			if (!z->spanned_pages)
				continue;
			for (chunk = z->zone_start_pfn / CHUNK_FRAMES;
			     chunk < pfn_set_chunks_for(zone_end_pfn(z)); chunk++)
				sum += fn(set, chunk);
		}
	}
	return sum;
}

static size_t pfn_set_count_chunk(struct kmemlab_pfn_set *set, size_t chunk)
{
	return 1;
}

static size_t pfn_set_create_chunk(struct kmemlab_pfn_set *set, size_t chunk)
{
	if (chunk >= set->chunk_count)
		return 1;
	if (!set->chunks[chunk])
		set->chunks[chunk] = (unsigned long *)get_zeroed_page(GFP_KERNEL);
	return !set->chunks[chunk];
}

/**
 * kmemlab_pfn_set_bookkeeping() - memory that a set takes
 *
 * Return: maximum number of bytes.
 */
u64 kmemlab_pfn_set_bookkeeping(void)
{
	return (u64)pfn_set_visit_chunks(NULL, pfn_set_count_chunk) * PAGE_SIZE +
	       pfn_set_chunks_for(kmemlab_frames_end()) * sizeof(unsigned long *);
}

/**
 * kmemlab_pfn_set_create() - create an empty set
 * @set: initialized
 *
 * Return: 0 or -ENOMEM.
 */
int kmemlab_pfn_set_create(struct kmemlab_pfn_set *set)
{
	set->frames = 0;
	set->slab_frames = 0;
	set->chunk_count = pfn_set_chunks_for(kmemlab_frames_end());
	set->chunks = kmemlab_kvarray_create(set->chunk_count, sizeof(*set->chunks));
	if (!set->chunks)
		return -ENOMEM;
	if (!pfn_set_visit_chunks(set, pfn_set_create_chunk))
		return 0;
	kmemlab_pfn_set_destroy(set);
	return -ENOMEM;
}

/**
 * kmemlab_pfn_set_destroy() - free the memory of a set
 * @set: created set
 */
void kmemlab_pfn_set_destroy(struct kmemlab_pfn_set *set)
{
	size_t i;

	for (i = 0; i < set->chunk_count; i++)
		free_page((unsigned long)set->chunks[i]);
	kvfree(set->chunks);
}

/**
 * kmemlab_pfn_set_clear() - remove all frames
 * @set: created set
 */
void kmemlab_pfn_set_clear(struct kmemlab_pfn_set *set)
{
	size_t i;

	for (i = 0; i < set->chunk_count; i++) {
		if (set->chunks[i])
			clear_page(set->chunks[i]);
		cond_resched();
	}
	set->frames = 0;
	set->slab_frames = 0;
}

static bool pfn_set_has_chunk(const struct kmemlab_pfn_set *set, unsigned long pfn)
{
	return pfn / CHUNK_FRAMES < set->chunk_count && set->chunks[pfn / CHUNK_FRAMES];
}

/* Return false if the set already contains the frame. */
static bool pfn_set_add_frame(struct kmemlab_pfn_set *set, unsigned long pfn, bool slab)
{
	if (__test_and_set_bit(pfn % CHUNK_FRAMES, set->chunks[pfn / CHUNK_FRAMES]))
		return false;
	set->frames++;
	set->slab_frames += slab;
	return true;
}

/**
 * kmemlab_pfn_set_add() - add a frame and the compound page that contains it
 * @set: created set
 * @pfn: frame in use by the owner of the set
 * @slab: the slab counters include the frame even if it does not belong to a slab
 *
 * Return: 0, or -ERANGE if @pfn is outside of memory.
 */
int kmemlab_pfn_set_add(struct kmemlab_pfn_set *set, unsigned long pfn, bool slab)
{
	struct page *head;
	unsigned long end;

	if (!pfn_set_has_chunk(set, pfn))
		return -ERANGE;
	head = compound_head(pfn_to_page(pfn));
	slab = slab || PageSlab(head);
	if (!pfn_set_add_frame(set, pfn, slab) || !PageHead(head))
		return 0;
	pfn = page_to_pfn(head);
	for (end = pfn + (1UL << compound_order(head)); pfn < end; pfn++)
		if (pfn_set_has_chunk(set, pfn))
			pfn_set_add_frame(set, pfn, slab);
	return 0;
}

/* Count the largest buddy blocks that fit into the @pages frames before @end. */
static void extent_count_aligned(struct kmemlab_result *result, u64 end, u64 pages)
{
	u64 pfn = end - pages;

	while (pfn < end) {
		unsigned int order = ilog2(end - pfn);

		if (pfn)
			order = min_t(unsigned int, order, __ffs64(pfn));
		order = min_t(unsigned int, order, KMEMLAB_ORDERS_MAX - 1);
		result->aligned_by_order[order]++;
		pfn += 1ULL << order;
	}
}

/* Count an extent of @pages frames before @end. */
static void extent_finish(struct kmemlab_result *result, u64 end, u64 *pages)
{
	if (!*pages)
		return;
	extent_count_aligned(result, end, *pages);
	result->extents++;
	result->largest_extent_bytes = max_t(u64, result->largest_extent_bytes,
					     *pages << PAGE_SHIFT);
	result->extents_by_order[min_t(unsigned int, ilog2(*pages), KMEMLAB_ORDERS_MAX - 1)]++;
	*pages = 0;
}

/* An extent can continue in the next chunk: @pages is the length of the open one. */
static void extent_scan_chunk(const unsigned long *chunk, u64 base,
			      struct kmemlab_result *result, u64 *pages)
{
	unsigned long pos = 0, zero;

	while (pos < CHUNK_FRAMES) {
		unsigned long one = find_next_bit(chunk, CHUNK_FRAMES, pos);

		if (one > pos)
			extent_finish(result, base + pos, pages);
		if (one >= CHUNK_FRAMES)
			return;
		zero = find_next_zero_bit(chunk, CHUNK_FRAMES, one);
		*pages += zero - one;
		pos = zero;
	}
}

/**
 * kmemlab_pfn_set_extents() - find the runs of consecutive frames
 * @set: created set
 * @result: the extent fields are filled in
 */
void kmemlab_pfn_set_extents(const struct kmemlab_pfn_set *set, struct kmemlab_result *result)
{
	u64 pages = 0;
	size_t i;

	for (i = 0; i < set->chunk_count; i++) {
		if (set->chunks[i])
			extent_scan_chunk(set->chunks[i], (u64)i * CHUNK_FRAMES, result, &pages);
		else
			extent_finish(result, (u64)i * CHUNK_FRAMES, &pages);
		cond_resched();
	}
	extent_finish(result, (u64)i * CHUNK_FRAMES, &pages);
}
