/* SPDX-License-Identifier: GPL-2.0 */
/* What struct page says of a frame, and the names of what it says. */
#ifndef KMEMLAB_PAGE_INFO_H
#define KMEMLAB_PAGE_INFO_H

#include <linux/kmemlab.h>

/**
 * struct kmemlab_online - frames that have a struct page, found a moment ago
 * @pfn: one of them
 * @known: there are some
 * @migrate_type: of the page block that they all lie in
 */
struct kmemlab_online {
	unsigned long pfn;
	bool known;
	u16 migrate_type;
};

/*
 * Fills all of @to; kind NONE where the frame has no struct page. @online is for
 * the next one; memory that goes away meanwhile is none the wiser, so forget it soon.
 */
void kmemlab_page_describe(struct kmemlab_online *online, unsigned long pfn,
			   struct kmemlab_page *to);

/* By number of the bit, of the zone, or of the type. Return: 0 or -ENOENT. */
int kmemlab_page_flag_name(struct kmemlab_name *name);
int kmemlab_migrate_type_name(struct kmemlab_name *name);
int kmemlab_zone_name(struct kmemlab_name *name);

#endif
