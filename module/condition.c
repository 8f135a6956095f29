// SPDX-License-Identifier: GPL-2.0-only
#include "experiment.h"

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "budget.h"
#include "compat/compat.h"
#include "util.h"

/* Pages between two checks for signals */
#define CHUNK_PAGES	1024

/* Pages that counters and per-CPU lists may hide */
#define LOW_SLACK_PAGES	256

#define FRAGMENTED	"fragmented:"

/**
 * kmemlab_condition_is_fresh() - check if a condition leaves the memory as it is
 * @name: valid name; empty for the default
 *
 * Return: true if it does.
 */
bool kmemlab_condition_is_fresh(const char *name)
{
	return !*name || !strcmp(name, "fresh");
}

/* Return K of "fragmented:K", or 0. */
static unsigned int condition_divisor(const char *name)
{
	return kmemlab_number_after(name, FRAGMENTED);
}

/**
 * kmemlab_condition_known() - check the name of a condition
 * @name: name; empty for the default
 *
 * Return: true if the name is valid.
 */
bool kmemlab_condition_known(const char *name)
{
	return kmemlab_condition_is_fresh(name) || !strcmp(name, "low") || condition_divisor(name);
}

/**
 * kmemlab_condition_more() - name what increases the budget under a condition
 * @name: valid name of the condition
 *
 * A smaller K may not suffice: of the memory, fragmented:K leaves the K-th part, and the
 * watermarks take some of it.
 *
 * Return: the text.
 */
const char *kmemlab_condition_more(const char *name)
{
	if (condition_divisor(name) <= 2)
		return kmemlab_budget_more();
	return kmemlab_throwaway_machine() ? "a smaller K or --memory" :
					     "a smaller K or --memory in a VM";
}

/* Fill the same zones as the experiment, without reclaim: only free memory is filled. */
static gfp_t condition_fill_gfp(gfp_t gfp)
{
	return (gfp & (GFP_ZONEMASK | __GFP_MOVABLE | __GFP_RECLAIMABLE)) | __GFP_NORETRY |
	       __GFP_NOWARN;
}

