/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One operation's instructions, by function, in the order of the calls. Every
 * instruction that the clock counted is in exactly one node, so the sum of all
 * is what the clock read, net of its own cost.
 */
#ifndef KMEMLAB_EXPLAIN_CALL_TREE_H
#define KMEMLAB_EXPLAIN_CALL_TREE_H

#include "symbols.h"
#include "trace.h"

enum node_kind {
	NODE_CALL,
	NODE_TAIL,		/* jumped to: returns to whoever called the one above */
	NODE_FAULT,		/* an exception of the instruction that was executed */
	NODE_INTERRUPT,
};

struct node {
	const char *name;
	size_t symbol;
	enum node_kind kind;
	uint64_t calls;
	uint64_t self, total;			/* instructions */
	uint64_t loads, stores;			/* accesses by itself */
	uint64_t loaded_bytes, stored_bytes;
	uint64_t misses[4];			/* of the cache model, by level */
	struct node *parent, *first, *last, *next;
};

struct call_tree {
	struct node *root;		/* the function that the operation is in */
	struct node *interrupts;	/* root of what interrupts executed meanwhile, or NULL */
	uint64_t instructions;		/* of the operation itself */
	uint64_t interrupt_instructions;
	uint64_t other_instructions;	/* of the kernel for other tasks, while this one had no CPU */
	bool clock_ran_on;		/* meanwhile: for an idle CPU, or for users */
	uint64_t path;			/* the same where the same instructions were executed */
};

/* A step's place in the tree. */
struct placed {
	struct node *node;	/* that it was counted for, or NULL */
	uint32_t times;		/* how often; 0: the clock's own, another task's, not executed after all */
};

/* Fills placed, which has room for operation->step_count. NULL, or one line, to be freed. */
char *call_tree_build(struct call_tree *tree, const struct trace *trace,
		      const struct operation *operation, struct symbols *symbols,
		      struct placed *placed);

/* Whether an interrupt executes it. */
bool node_in_interrupt(const struct node *node);

void call_tree_release(struct call_tree *tree);

#endif
