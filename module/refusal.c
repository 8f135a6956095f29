// SPDX-License-Identifier: GPL-2.0-only
/*
 * State of the memory at the moment when an allocation was refused. User space decides what
 * the figures prove. Where they cannot be exact, they are on the side that proves less.
 */
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "budget.h"
#include "internal.h"
#include "object_set.h"

/* Blocks to count in a list of the page allocator with its lock held */
#define LIST_BLOCKS_MAX	100000

/* Page tables of the higher levels, and one at each end of a range */
#define TABLES_ABOVE	8

/**
 * struct refusal_request - what was refused
 * @gfp: allocation flags, with the zones
 * @refusal: filled in
 */
struct refusal_request {
	gfp_t gfp;
	struct kmemlab_refusal *refusal;
};

static bool refusal_may_use(gfp_t gfp, unsigned int migrate_type)
{
#ifdef CONFIG_CMA
	if (migrate_type == MIGRATE_CMA)
		return gfp & __GFP_MOVABLE;
#endif
	if (migrate_type == MIGRATE_HIGHATOMIC)
		return (gfp & __GFP_HIGH) || !(gfp & __GFP_DIRECT_RECLAIM);
	return migrate_type < MIGRATE_PCPTYPES;
}

/* Return the lowest watermark that any supported kernel applies before it refuses. */
static u64 refusal_mark(const struct zone *zone, gfp_t gfp)
{
	u64 mark = zone->_watermark[WMARK_MIN];

	if (!(gfp & __GFP_HIGH))
		return min_wmark_pages(zone);
	mark -= mark / 2;
	return gfp & __GFP_DIRECT_RECLAIM ? mark : mark - mark / 4;
}

/* Return the number of free blocks, counted up to a limit. */
static unsigned long refusal_count_list(const struct list_head *list)
{
	const struct list_head *pos;
	unsigned long blocks = 0;

	list_for_each(pos, list) {
		if (++blocks == LIST_BLOCKS_MAX)
			break;
	}
	return blocks;
}

/*
 * The lists that the request may not use are short: subtract them. Isolated blocks are in a
 * list, but not in the number of free pages.
 */
static void refusal_read_order(struct kmemlab_refusal_zone *to, const struct free_area *area,
			       unsigned int order, gfp_t gfp)
{
	unsigned long blocks = area->nr_free, unusable;
	unsigned int type;

	for (type = MIGRATE_PCPTYPES; type < MIGRATE_TYPES; type++) {
		if (refusal_may_use(gfp, type))
			continue;
		unusable = refusal_count_list(&area->free_list[type]);
		blocks -= min(blocks, unusable);
		if (is_migrate_cma(type) || type == MIGRATE_HIGHATOMIC)
			to->unusable_pages += (u64)unusable << order;
	}
	to->free_blocks[order] = blocks;
}

static void refusal_read_zone(struct zone *zone, enum zone_type highest, void *context)
{
	const struct refusal_request *request = context;
	struct kmemlab_refusal *refusal = request->refusal;
	struct kmemlab_refusal_zone *to = &refusal->zones[refusal->zones_count];
	unsigned long flags;
	unsigned int order;

	/* Without all zones nothing is proven: the count says that there are more. */
	if (refusal->zones_count++ >= KMEMLAB_REFUSAL_ZONES_MAX)
		return;
	strscpy(to->name, zone->name, sizeof(to->name));
	to->node = zone_to_nid(zone);
	to->managed_pages = zone_managed_pages(zone);
	to->cma_pages = zone_page_state(zone, NR_FREE_CMA_PAGES);
	to->listed_pages = kmemlab_zone_listed(zone);
	to->mark_pages = refusal_mark(zone, request->gfp);
	to->reserve_pages = zone->lowmem_reserve[highest];
	to->orders = KMEMLAB_MAX_ORDER + 1;
	spin_lock_irqsave(&zone->lock, flags);
	to->free_pages = zone_page_state(zone, NR_FREE_PAGES);
	for (order = 0; order < to->orders; order++)
		refusal_read_order(to, &zone->free_area[order], order, request->gfp);
	spin_unlock_irqrestore(&zone->lock, flags);
}

static void refusal_read_vmalloc(struct kmemlab_refusal *refusal, size_t size)
{
	if (kmemlab_vmalloc_gap(&refusal->vmalloc_gap_bytes))
		return;
	refusal->vmalloc_bytes = round_up(VMALLOC_END - VMALLOC_START, PAGE_SIZE);
	refusal->vmalloc_needed_bytes = (u64)PAGE_ALIGN(size) + PAGE_SIZE;
}

