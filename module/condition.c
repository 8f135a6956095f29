// SPDX-License-Identifier: GPL-2.0
#include "condition.h"

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "budget.h"
#include "compat/compat.h"
#include "request.h"

/* Between two looks at the signals. */
#define CHUNK_PAGES	1024

/* What counters and per-CPU lists may hide. */
#define LOW_SLACK_PAGES	256

#define FRAGMENTED	"fragmented:"

static bool is_fresh(const char *name)
{
	return !*name || !strcmp(name, "fresh");
}

/* K of fragmented:K, or 0. */
static unsigned int divisor_of(const char *name)
{
	unsigned int k;

	if (strncmp(name, FRAGMENTED, strlen(FRAGMENTED)) ||
	    kstrtouint(name + strlen(FRAGMENTED), 10, &k) || k < 2)
		return 0;
	return k;
}

bool kmemlab_condition_known(const char *name)
{
	return is_fresh(name) || !strcmp(name, "low") || divisor_of(name);
}

/* From the same zones, and never by reclaim: what is free is what there is to fill. */
static gfp_t filling_gfp(gfp_t gfp)
{
	return (gfp & (GFP_ZONEMASK | __GFP_MOVABLE | __GFP_RECLAIMABLE)) | __GFP_NORETRY |
	       __GFP_NOWARN;
}

/* Single pages, until there are @pages or no more. Return: 0 or -EINTR. */
static int fill(struct kmemlab_condition *condition, gfp_t gfp, u64 pages)
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

/* By frame number: no two pages that could make a larger block. */
static void free_each(struct kmemlab_condition *condition, unsigned int divisor)
{
	struct page *page, *next;
	unsigned int looked = 0;

	list_for_each_entry_safe(page, next, &condition->pages, lru) {
		if (page_to_pfn(page) % divisor == 0) {
			list_del(&page->lru);
			__free_page(page);
		}
		if (++looked % CHUNK_PAGES == 0)
			cond_resched();
	}
}

/*
 * The watermarks keep some memory from being filled, in blocks that are whole.
 * With single pages free beside them they can be had, and are taken apart.
 */
static int split_rest(struct kmemlab_condition *condition, gfp_t gfp)
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
 * Where KASAN meets a new stack trace, it may ask for a block of order 2 by its caller's
 * right to reclaim: without one, the OOM killer comes.
 */
static bool may_split_rest(void)
{
	return kmemlab_throwaway_machine() && !IS_ENABLED(CONFIG_KASAN);
}

static int reserve(struct kmemlab_condition *condition, struct kmemlab_request *request,
		   u64 pages)
{
	gfp_t gfp = request->set->run.gfp | request->set->run.zones;
	int error;

	if (kmemlab_throwaway_machine())
		return 0;
	error = kmemlab_budget_reserve(pages, gfp);
	if (error)
		return kmemlab_refuse(request, error,
				      "%s takes %llu KiB, and the budget has %llu KiB left",
				      request->asked->condition, pages << (PAGE_SHIFT - 10),
				      kmemlab_budget_left(gfp) << (PAGE_SHIFT - 10));
	condition->reserved = pages;
	return 0;
}

static int make_fragmented(struct kmemlab_condition *condition,
			   struct kmemlab_request *request, unsigned int divisor)
{
	gfp_t gfp = request->set->run.gfp | request->set->run.zones;
	int error = reserve(condition, request, kmemlab_pages_above_watermarks(gfp));

	if (error)
		return error;
	error = fill(condition, filling_gfp(gfp), condition->reserved ?: U64_MAX);
	free_each(condition, divisor);
	if (error || !may_split_rest())
		return error;
	/* Then single pages again, with those that others gave back meanwhile. */
	error = split_rest(condition, filling_gfp(gfp)) ?:
		fill(condition, filling_gfp(gfp), U64_MAX);
	free_each(condition, divisor);
	return error;
}

/*
 * Until @wanted pages lie above the watermarks: filling may have raised these (a page of
 * another migrate type's block boosts them), and each CPU's lists keep some of what is freed.
 */
static void give_back(struct kmemlab_condition *condition, gfp_t gfp, u64 wanted)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &condition->pages, lru) {
		if (kmemlab_pages_above_watermarks(gfp) >= wanted)
			return;
		list_del(&page->lru);
		__free_page(page);
		cond_resched();
	}
}

static int make_low(struct kmemlab_condition *condition, struct kmemlab_request *request,
		    u64 pages)
{
	gfp_t gfp = request->set->run.gfp | request->set->run.zones;
	u64 above = kmemlab_pages_above_watermarks(gfp);
	u64 wanted = kmemlab_budget_wants(pages) + LOW_SLACK_PAGES;
	u64 take = above > wanted ? above - wanted : 0;
	int error = reserve(condition, request, take) ?:
		    fill(condition, filling_gfp(gfp), take);

	if (!error)
		give_back(condition, gfp, wanted);
	return error;
}

/* What was given back is reserved no more; the rest is missing from the free pages already. */
static void hold(struct kmemlab_condition *condition)
{
	const struct list_head *at;
	u64 pages = 0;

	if (!condition->reserved)
		return;
	list_for_each(at, &condition->pages) {
		if (++pages % CHUNK_PAGES == 0)
			cond_resched();
	}
	kmemlab_budget_release(condition->reserved - pages);
	condition->reserved = pages;
	condition->held = pages;
	kmemlab_budget_hold(pages);
}

/* What others have put off comes back before: later it would lie free, and not alone. */
static void let_others_finish(void)
{
	rcu_barrier();
	schedule_timeout_interruptible(HZ / 20);
}

int kmemlab_condition_make(struct kmemlab_condition *condition,
			   struct kmemlab_request *request, u64 pages)
{
	const char *name = request->asked->condition;
	int error;

	INIT_LIST_HEAD(&condition->pages);
	condition->reserved = 0;
	condition->held = 0;
	if (is_fresh(name))
		return 0;
	let_others_finish();
	if (divisor_of(name))
		error = make_fragmented(condition, request, divisor_of(name));
	else
		error = make_low(condition, request, pages);
	if (error)
		kmemlab_condition_undo(condition);
	else
		hold(condition);
	return error;
}

void kmemlab_condition_undo(struct kmemlab_condition *condition)
{
	kmemlab_budget_hold(-(s64)condition->held);
	condition->held = 0;
	free_each(condition, 1);
	if (condition->reserved)
		kmemlab_budget_release(condition->reserved);
	condition->reserved = 0;
}
