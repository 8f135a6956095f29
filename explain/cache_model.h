/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of data caches and of a TLB: set associative, least recently used goes
 * first, empty at the start, every level asked on its own. Deterministic, and no
 * real machine: what it counts is called modelled. Pure.
 */
#ifndef KMEMLAB_EXPLAIN_CACHE_MODEL_H
#define KMEMLAB_EXPLAIN_CACHE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_LEVELS	4
#define CACHE_LINE	64	/* bytes */
#define CACHE_PAGE	4096

struct cache_level {
	char name[8];
	bool is_tlb;		/* of pages instead of lines */
	uint64_t sets;
	unsigned int ways;
	uint64_t *tags;		/* sets x ways, most recent first; 0: empty */
};

struct cache_model {
	struct cache_level levels[CACHE_LEVELS];
	size_t count;
};

/*
 * "l1=32k,8 l2=1m,16 dtlb=64,4": size in bytes (entries of a TLB) and ways, of
 * any of l1, l2, l3 and dtlb. NULL, or one line, to be freed, that says what is wrong.
 */
char *cache_model_read(struct cache_model *model, const char *text);
void cache_model_release(struct cache_model *model);

/*
 * One access: adds 1 to misses[i] for each line or page that level i did not
 * have. l2 is asked where l1 missed, l3 where l2 did; the TLB always.
 */
void cache_model_access(struct cache_model *model, uint64_t address, size_t bytes,
			uint64_t misses[CACHE_LEVELS]);

#endif
