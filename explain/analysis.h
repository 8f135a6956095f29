/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Analysis of the trace of an experiment: groups the operations by the path they
 * took, and compares the instructions of each with its sample.
 */
#ifndef KMEMLAB_EXPLAIN_ANALYSIS_H
#define KMEMLAB_EXPLAIN_ANALYSIS_H

#include <jansson.h>

#include "base/memory.h"
#include "cycles.h"
#include "mix.h"
#include "operation_stats.h"
#include "written_lines.h"

/* Measurement of one operation by the experiment. */
struct sample {
	uint64_t ticks;		/* instructions, including the cost of the clock */
	unsigned int tags;	/* KMEMLAB_SAMPLE_*, shifted down to bit 0 */
};

struct samples {
	struct sample *list;
	size_t count;
	unsigned int overhead;	/* instructions of the clock in each sample */
	uint64_t module_text;	/* address of the module's .text, 0: hidden */
};

/*
 * Add the samples of a record, [[ticks, tags, count], ...]. Return NULL or an allocated error
 * message.
 */
char *samples_add(struct samples *samples, const json_t *record);

/* Operations that executed the same instructions, or all operations. */
struct path {
	size_t count;
	size_t disturbed;		/* operations hit by an interrupt or a task switch */
	size_t first, last;		/* indexes of the first and the last operation; not of all */
	/* of the first operation, or of all: */
	uint64_t instructions;		/* without interrupts */
	struct call_tree tree;
	struct footprint footprint;
	struct code_blocks blocks;	/* see analysis_take_blocks() */
	struct mix mix;
	struct written_lines written;
	/* not of all operations: */
	double lines_mean, pages_mean;	/* distinct, per operation */
};

struct analysis {
	struct symbols symbols;
	struct memory_owners owners;
	struct path all;		/* the sums over all operations */
	struct path *paths;		/* most frequent first */
	size_t path_count;
	size_t operations;
	size_t compared;		/* operations whose sample can be compared */
	size_t differing;		/* compared operations whose sample differs */
	size_t first_differing;		/* index of the first differing operation, */
	uint64_t differing_clock, differing_trace;	/* its sample and its instructions */
	bool has_string_bytes;		/* the architecture has string instructions */
	/* private: */
	struct number_set path_ids;	/* in the order of paths, until they are sorted */
};

/* Analyze all operations. The model may be NULL. Return NULL or an allocated error message. */
char *analysis_run(struct analysis *analysis, struct trace *trace, const struct samples *samples,
		   struct cache_model *model);
void analysis_release(struct analysis *analysis);

enum path_state { STATE_STEADY, STATE_COLD, STATE_REFILL, STATE_ALL };

/*
 * Return the path of a state: the most frequent path, the path of the first
 * operation (the first undisturbed one if possible), the longest path, or the sum of all
 * operations.
 */
const struct path *analysis_path(const struct analysis *analysis, enum path_state state);

/*
 * Collect the basic blocks, the mix and the written lines of the path of a state, from the same
 * trace, which must have been restarted. input gets the steps of the path's last operation, and its misses after
 * all operations before; it may be NULL, and must be for STATE_ALL. Return NULL or an allocated
 * error message.
 */
char *analysis_take_blocks(struct analysis *analysis, enum path_state state, struct trace *trace,
			   struct cycle_input *input);

/*
 * Return the costliest function that the path has and the most frequent path lacks,
 * "" if there is none, or NULL for the most frequent path itself.
 */
const char *analysis_mark(const struct analysis *analysis, const struct path *path);

#endif
