/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory budget: limit for all memory that the module takes. Every user reserves
 * its pages before the first allocation.
 */
#ifndef KMEMLAB_BUDGET_H
#define KMEMLAB_BUDGET_H

#include <linux/gfp.h>
#include <linux/mmzone.h>
#include <linux/types.h>

/* Bytes of a text by kmemlab_budget_describe() */
#define KMEMLAB_BUDGET_TEXT_MAX	192

bool kmemlab_throwaway_machine(void);
void kmemlab_zones_serving(gfp_t gfp,
			   void (*visit)(struct zone *zone, enum zone_type highest, void *context),
			   void *context);
u64 kmemlab_zone_listed(const struct zone *zone);
u64 kmemlab_pages_above_watermarks(gfp_t gfp);
u64 kmemlab_pages_listed(gfp_t gfp);
u64 kmemlab_budget_left(gfp_t gfp);
u64 kmemlab_budget_required(u64 pages);
u64 kmemlab_budget_reserved(void);
const char *kmemlab_budget_more(void);
bool kmemlab_budget_may_be_all(void);
void kmemlab_budget_describe(char text[KMEMLAB_BUDGET_TEXT_MAX], u64 pages, gfp_t gfp,
			     const char *more);
int kmemlab_budget_reserve(u64 pages, gfp_t gfp);
int kmemlab_budget_reserve_all(gfp_t gfp, u64 *pages);
int kmemlab_budget_reserve_free(u64 pages, gfp_t gfp);
void kmemlab_budget_release(u64 pages);
void kmemlab_budget_hold(s64 pages);

#endif