/* Read the zones for pages of the set; mapped pages can be in high memory. */
static void refusal_read_zones(const struct kmemlab_object_set *set)
{
	const struct kmemlab_facility_ops *facility = set->facility;
	struct refusal_request request = {
		.gfp = set->ctx.gfp | set->ctx.zones, .refusal = set->refusal,
	};

	if (!(facility->capabilities & KMEMLAB_CAP_CONTIGUOUS) && !(request.gfp & GFP_ZONEMASK))
		request.gfp |= __GFP_HIGHMEM;
	kmemlab_zones_serving(request.gfp, refusal_read_zone, &request);
}

/* CMA serves devices, if the request may sleep and is larger than a page. */
static bool refusal_asks_cma(const struct kmemlab_object_set *set)
{
	const struct kmemlab_refusal *refusal = set->refusal;
	unsigned int i;

	if (!IS_ENABLED(CONFIG_DMA_CMA) || !(set->facility->capabilities & KMEMLAB_CAP_DMA) ||
	    !(set->ctx.gfp & __GFP_DIRECT_RECLAIM) || set->ctx.object_size <= PAGE_SIZE)
		return false;
	for (i = 0; i < min_t(u32, refusal->zones_count, KMEMLAB_REFUSAL_ZONES_MAX); i++)
		if (refusal->zones[i].cma_pages)
			return true;
	return false;
}

static void refusal_read(const struct kmemlab_object_set *set)
{
	const struct kmemlab_facility_ops *facility = set->facility;
	const struct kmemlab_facility_ctx *ctx = &set->ctx;

	refusal_read_zones(set);
	if (facility->vmalloc_size_min && ctx->object_size >= facility->vmalloc_size_min)
		refusal_read_vmalloc(set->refusal, ctx->object_size);
	set->refusal->cma = refusal_asks_cma(set);
}

/*
 * For a device, 32-bit ARM asks CMA instead of the page allocator. Where devices are not
 * coherent, a pool serves the requests that must not sleep.
 */
static bool refusal_bypasses_pages(const struct kmemlab_object_set *set)
{
	return (set->facility->capabilities & KMEMLAB_CAP_DMA) &&
	       (IS_ENABLED(CONFIG_ARM) || !(set->ctx.gfp & __GFP_DIRECT_RECLAIM));
}

/*
 * Return the order of the smallest block that can serve an operation. An allocator that
 * prefers larger blocks tries this one last.
 */
static unsigned int refusal_order(const struct kmemlab_object_set *set)
{
	if (set->facility->preallocates || set->refusal->populated_only ||
	    refusal_bypasses_pages(set))
		return KMEMLAB_NO_ORDER;
	if (set->facility->plan)
		return set->ctx.order;
	if (set->facility->capabilities & KMEMLAB_CAP_CONTIGUOUS)
		return get_order(set->ctx.object_size);
	return 0;
}

/* Repeat the refused request with other flags, without samples. */
static void refusal_retry(struct kmemlab_object_set *set, unsigned int retry, gfp_t gfp)
{
	struct kmemlab_facility_ctx ctx = set->ctx;

	ctx.gfp = gfp & ~set->facility->gfp_ignored;
	set->refusal->retried |= retry;
	kmemlab_trace_mark(KMEMLAB_MARK_PAUSE);
	set->untimed = true;
	if (set->facility->alloc_n(&ctx, set->operations, 1)) {
		set->facility->free_n(&ctx, set->operations, 1);
		set->refusal->granted |= retry;
	}
	set->untimed = false;
	kmemlab_trace_mark(KMEMLAB_MARK_RESUME);
}

/* Objects that are not charged may come from other pages, with room for more. */
static bool refusal_shares_pages(const struct kmemlab_facility_ops *facility)
{
	return facility->capabilities & KMEMLAB_CAP_SHARED_FRAMES;
}

static bool refusal_map(struct page **pages, unsigned int count)
{
	void *address = vmap(pages, count, VM_MAP, PAGE_KERNEL);

	if (address)
		vunmap(address);
	return address;
}

/* Return the largest number of pages, below @count, that can be mapped. */
static unsigned int refusal_map_most(struct page **pages, unsigned int count)
{
	unsigned int low = 1, high = count - 1;

	while (low < high) {
		const unsigned int middle = high - (high - low) / 2;

		if (refusal_map(pages, middle))
			low = middle;
		else
			high = middle - 1;
		cond_resched();
	}
	return low;
}

/*
 * vmap() may invoke the OOM killer for its page tables. Return true if there are enough free pages
 * for these, and for as many of the array of pages, even if each attempt takes new ones.
 */