/* Allocate up to @pages single pages. Return 0 or -EINTR. */
static int condition_fill(struct kmemlab_condition *condition, gfp_t gfp, u64 pages)
{
	for (; pages; pages--) {
		struct page *page = alloc_page(gfp);

		if (!page)
			return 0;
		list_add_tail(&page->lru, &condition->pages);
		if ((u32)pages % CHUNK_PAGES)
			continue;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Free every page whose PFN is a multiple of @divisor: no two of them form a larger block. */
static void condition_free(struct kmemlab_condition *condition, unsigned int divisor)
{
	struct page *page, *next;
	unsigned int visited = 0;

	list_for_each_entry_safe(page, next, &condition->pages, lru) {
		if (page_to_pfn(page) % divisor == 0) {
			list_del(&page->lru);
			__free_page(page);
		}
		if (++visited % CHUNK_PAGES == 0)
			cond_resched();
	}
}

/*
 * The watermarks protect some memory from being filled, in large blocks. With single
 * pages free, these blocks become available: allocate and split them.
 */
static int condition_split_blocks(struct kmemlab_condition *condition, gfp_t gfp)
{
	unsigned int order, i;
	struct page *page;

	for (order = KMEMLAB_MAX_ORDER; order; order--) {
		while ((page = alloc_pages(gfp, order))) {
			split_page(page, order);
			for (i = 0; i < 1U << order; i++)
				list_add_tail(&page[i].lru, &condition->pages);
			if (signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
	return 0;
}

/*
 * KASAN may allocate a block of order 2 for a new stack trace with the caller's flags.
 * If these allow reclaim and no such block is free, the OOM killer runs.
 */
static bool condition_may_split_blocks(void)
{
	return kmemlab_throwaway_machine() && !IS_ENABLED(CONFIG_KASAN);
}

static int condition_reject(const char *name, gfp_t gfp, u64 pages, struct kmemlab_result *result)
{
	char shortage[KMEMLAB_BUDGET_TEXT_MAX];

	kmemlab_budget_describe(shortage, pages, gfp, kmemlab_budget_more());
	return kmemlab_reject(result, KMEMLAB_REASON_BUDGET, -ENOMEM,
			      "%s needs %s, and %s are reserved", name, shortage,
			      kmemlab_amount(kmemlab_budget_reserved()));
}

/* More memory would be filled as well: say what else prevents it. */
static int condition_reject_fragment(const char *name, u64 pages, struct kmemlab_result *result)
{
	if (!kmemlab_budget_may_be_all())
		return kmemlab_reject(result, KMEMLAB_REASON_BUDGET, -ENOMEM,
				      "%s fills all free memory: it requires a VM or the parameter budget_percent=100",
				      name);
	if (!pages)
		return kmemlab_reject(result, KMEMLAB_REASON_BUDGET, -ENOMEM,
				      "%s fills the free memory above the watermarks, and there is none",
				      name);
	return kmemlab_reject(result, KMEMLAB_REASON_BUDGET, -ENOMEM,
			      "%s fills all free memory, but other experiments use it: %s are reserved",
			      name, kmemlab_amount(kmemlab_budget_reserved()));
}

static int condition_fragment(struct kmemlab_condition *condition, const char *name, gfp_t gfp,
			      struct kmemlab_result *result)
{
	const unsigned int divisor = condition_divisor(name);
	const gfp_t fill_gfp = condition_fill_gfp(gfp);
	u64 pages;
	int err = kmemlab_budget_reserve_all(gfp, &pages);

	if (err)
		return condition_reject_fragment(name, pages, result);
	condition->reserved = pages;
	err = condition_fill(condition, fill_gfp, kmemlab_throwaway_machine() ? U64_MAX : pages);
	if (err)
		return err;
	condition_free(condition, divisor);
	if (!condition_may_split_blocks())
		return 0;
	/* Fill again, since others may have freed single pages meanwhile. */
	err = condition_split_blocks(condition, fill_gfp) ?:
	      condition_fill(condition, fill_gfp, U64_MAX);
	if (!err)
		condition_free(condition, divisor);
	return err;
}

/*
 * Free pages until @required pages are above the watermarks. Filling may have raised the
 * watermarks, since taking a block of another migrate type boosts them, and the per-CPU
 * lists keep some of the freed pages.
 */
static void condition_free_until(struct kmemlab_condition *condition, gfp_t gfp, u64 required)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &condition->pages, lru) {
		if (kmemlab_pages_above_watermarks(gfp) >= required)
			return;
		list_del(&page->lru);
		__free_page(page);
		cond_resched();
	}
}

static int condition_lower(struct kmemlab_condition *condition, const char *name, gfp_t gfp,
			   u64 pages, struct kmemlab_result *result)
{
	u64 above = kmemlab_pages_above_watermarks(gfp);
	u64 required = kmemlab_budget_required(pages);
	u64 fill = 0;
	int err;

	/* Not even all memory is enough for a budget of 0 percent. */
	if (required <= U64_MAX - LOW_SLACK_PAGES)
		required += LOW_SLACK_PAGES;
	if (above > required)
		fill = above - required;
	if (kmemlab_budget_reserve_free(fill, gfp))
		return condition_reject(name, gfp, fill, result);
	condition->reserved = fill;
	err = condition_fill(condition, condition_fill_gfp(gfp), fill);
	if (!err)
		condition_free_until(condition, gfp, required);
	return err;
}

/*
 * Release the reservation of the freed pages, and hold the rest. In a throwaway VM the
 * budget is a part of the memory that the condition leaves.
 */
static void condition_hold(struct kmemlab_condition *condition)
{
	const struct list_head *pos;
	u64 pages = 0;

	if (kmemlab_throwaway_machine()) {
		kmemlab_budget_release(condition->reserved);
		condition->reserved = 0;
		return;
	}
	list_for_each(pos, &condition->pages) {
		if (++pages % CHUNK_PAGES == 0)
			cond_resched();
	}
	kmemlab_budget_release(condition->reserved - pages);
	condition->reserved = pages;
	condition->held = pages;
	kmemlab_budget_hold(pages);
}

/* Check that the condition leaves memory for the experiment and for other tasks. */
static int condition_check_rest(const char *name, gfp_t gfp, u64 pages,
				struct kmemlab_result *result)
{
	const u64 rest = kmemlab_pages_above_watermarks(gfp) + kmemlab_pages_listed(gfp);
	const u64 required = max_t(u64, kmemlab_budget_required(pages), LOW_SLACK_PAGES);

	if (rest >= required)
		return 0;
	return kmemlab_reject(result, KMEMLAB_REASON_BUDGET, -ENOMEM,
			      "under %s %s are left, but %s are needed (more with %s)", name,
			      kmemlab_amount(rest), kmemlab_amount(kmemlab_amount_needed(required)),
			      kmemlab_condition_more(name));
}

/**
 * kmemlab_condition_create() - put memory into a condition
 * @condition: initialized
 * @name: valid name of the condition
 * @gfp: allocation flags that select the zones
 * @pages: pages that the experiment may take
 * @result: filled in if the condition is rejected
 *
 * Fills nearly all memory, so it is rejected if the budget is too small, unless the
 * machine is discarded afterwards. It is also rejected if others may still allocate what
 * it fills, or if too little memory remains: then the OOM killer would run.
 *
 * Return: 0 or a negative errno; on error, no memory is kept.
 */
int kmemlab_condition_create(struct kmemlab_condition *condition, const char *name, gfp_t gfp,
			     u64 pages, struct kmemlab_result *result)
{
	int err;

	INIT_LIST_HEAD(&condition->pages);
	condition->reserved = 0;
	condition->held = 0;
	if (kmemlab_condition_is_fresh(name))
		return 0;
	/* Memory whose free is deferred must not become free after the filling. */
	rcu_barrier();
	schedule_timeout_interruptible(HZ / 20);
	if (signal_pending(current))
		return -EINTR;
	if (condition_divisor(name))
		err = condition_fragment(condition, name, gfp, result);
	else
		err = condition_lower(condition, name, gfp, pages, result);
	if (!err) {
		condition_hold(condition);
		err = condition_check_rest(name, gfp, pages, result);
	}
	if (err)
		kmemlab_condition_destroy(condition);
	return err;
}

/**
 * kmemlab_condition_destroy() - free the memory of a condition
 * @condition: created condition
 */
void kmemlab_condition_destroy(struct kmemlab_condition *condition)
{
	kmemlab_budget_hold(-(s64)condition->held);
	condition->held = 0;
	condition_free(condition, 1);
	if (condition->reserved)
		kmemlab_budget_release(condition->reserved);
	condition->reserved = 0;
}
