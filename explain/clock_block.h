/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which steps of an operation the clock counted, and which of them are the clock's own. */
#ifndef KMEMLAB_EXPLAIN_CLOCK_BLOCK_H
#define KMEMLAB_EXPLAIN_CLOCK_BLOCK_H

#include "trace.h"

struct counted {
	size_t first, end;	/* steps between the two clock reads: first <= i < end */
	size_t own[8];		/* of them, those that belong to the clock */
	size_t own_count;
};

/*
 * The clock counts what comes after its first read, its second read included.
 * Of that the machine's table says which instructions are the clock's own: they
 * lie side by side with the reads. False where no two reads were found.
 */
bool counted_steps(const struct trace *trace, const struct operation *operation,
		   struct counted *counted);

/* Whether step is one of the clock's own. */
bool counted_is_own(const struct counted *counted, size_t step);

#endif
