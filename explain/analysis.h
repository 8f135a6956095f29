/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a trace says of an experiment: each operation's path, the operations
 * that took the same, and whether instructions and clock agree.
 */
#ifndef KMEMLAB_EXPLAIN_ANALYSIS_H
#define KMEMLAB_EXPLAIN_ANALYSIS_H

#include "blocks.h"
#include "cache_model.h"
#include "call_tree.h"

/* What the experiment itself says of an operation. */
struct sample {
	uint64_t ticks;		/* the clock's own cost included */
	unsigned int tags;	/* KMEMLAB_SAMPLE_*, shifted down to bit 0 */
};

struct samples {
	struct sample *list;
	size_t count;
	unsigned int overhead;
	uint64_t module_text;	/* address of the module's .text, 0: hidden */
};

/* Memory that an operation touched. */
struct footprint {
	uint64_t loads, stores, loaded_bytes, stored_bytes;
	uint64_t lines, pages;		/* distinct ones */
	uint64_t misses[CACHE_LEVELS];	/* of the model */
};

/* Operations that executed the same instructions. */
struct path {
	uint64_t id;
	size_t count;
	size_t disturbed;		/* of them: by an interrupt or a switch */
	size_t first;			/* operation, from 0 */
	uint64_t instructions;		/* each */
	struct call_tree tree;		/* of the first */
	struct footprint footprint;	/* of the first */
	struct code_blocks blocks;	/* of the first, once they were asked for */
	double lines_mean, pages_mean;	/* over all */
	double misses_mean[CACHE_LEVELS];
};

struct analysis {
	struct symbols symbols;
	struct path *paths;		/* most frequent first */
	size_t path_count;
	size_t operations;
	size_t compared;		/* operations whose clock counts what was followed, and no more */
	size_t differing;		/* of them: the clock said something else */
	size_t first_differing;
	uint64_t differing_clock, differing_trace;
	uint64_t instructions;		/* of all operations, interrupts apart */
	uint64_t interrupt_instructions;
	uint64_t other_instructions;	/* of the kernel for other tasks meanwhile */
	/* private */
	size_t path_room;
	size_t *slots;			/* an index of paths by id: number + 1, 0: empty */
	size_t slot_count;		/* a power of two */
};

/* NULL, or one line, to be freed. The model may be NULL. */
char *analysis_run(struct analysis *analysis, struct trace *trace, const struct samples *samples,
		   struct cache_model *model);
void analysis_release(struct analysis *analysis);

enum path_state { STATE_STEADY, STATE_COLD, STATE_REFILL };

/*
 * The path that a state means: the most frequent, the first operation's, the
 * longest. The first operation is one that nothing hit, if there is one.
 */
const struct path *analysis_path(const struct analysis *analysis, enum path_state state);

/* Fills in that path's blocks, from the same trace, begun anew. NULL, or one line, to be freed. */
char *analysis_take_blocks(struct analysis *analysis, enum path_state state, struct trace *trace);

/* The function that tells a path from the most frequent one, or NULL for that one itself. */
const char *analysis_mark(const struct analysis *analysis, const struct path *path);

#endif
