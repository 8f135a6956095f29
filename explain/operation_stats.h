/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Per-operation statistics derived from the call tree: memory touched and basic blocks. */
#ifndef KMEMLAB_EXPLAIN_OPERATION_STATS_H
#define KMEMLAB_EXPLAIN_OPERATION_STATS_H

#include "cache_model.h"
#include "call_tree.h"

/* Memory touched by an operation. */
struct footprint {
	uint64_t loads, stores;		/* accesses; those of a string instruction are one */
	uint64_t loaded_bytes, stored_bytes;
	uint64_t cleared_bytes, copied_bytes;		/* stored by repeated string instructions */
	uint64_t lines, written_lines, pages;		/* distinct */
	uint64_t misses[CACHE_LEVELS];			/* of the cache model */
};

/* Consecutive instructions that are always executed from first to last. */
struct code_block {
	uint64_t address;	/* of the first instruction */
	size_t symbol;
	uint32_t length;	/* instructions */
	uint64_t times;		/* executions */
	uint64_t instructions;	/* in total */
	size_t order;		/* position of the first execution */
};

struct code_blocks {
	struct code_block *list;	/* ordered by first execution */
	size_t count;
};

/*
 * Count the memory accesses of the operation, and add them to the nodes of the
 * functions. Accesses by the clock, interrupts and other tasks are ignored. The
 * model may be NULL.
 */
void footprint_collect(struct footprint *footprint, const struct trace *trace,
		       const struct operation *operation, const struct attribution *attributions,
		       struct cache_model *model);

/* Add from to *into; what is distinct counts once for each operation. */
void footprint_add(struct footprint *into, const struct footprint *from);

/*
 * Add the basic blocks of the operation, without those of interrupts, of other tasks and of the
 * clock: the sum of their instructions is the operation's.
 */
void basic_blocks_collect(struct code_blocks *blocks, const struct trace *trace,
			  const struct operation *operation,
			  const struct attribution *attributions, struct symbols *symbols);
void basic_blocks_release(struct code_blocks *blocks);

#endif
