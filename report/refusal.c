// SPDX-License-Identifier: GPL-2.0-or-later
/* Cause of a refused allocation, from the state of the memory at that moment. */
#include "results.h"

#include <limits.h>
#include <string.h>

#include "base/json_path.h"
#include "base/strbuf.h"
#include "format.h"

/* Zones to name in a line */
#define ZONES_MAX	4

/* Fewest page table entries in a page, and pages for the tables above */
#define TABLE_ENTRIES	512
#define UPPER_TABLES	4

#define UNKNOWN_CAUSE	"the figures do not show why"

/* The pages that could have served the request. */
struct need {
	long long order;	/* of one block; negative: unknown */
	long long pages;	/* single ones if order is 0 */
};

/* A zone as the page allocator's two checks see it. */
struct zone_check {
	bool low;	/* too few pages are above the watermark */
	bool lacks;	/* no block of the order is free */
};

static bool has_retry(const json_t *refusal, const char *list, const char *retry)
{
	return json_has_text(json_at(refusal, list), retry);
}

static long long free_blocks(const json_t *zone, size_t order)
{
	return json_integer_value(json_array_get(json_at(zone, "free_blocks"), order));
}

/* Return the number of orders up to that of the largest free block. */
static size_t free_orders(const json_t *zone)
{
	size_t orders = json_array_size(json_at(zone, "free_blocks"));

	while (orders && !free_blocks(zone, orders - 1))
		orders--;
	return orders;
}

static long long usable_pages(const json_t *zone)
{
	return json_int(zone, "free_pages", 0) - json_int(zone, "unusable_pages", 0);
}

static long long limit_pages(const json_t *zone)
{
	return json_int(zone, "mark_pages", 0) + json_int(zone, "reserve_pages", 0);
}

/* Return the free pages above the limit. */
static long long pages_above(const json_t *zone)
{
	long long pages = usable_pages(zone) - limit_pages(zone);

	return pages > 0 ? pages : 0;
}

static struct zone_check check_zone(const json_t *zone, long long order)
{
	return (struct zone_check) {
		.low = usable_pages(zone) - limit_pages(zone) < 1LL << order,
		.lacks = free_orders(zone) <= (size_t)order,
	};
}

/*
 * Return what the request needs. A mapped object needs single pages, and addresses for them
 * and for a guard page.
 */
static struct need find_need(const json_t *refusal, long long page_size)
{
	long long order = json_int(refusal, "order", -1);
	long long mapped = json_int(refusal, "vmalloc_needed_bytes", 0);

	return (struct need) {
		.order = order,
		.pages = !order && mapped && page_size > 0 ? mapped / page_size - 1 : 1,
	};
}

/* Return true if the figures of all zones are known that serve the request. */
static bool has_all_zones(const json_t *refusal)
{
	size_t known = json_array_size(json_at(refusal, "zones"));

	return known && (long long)known >= json_int(refusal, "zones_count", 0);
}

/* Return the number of single pages that the zones can serve at most. */
static long long available_pages(const json_t *zones)
{
	long long pages = 0;
	json_t *zone;
	size_t i;

	json_array_foreach(zones, i, zone)
		pages += pages_above(zone) + json_int(zone, "listed_pages", 0);
	return pages;
}

/* Return true if the page allocator has no blocks of the order at all. */
static bool order_is_too_large(const json_t *refusal, long long order)
{
	const json_t *zone = json_array_get(json_at(refusal, "zones"), 0);

	return order >= (long long)json_array_size(json_at(zone, "free_blocks"));
}

/* Return the cause that the figures of all zones prove, or NULL. */
static const char *zones_cause(const json_t *refusal, const struct need *need)
{
	const json_t *zones = json_at(refusal, "zones");
	bool only_low = false, only_lacks = false;
	json_t *zone;
	size_t i;

	if (!has_all_zones(refusal))
		return NULL;
	if (order_is_too_large(refusal, need->order))
		return "larger than any block of the page allocator";
	if (need->pages > 1 && available_pages(zones) < need->pages)
		return "too little free memory";
	json_array_foreach(zones, i, zone) {
		struct zone_check check = check_zone(zone, need->order);

		if (!check.low && !check.lacks)
			return NULL;
		only_low |= check.low && !check.lacks;
		only_lacks |= check.lacks && !check.low;
	}
	if (!only_lacks)
		return "too little free memory";
	return only_low ? "fragmentation, and too little free memory" : "fragmentation";
}

