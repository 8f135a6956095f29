// SPDX-License-Identifier: GPL-2.0-or-later
/* The fields of a result's "refusal": the memory when an allocation failed. */
#include "runner/record_fields.h"

#include "runner/experiment_run.h"
#include "runner/record_writer.h"

static const char *const retries[] = { "same", "unaccounted", "sleeping", "mapping", NULL };

static void write_refused_order(struct record_writer *w, const struct field *field,
				const void *value)
{
	const uint32_t order = *(const uint32_t *)value;

	writer_unsigned(w, field->name, order == KMEMLAB_NO_ORDER ? NO_COUNT : order);
}

static void write_unless_zero(struct record_writer *w, const struct field *field,
			      const void *value)
{
	const uint64_t bytes = *(const uint64_t *)value;

	writer_unsigned(w, field->name, bytes ? bytes : NO_COUNT);
}

static void write_free_blocks(struct record_writer *w, const struct field *field,
			      const void *value)
{
	const struct kmemlab_refusal_zone *zone = value;

	writer_open(w, field->name, '[');
	for (uint32_t i = 0; i < zone->orders && i < KMEMLAB_REFUSAL_ORDERS_MAX; i++)
		writer_unsigned(w, NULL, zone->free_blocks[i]);
	writer_close(w, ']');
}

static void write_refusal_zones(struct record_writer *w, const struct field *field,
				const void *value)
{
	const struct kmemlab_refusal *refusal = value;
	const uint32_t count = refusal->zones_count;

	write_groups(w, field, refusal->zones,
		     count < KMEMLAB_REFUSAL_ZONES_MAX ? count : KMEMLAB_REFUSAL_ZONES_MAX,
		     sizeof(*refusal->zones));
}

#define ZONE(member, kind) FIELD_OF(kmemlab_refusal_zone, member, #member, kind)

static const struct field refusal_zone_fields[] = {
	{ ZONE(name, FIELD_TEXT), .doc = "name of the zone" },
	{ ZONE(node, FIELD_COUNT), .doc = "its NUMA node" },
	{ ZONE(managed_pages, FIELD_COUNT), .doc = "pages of the zone" },
	{ ZONE(free_pages, FIELD_COUNT), .doc = "free pages in the page allocator's blocks" },
	{ ZONE(unusable_pages, FIELD_COUNT),
	  .doc = "of these: pages that the request may not use, in blocks of CMA or for atomic "
		 "requests" },
	{ ZONE(cma_pages, FIELD_COUNT), .doc = "of `free_pages`: pages of CMA" },
	{ ZONE(listed_pages, FIELD_COUNT),
	  .doc = "free pages in the lists of the CPUs, not in `free_pages`" },
	{ ZONE(mark_pages, FIELD_COUNT), .doc = "lowest watermark that applies to the request" },
	{ ZONE(reserve_pages, FIELD_COUNT),
	  .doc = "pages kept for requests that no higher zone can serve" },
	{ .name = "free_blocks", .type = FIELD_COUNTS, .write = write_free_blocks,
	  .doc = "element n: free blocks of 2^n pages that the request may use" },
	{ 0 }
};

#define REFUSAL(member, kind) \
	FIELD_OF(experiment_run, refusal.member, #member, kind)

const struct field refusal_fields[] = {
	{ REFUSAL(order, FIELD_COUNT), .max = 51, .write = write_refused_order,
	  .null_if = "the facility takes memory that was allocated in advance or given page "
		     "frames, or could not be prepared, as `populated_only`, or for devices if "
		     "not the page allocator but CMA or a pool may have been asked",
	  .doc = "order of the smallest block of pages that could have served the request" },
	{ REFUSAL(retried, FIELD_TEXTS), .choices = retries,
	  .doc = "the request was repeated, at once or, in a `ramp`, when its memory had been "
		 "measured: `same`, `unaccounted` (not charged to a memory cgroup; only if objects "
		 "do not share pages), `sleeping` (allowed to sleep and to reclaim). Not if that "
		 "might invoke the OOM killer, for bulk calls, or if the facility could not be "
		 "prepared. `mapping`: one page was mapped as often as the request needs "
		 "addresses, if there was enough memory for the page tables" },
	{ REFUSAL(granted, FIELD_TEXTS), .choices = retries,
	  .doc = "those of `retried` that succeeded" },
	{ REFUSAL(vmalloc_bytes, FIELD_COUNT), .unit = "bytes", .write = write_unless_zero,
	  .null_if = "the request needs no addresses of the vmalloc area",
	  .doc = "size of the vmalloc area" },
	{ REFUSAL(vmalloc_gap_bytes, FIELD_COUNT), .unit = "bytes", .write = write_unless_zero,
	  .null_if = "as `vmalloc_bytes`",
	  .doc = "longest run of its addresses that is not mapped. A part of it may be reserved: "
		 "no free range is longer" },
	{ REFUSAL(vmalloc_needed_bytes, FIELD_COUNT), .unit = "bytes", .write = write_unless_zero,
	  .null_if = "as `vmalloc_bytes`",
	  .doc = "consecutive addresses that the request needs, with the guard page" },
	{ REFUSAL(vmalloc_range_bytes, FIELD_COUNT), .unit = "bytes", .write = write_unless_zero,
	  .null_if = "`mapping` is not in `retried`",
	  .doc = "longest range that could be mapped, up to the needed one, with the guard page" },
	{ REFUSAL(populated_only, FIELD_FLAG),
	  .doc = "the request must not sleep, and so may only use per-CPU pages that are "
		 "populated already" },
	{ REFUSAL(cma, FIELD_FLAG),
	  .doc = "CMA, which had free pages, was asked before the page allocator or, on 32-bit "
		 "ARM, instead of it" },
	{ REFUSAL(zones_count, FIELD_COUNT),
	  .doc = "zones that serve such a request; the first 16 of them are in `zones`" },
	{ .name = "zones", .type = FIELD_GROUPS, .members = refusal_zone_fields,
	  .offset = offsetof(struct experiment_run, refusal),
	  .write = write_refusal_zones,
	  .doc = "see below. The request fails if, in each zone, `free_pages` - "
		 "`unusable_pages` - 2^`order` + 1 is at most `mark_pages` + `reserve_pages`, or "
		 "no block of `order` or more is in `free_blocks`. An object of the vmalloc area "
		 "also fails if it needs more pages than all zones together have above "
		 "`mark_pages` + `reserve_pages` and in `listed_pages`" },
	{ 0 }
};
