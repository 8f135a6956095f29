/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps of physical memory, schema "kmemlab.map/2" (docs/results.md). */
#ifndef KMEMLAB_REPORT_MAP_H
#define KMEMLAB_REPORT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/kmemlab.h>

#include "document.h"
#include "table.h"

#define MAP_SCHEMA "kmemlab.map/2"

/* The fields of a map that are checked first; "runs" and "owners" are where they are read. */
extern const struct field map_fields[];

/* The whole document, for json_schema(). */
extern const struct field map_document_fields[];

json_t *map_document(const char *records, size_t bytes, const struct run_facts *facts,
		     char **error);

/*
 * Read a document of any origin. name is used in messages. Return NULL on an error: *error is one
 * line, which the caller frees.
 */
json_t *map_read(const char *name, const char *text, size_t bytes, char **error);

/* Print all maps and their differences. verbose is unused. */
void map_print(const json_t *document, bool verbose, FILE *out);

/* Parts of map_print(): frames by kind and zone, free blocks by order, and what limits these. */
struct table map_kinds_table(const json_t *map);
struct table map_orders_table(const json_t *map);
void map_print_orders_notes(const json_t *map, FILE *out);
void map_print_largest(const json_t *map, FILE *out);

/*
 * Print the differences between the last maps of two documents, or between two maps. Return NULL
 * or an error of one line, which the caller frees.
 */
char *map_print_diff(const json_t *before, const json_t *after, FILE *out);

/*
 * Kinds of page frames: KMEMLAB_PAGE_*, then owners of reserved and kernel frames, then free
 * frames of the contiguous memory allocator.
 */
#define KIND_HOLE	KMEMLAB_PAGE_NONE
#define KIND_OF_OWNER(owner)	(KMEMLAB_PAGE_KINDS + (owner))
#define KIND_FREE_CMA	KIND_OF_OWNER(KMEMLAB_REGION_FIXED)
#define KIND_OBJECT	(KIND_FREE_CMA + 1)	/* of the experiment */
#define KIND_COUNT	(KIND_OBJECT + 1)

#define ORDERS_MAX	20
#define ORDER_MAX_DEFAULT	10	/* for maps without "order_max" */
#define BLOCKERS_MAX	8
#define ZONES_MAX	64

const char *frames_kind_name(unsigned int kind);

/* Consecutive frames of the same kind. */
struct frames_run {
	uint64_t pfn, pages;
	unsigned int kind, order, zone;
	int node;
	bool reserved;		/* reserved at boot, and never freed */
	bool usable;		/* allocations with the map's GFP profile may use the block */
	bool cma;		/* in a block of the contiguous memory allocator */
};

struct frames {
	struct frames_run *runs;
	size_t count;
	unsigned int usable_types, cma_types;	/* bit masks of migrate types */
	unsigned int order_max;	/* largest order of the page allocator */
};

/* The block of the next larger order that is easiest to free. */
struct next_block {
	unsigned int order;	/* 0: no such block */
	uint64_t pfn;
	uint64_t used;		/* frames in use */
	size_t count;		/* of runs: those in use, or if there are none, those in per-CPU lists */
	struct frames_run runs[BLOCKERS_MAX];
};

/* Statistics of one zone of one node. */
struct zone_stats {
	unsigned int zone;
	int node;
	uint64_t pages;
	uint64_t kinds[KIND_COUNT];
	uint64_t cma_pages, cma_kinds[KIND_COUNT];
	uint64_t free_blocks[ORDERS_MAX];	/* by order */
	uint64_t usable_blocks[ORDERS_MAX];	/* those of usable blocks */
	int largest_order;			/* of a usable block; -1: none */
	struct next_block next;
};

/* Read the frames of a map. Return NULL or an error of one line, which the caller frees. */
char *frames_read(const json_t *map, struct frames *frames);
unsigned int frames_order_max(const json_t *map);
void frames_release(struct frames *frames);

/* Fill zones in the order of their frames. Return: their number, at most room. */
size_t frames_zone_stats(const struct frames *frames, struct zone_stats *zones, size_t room);

/* Return the share of usable free memory in blocks that are too small for an order. */
double zone_unusable(const struct zone_stats *zone, unsigned int order);

/*
 * Return the kernel's fragmentation index of usable memory: -1 if a block is free; otherwise close to 0 if
 * memory is low, and close to 1 if it is fragmented.
 */
double zone_fragmentation(const struct zone_stats *zone, unsigned int order);

/* Print the frames as a picture with a legend, in color for terminals or in letters. */
void map_picture_print(const struct frames *frames, uint64_t page_size, bool color, FILE *out);

/* Print the difference between two maps as a picture; nothing if a map is invalid. */
void map_picture_print_diff(const json_t *before, const json_t *after, bool color, FILE *out);

/* Print a page with the pictures of all maps, the difference of the first two, and tables. */
void map_html(const json_t *document, FILE *out);

/*
 * Write a PNG file: the first map of a document, or the second one, with the objects of the
 * experiment, and its difference from the first one. Return NULL or an error of one line, which the
 * caller frees.
 */
char *map_picture_png(const json_t *document, const char *path);

#endif
