/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps that an operation did not execute: other tasks had the CPU. All tasks
 * come and go through one function, the machine's switcher: the one that loads
 * its registers from where the operation's task stored them is that task again.
 */
#ifndef KMEMLAB_EXPLAIN_ABSENCE_H
#define KMEMLAB_EXPLAIN_ABSENCE_H

#include "symbols.h"
#include "trace.h"

#define SAVED_MAX	32

/* Begins as zeros. */
struct absence {
	uint64_t saved[SAVED_MAX];	/* where the registers lie */
	size_t saved_count;
	bool inside;			/* the step before was the switcher's */
	bool loading;			/* and it had come to loading */
	bool ours;			/* the registers of the operation's task */
	bool away;
	size_t access;			/* of the operation, the next one */
};

/* To be asked for each step in turn: whether it is another task's. */
bool absence_step(struct absence *absence, const struct trace *trace,
		  const struct operation *operation, size_t step, const struct symbols *symbols,
		  size_t symbol);

#endif
