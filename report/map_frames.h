/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of page frames, and the figures that follow from them. Pure. */
#ifndef KMEMLAB_REPORT_MAP_FRAMES_H
#define KMEMLAB_REPORT_MAP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <linux/kmemlab.h>

#define KIND_HOLE	KMEMLAB_PAGE_NONE
/* What reserved and kernel frames are told apart into, by KMEMLAB_REGION_*. */
#define KIND_OF_OWNER(owner)	(KMEMLAB_PAGE_KINDS + (owner))
#define KIND_COUNT	KIND_OF_OWNER(KMEMLAB_REGION_FIXED)
#define ORDERS_MAX	20
#define ORDER_MAX_USUAL	10	/* of maps that do not say it */
#define BLOCKERS_MAX	8

struct frames_run {
	uint64_t pfn, pages;
	unsigned int kind, order, zone;
	int node;
	bool reserved;		/* taken at boot and for good, whatever the kind */
};

struct frames {
	struct frames_run *runs;
	size_t count;
	unsigned int order_max;	/* of the largest blocks that can ever be free */
};

/* What stands in the way of the next larger free block. */
struct next_block {
	unsigned int order;	/* 0: there is none, no larger one is possible */
	uint64_t pfn;
	uint64_t used;		/* frames in use in it */
	size_t count;		/* of runs below: the first ones */
	struct frames_run runs[BLOCKERS_MAX];
};

/* One zone of one node. */
struct zone_figures {
	unsigned int zone;
	int node;
	uint64_t pages;
	uint64_t kinds[KIND_COUNT];
	uint64_t free_blocks[ORDERS_MAX];	/* by order */
	int largest_order;			/* -1: nothing is free */
	struct next_block next;
};

#define ZONES_FIGURED_MAX 64

/* From a map record; NULL error or one line, to be freed. */
char *frames_read(const json_t *map, struct frames *frames);
unsigned int frames_order_max(const json_t *map);
void frames_release(struct frames *frames);

/* The zones there are, in the order of their frames. */
size_t frames_figures(const struct frames *frames, struct zone_figures *zones, size_t room);

/* The share of free memory that blocks of this order cannot be had from. */
double zone_unusable(const struct zone_figures *zone, unsigned int order);

/*
 * The kernel's index: -1 where a block can be had; towards 0 memory is lacking,
 * towards 1 it is in pieces.
 */
double zone_fragmentation(const struct zone_figures *zone, unsigned int order);

const char *frames_kind_name(unsigned int kind);

#endif
