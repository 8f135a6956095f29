/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call tree of one operation. Every instruction that the clock counted belongs to
 * exactly one node, so the sum of all nodes is the measured count without the cost
 * of the clock itself.
 */
#ifndef KMEMLAB_EXPLAIN_CALL_TREE_H
#define KMEMLAB_EXPLAIN_CALL_TREE_H

#include "cache_model.h"
#include "symbols.h"
#include "trace.h"

enum node_kind {
	NODE_CALL,
	NODE_TAIL,		/* entered by a jump: returns to the caller of its parent */
	NODE_FAULT,		/* exception raised by the executed instruction */
	NODE_INTERRUPT,
};

struct call_node {
	const char *name;
	size_t symbol;
	enum node_kind kind;
	uint64_t calls;
	uint64_t self, total;			/* instructions */
	uint64_t loads, stores;			/* accesses by the function itself */
	uint64_t loaded_bytes, stored_bytes;
	uint64_t misses[CACHE_LEVELS];		/* of the cache model, per level */
	struct call_node *parent, *first, *last, *next;
};

struct call_tree {
	struct call_node *root;		/* the function that contains the clock reads */
	struct call_node *interrupts;	/* parent of all interrupts during the operation, or NULL */
	uint64_t instructions;		/* of the operation, without interrupts */
	uint64_t interrupt_instructions;
	uint64_t other_instructions;	/* kernel instructions of other tasks while switched out */
	bool clock_ran_on;		/* the CPU was idle or in user mode while switched out */
	bool clock_misread;		/* an interrupt hit the reading of clock and counters */
	uint64_t path;			/* hash of the executed instructions */
};

/* The node to which a step is attributed. */
struct attribution {
	struct call_node *node;	/* or NULL */
	uint32_t times;		/* executions; 0: by the clock or another task, or restarted */
};

/*
 * Build the tree and fill attributions, one per step of the operation. Return NULL or
 * an allocated error message.
 */
char *call_tree_build(struct call_tree *tree, const struct trace *trace,
		      const struct operation *operation, struct symbols *symbols,
		      struct attribution *attributions);

/* Add the operation's calls and instructions to *into, which starts as zeros. */
void call_tree_add(struct call_tree *into, const struct call_tree *from);

/* Return true if an interrupt executed the node. */
bool node_in_interrupt(const struct call_node *node);

void call_tree_release(struct call_tree *tree);

#endif