static bool has_several_nodes(const json_t *zones)
{
	long long first = json_int(json_array_get(zones, 0), "node", 0);
	json_t *zone;
	size_t i;

	json_array_foreach(zones, i, zone)
		if (json_int(zone, "node", 0) != first)
			return true;
	return false;
}

static void add_free(struct strbuf *line, const json_t *zone)
{
	long long free = json_int(zone, "free_pages", 0), usable = usable_pages(zone);

	if (usable == free)
		strbuf_addf(line, "%s free", format_counted(free, "page").text);
	else
		strbuf_addf(line, "%s of %s usable", format_count(usable).text,
			    format_counted(free, "free page").text);
}

static void add_limit(struct strbuf *line, const json_t *zone)
{
	long long reserve = json_int(zone, "reserve_pages", 0);

	strbuf_addf(line, "watermark %s", format_count(json_int(zone, "mark_pages", 0)).text);
	if (reserve)
		strbuf_addf(line, " + reserve %s", format_count(reserve).text);
}

/* Add the figures that decide about a zone. */
static void add_zone(struct strbuf *line, const json_t *zone, const struct need *need)
{
	struct zone_check check = check_zone(zone, need->order);
	long long order = need->order, listed = json_int(zone, "listed_pages", 0);
	size_t orders = free_orders(zone);

	add_free(line, zone);
	if (check.low && order)
		strbuf_addf(line, ", fewer than %s above ", format_count(1LL << order).text);
	else if (check.low)
		strbuf_addstr(line, ", not above ");
	else if (need->pages > 1)
		strbuf_addf(line, ", %s above ", format_count(pages_above(zone)).text);
	else if (!check.lacks)
		strbuf_addstr(line, ", enough above ");
	if (check.low || !check.lacks || need->pages > 1)
		add_limit(line, zone);
	if (need->pages > 1 && listed)
		strbuf_addf(line, ", %s in lists of CPUs", format_count(listed).text);
	if (order && check.lacks && orders)
		strbuf_addf(line, ", no block of order %lld or more (largest: order %zu, %s)",
			    order, orders - 1,
			    format_counted(free_blocks(zone, orders - 1), "block").text);
	else if (order && !check.lacks && !check.low)
		strbuf_addf(line, ", largest block of order %zu", orders - 1);
}

static void add_zones(struct strbuf *line, const json_t *refusal, const struct need *need)
{
	const json_t *zones = json_at(refusal, "zones");
	bool several = has_several_nodes(zones);
	json_t *zone;
	size_t i;

	json_array_foreach(zones, i, zone) {
		if (i == ZONES_MAX) {
			strbuf_addf(line, "; and %lld more zones",
				    json_int(refusal, "zones_count", 0) - ZONES_MAX);
			break;
		}
		strbuf_addf(line, "; %s", json_str(zone, "name", "-"));
		if (several)
			strbuf_addf(line, " of node %lld", json_int(zone, "node", 0));
		strbuf_addstr(line, ": ");
		add_zone(line, zone, need);
	}
}

/* Add the free pages of CMA. The kernel does not export why CMA refused. */
static void add_cma(struct strbuf *line, const json_t *refusal)
{
	const json_t *zones = json_at(refusal, "zones");
	long long pages = 0;
	json_t *zone;
	size_t i;

	if (!json_flag(refusal, "cma"))
		return;
	json_array_foreach(zones, i, zone)
		pages += json_int(zone, "cma_pages", 0);
	strbuf_addf(line, "; CMA refused first, with %s free",
		    format_counted(pages, "page").text);
}

/*
 * Return true if a zone has memory for a mapping: for its page tables, and for the array of its
 * pages, which is as large. The kernel maps this memory permanently.
 */
