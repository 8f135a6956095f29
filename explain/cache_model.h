/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of data caches and a data TLB: set associative, LRU replacement, empty at
 * the start. It is deterministic and simulates no particular CPU, so its results are
 * called modeled.
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
	bool is_tlb;		/* caches pages instead of lines */
	uint64_t sets;
	unsigned int ways;
	uint64_t *tags;		/* sets x ways, most recent first; 0: empty */
};

struct cache_model {
	struct cache_level levels[CACHE_LEVELS];
	size_t count;
};

/*
 * Read "l1=32k,8 l2=1m,16 dtlb=64,4": the size in bytes (for a TLB in entries) and
 * the number of ways. Return NULL or an allocated error message.
 */
char *cache_model_read(struct cache_model *model, const char *text);
void cache_model_release(struct cache_model *model);

/*
 * Access memory: add 1 to misses[i] for each line or page that misses level i. l2 is
 * looked up on a miss of l1, l3 on a miss of l2, and the TLB on every access.
 */
void cache_model_access(struct cache_model *model, uint64_t address, size_t bytes,
			uint64_t misses[CACHE_LEVELS]);

#endif