static bool refusal_may_map(unsigned int count)
{
	const u64 pages = 2 * DIV_ROUND_UP(count, PTRS_PER_PTE) + TABLES_ABOVE;

	return kmemlab_pages_above_watermarks(GFP_KERNEL) > pages * (ilog2(count) + 2);
}

/*
 * Map one page as often as needed to take the addresses of the request, but no memory. That
 * it can be mapped once shows that the records of a mapping can be allocated.
 */
static void refusal_retry_mapping(struct kmemlab_refusal *refusal)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	const unsigned int count = (refusal->vmalloc_needed_bytes >> PAGE_SHIFT) - 1;
	unsigned int i, most = count;
	struct page **pages;
	struct page *page;

	if (count == 1 || !refusal_may_map(count))
		return;
	page = alloc_page(gfp);
	pages = kvmalloc_array(count, sizeof(*pages), gfp);
	if (!page || !pages)
		goto free;
	for (i = 0; i < count; i++)
		pages[i] = page;
	if (!refusal_map(pages, 1))
		goto free;
	refusal->retried |= KMEMLAB_RETRY_MAPPING;
	if (refusal_map(pages, count))
		refusal->granted |= KMEMLAB_RETRY_MAPPING;
	else
		most = refusal_map_most(pages, count);
	refusal->vmalloc_range_bytes = (u64)(most + 1) << PAGE_SHIFT;
	vm_unmap_aliases();
free:
	kvfree(pages);
	if (page)
		__free_page(page);
}

/*
 * A request that may reclaim memory without __GFP_NORETRY, which vmap() does not take, may kill a
 * process before it is refused. One object of a bulk call is a smaller request than the call.
 */
static bool refusal_may_repeat(const struct kmemlab_object_set *set)
{
	const struct kmemlab_facility_ops *facility = set->facility;

	return ((set->ctx.gfp & __GFP_NORETRY) || !(set->ctx.gfp & __GFP_DIRECT_RECLAIM)) &&
	       !facility->vmalloc_size_min && !(set->bulk && facility->bulk_alloc);
}

/* Some facilities never sleep, or sleep until others free. */
static bool refusal_may_sleep(const struct kmemlab_facility_ops *facility)
{
	return !(facility->gfp_ignored & __GFP_DIRECT_RECLAIM) && !facility->waits_for_frees;
}

/**
 * kmemlab_refusal_retry() - repeat a refused request in other ways, which may change the memory
 * @set: object set with its live objects
 */
void kmemlab_refusal_retry(struct kmemlab_object_set *set)
{
	const gfp_t gfp = set->ctx.gfp;

	if (!set->refused || set->refusal->retried || signal_pending(current))
		return;
	if (set->refusal->vmalloc_bytes)
		refusal_retry_mapping(set->refusal);
	if (!refusal_may_repeat(set))
		return;
	refusal_retry(set, KMEMLAB_RETRY_SAME, gfp);
	if ((gfp & __GFP_ACCOUNT) && !refusal_shares_pages(set->facility))
		refusal_retry(set, KMEMLAB_RETRY_UNACCOUNTED, gfp & ~__GFP_ACCOUNT);
	if (!(gfp & __GFP_DIRECT_RECLAIM) && refusal_may_sleep(set->facility))
		refusal_retry(set, KMEMLAB_RETRY_SLEEPING, (gfp & ~GFP_ATOMIC) | GFP_KERNEL);
}

/* Only the first refusal is recorded, and none that a signal caused. */
static bool refusal_begin(struct kmemlab_object_set *set)
{
	set->refused = !signal_pending(current) && !cmpxchg(&set->refusal->known, 0, 1);
	return set->refused;
}

/**
 * kmemlab_refusal_record() - record the memory after an allocation of the set failed
 * @set: object set with its live objects
 */
void kmemlab_refusal_record(struct kmemlab_object_set *set)
{
	if (!refusal_begin(set))
		return;
	set->refusal->populated_only = set->facility->copies &&
				       (set->ctx.gfp & GFP_KERNEL) != GFP_KERNEL;
	set->refusal->order = refusal_order(set);
	refusal_read(set);
	if (!set->keeps_refused)
		kmemlab_refusal_retry(set);
}

/**
 * kmemlab_refusal_record_prepare() - record the memory after preparing a facility failed
 * @set: object set without objects
 *
 * Preparing requests blocks of any order, with flags of its own.
 */
void kmemlab_refusal_record_prepare(struct kmemlab_object_set *set)
{
	if (!refusal_begin(set))
		return;
	set->refusal->order = KMEMLAB_NO_ORDER;
	refusal_read_zones(set);
}
