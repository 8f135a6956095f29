/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction mix of an operation: each instruction belongs to exactly one class, so the classes
 * add up to the operation's instructions.
 */
#ifndef KMEMLAB_EXPLAIN_MIX_H
#define KMEMLAB_EXPLAIN_MIX_H

#include "call_tree.h"

struct mix {
	uint64_t classes[MIX_CLASSES];		/* instructions */
	struct mix_named {
		const char *name;
		uint64_t count;
	} *named;				/* in the order of the first execution */
	size_t named_count;
	uint64_t retpolines;			/* indirect branches through a thunk */
	/* with interrupts disabled by the operation itself: */
	uint64_t irqs_off_stretches;
	uint64_t irqs_off_instructions, irqs_off_longest;
};

/*
 * Add the operation's instructions to the mix, which starts as zeros, without those of the clock,
 * of interrupts and of other tasks. Interrupts count as disabled from an instruction that disables
 * them to the one that enables them, or that restores the mask saved before in the same function.
 */
void mix_collect(struct mix *mix, const struct trace *trace, const struct operation *operation,
		 const struct attribution *attributions, struct symbols *symbols);
void mix_release(struct mix *mix);

#endif
