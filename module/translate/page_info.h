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

#define KMEMLAB_ONLINES	16	/* remembered at once: a power of two */

struct page;

/* The page, or NULL, and what is known of it into @online. */
struct page *kmemlab_online_find(struct kmemlab_online *online, unsigned long pfn);

/* By number of the bit, of the zone, or of the type. Return: 0 or -ENOENT. */
int kmemlab_page_flag_name(struct kmemlab_name *name);
int kmemlab_migrate_type_name(struct kmemlab_name *name);
int kmemlab_zone_name(struct kmemlab_name *name);

#endif
