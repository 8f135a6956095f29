/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One operation's basic blocks, by address: its instructions once more, without a look at calls. */
#ifndef KMEMLAB_EXPLAIN_BLOCKS_H
#define KMEMLAB_EXPLAIN_BLOCKS_H

#include "call_tree.h"

/* Instructions side by side that were executed from the first to the last. */
struct code_block {
	uint64_t address;	/* of the first */
	size_t symbol;
	uint32_t length;	/* instructions */
	uint64_t times;		/* executed */
	uint64_t instructions;	/* executed in all; a repeated one counts each time */
	size_t order;		/* of the first execution */
};

struct code_blocks {
	struct code_block *list;	/* in the order in which they were first executed */
	size_t count;
};

/* Interrupts and what the clock does not count are left out: the sum is the operation's. */
void blocks_take(struct code_blocks *blocks, const struct trace *trace,
		 const struct operation *operation, const struct placed *placed,
		 struct symbols *symbols);
void blocks_release(struct code_blocks *blocks);

#endif