static bool has_pages_for_tables(const json_t *refusal, long long page_size)
{
	const long long pages = page_size > 0 ?
		json_int(refusal, "vmalloc_needed_bytes", 0) / page_size : LLONG_MAX / 2;
	const json_t *zones = json_at(refusal, "zones");
	json_t *zone;
	size_t i;

	json_array_foreach(zones, i, zone) {
		const char *name = json_str(zone, "name", "");

		if (pages_above(zone) >= 2 * pages / TABLE_ENTRIES + UPPER_TABLES &&
		    strcmp(name, "HighMem") && strcmp(name, "Movable"))
			return true;
	}
	return false;
}

/* Add the longest free range of vmalloc addresses. Return false if it is not known to be short. */
static bool add_short_range(struct strbuf *line, const json_t *refusal, long long page_size)
{
	long long range = json_int(refusal, "vmalloc_gap_bytes", 0);
	bool mapped = has_retry(refusal, "retried", "mapping") &&
		      has_pages_for_tables(refusal, page_size);

	/* A part of the gap may be reserved. */
	if (mapped)
		range = json_int(refusal, "vmalloc_range_bytes", 0);
	if (range >= json_int(refusal, "vmalloc_needed_bytes", 0) ||
	    has_retry(refusal, "granted", "same") || has_retry(refusal, "granted", "mapping"))
		return false;
	strbuf_addf(line, "vmalloc address space: %s of addresses needed, ",
		    format_counted(json_int(refusal, "vmalloc_needed_bytes", 0), "byte").text);
	strbuf_addf(line, "the longest free range of the %s has %s%s",
		    format_memory(json_int(refusal, "vmalloc_bytes", 0)).text,
		    mapped ? "" : "at most ", format_counted(range, "byte").text);
	return true;
}

/*
 * Add which repeated request succeeded. Memory may have become free before, and a request that
 * is not charged may be served from another slab cache: neither proves a cause.
 */
static bool add_granted(struct strbuf *line, const json_t *refusal)
{
	if (has_retry(refusal, "granted", "same"))
		strbuf_addstr(line, UNKNOWN_CAUSE ": repeated, the request succeeded");
	else if (has_retry(refusal, "granted", "unaccounted"))
		strbuf_addstr(line, UNKNOWN_CAUSE
			      ": not charged to a memory cgroup, the same request succeeded");
	else if (has_retry(refusal, "granted", "sleeping"))
		strbuf_addf(line, "it must not sleep%s: allowed to sleep, the same request succeeded",
			    json_flag(refusal, "populated_only") ?
			    ", and the populated per-CPU pages have no room" : "");
	else
		return false;
	return true;
}

static void add_need(struct strbuf *line, const json_t *refusal, const struct need *need)
{
	if (need->order)
		strbuf_addf(line, ": block of order %lld needed", need->order);
	else if (need->pages > 1)
		strbuf_addf(line, ": %s single pages needed", format_count(need->pages).text);
	else
		strbuf_addstr(line, ": single pages needed");
	if (need->pages > 1 && has_all_zones(refusal))
		strbuf_addf(line, ", at most %s available",
			    format_count(available_pages(json_at(refusal, "zones"))).text);
}

static void add_pages(struct strbuf *line, const json_t *refusal, long long page_size)
{
	const struct need need = find_need(refusal, page_size);
	const char *cause = need.order < 0 ? NULL : zones_cause(refusal, &need);

	if (!cause && add_granted(line, refusal))
		return;
	strbuf_addstr(line, cause ? cause : UNKNOWN_CAUSE);
	if (need.order < 0)
		return;
	add_need(line, refusal, &need);
	if (!order_is_too_large(refusal, need.order))
		add_zones(line, refusal, &need);
	add_cma(line, refusal);
}

char *refusal_text(const json_t *refusal, long long page_size)
{
	struct strbuf line = STRBUF_INIT;

	if (!json_is_object(refusal))
		return NULL;
	if (!add_short_range(&line, refusal, page_size))
		add_pages(&line, refusal, page_size);
	return strbuf_detach(&line);
}
