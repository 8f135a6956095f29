// SPDX-License-Identifier: GPL-2.0
/* 43c95bcc51e4 (5.14) split a zone's per-CPU structure into lists and statistics. */
#include <linux/mmzone.h>

int probe(struct zone *zone);
int probe(struct zone *zone)
{
	return raw_cpu_ptr(zone->per_cpu_pageset)->count +
	       raw_cpu_ptr(zone->per_cpu_zonestats)->vm_stat_diff[NR_FREE_PAGES];
}
