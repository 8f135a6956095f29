/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cycles that a CPU may need for an operation, modelled: llvm-mca simulates the pipeline, tables
 * have the cost of instructions that it does not simulate, and the cache model has the misses.
 * Contention, mispredicted branches and instruction fetches are not modelled.
 */
#ifndef KMEMLAB_EXPLAIN_CYCLES_H
#define KMEMLAB_EXPLAIN_CYCLES_H

#include "cache_model.h"
#include "call_tree.h"

#define CYCLE_NAMES_MAX		32
#define CYCLE_CPUS_MAX		8	/* in one document */

/* Cost of an instruction, by the name that the mix has for it. */
struct cycle_weight {
	const char *name;
	double cycles;			/* of one execution */
	double bytes_per_cycle;		/* of a string instruction, in addition; 0: none */
	const char *source;
};

struct cycle_cpu {
	const char *name;		/* as llvm-mca and QEMU's targets name it */
	const char *arch;		/* as in --arch */
	const char *triple;		/* for llvm */
	const char *caches;		/* for cache_model_read() */
	double miss_cycles[CACHE_LEVELS];	/* added by a miss of each level */
	const char *caches_source;
	const struct cycle_weight *weights;	/* ends with a name of NULL */
};

/* An instruction of the operation. */
struct cycle_step {
	struct trace_code code;
	uint32_t times;
	uint64_t bytes;			/* that a string instruction stores, or loads */
};

struct cycle_steps {
	struct cycle_step *list;
	size_t count;
};

/* The operation for which cycles are estimated, and its misses in the caches of each CPU. */
struct cycle_input {
	const struct cycle_cpu *cpus[CYCLE_CPUS_MAX];
	struct cache_model models[CYCLE_CPUS_MAX];
	uint64_t missed[CYCLE_CPUS_MAX][CACHE_LEVELS];
	size_t cpu_count;
	struct cycle_steps steps;
};

struct cycle_named {
	const char *name;
	const char *source;		/* NULL: no weight is known */
	uint64_t count;
	double cycles;
};

struct cycle_estimate {
	const struct cycle_cpu *cpu;
	double total;			/* pipeline + weights + misses */
	double pipeline, weights, misses;
	uint64_t pipeline_instructions;	/* simulated by llvm-mca */
	struct cycle_named named[CYCLE_NAMES_MAX];
	size_t named_count;
	uint64_t missed[CACHE_LEVELS];
};

/* Error of the modelled cycles of a CPU, from docs/validation.md. */
struct cycle_error {
	const char *cpu;
	double percent;			/* mean absolute error */
	unsigned int figures;		/* published ones */
};

/* Return the error for the name of a CPU, or NULL if no published figure is known. */
const struct cycle_error *cycle_error_find(const char *cpu);

/*
 * Return the CPU, or NULL with an allocated message in *error that suggests a name; error may be
 * NULL if the name is known.
 */
const struct cycle_cpu *cycle_cpu_find(const char *name, char **error);

/* Add a CPU with empty caches, and release all CPUs and steps. */
void cycle_input_add(struct cycle_input *input, const struct cycle_cpu *cpu);
void cycle_input_release(struct cycle_input *input);

/* Collect the operation's instructions, without those of the clock and of interrupts. */
void cycle_steps_collect(struct cycle_steps *steps, const struct trace *trace,
			 const struct operation *operation,
			 const struct attribution *attributions);

/* Estimate the cycles in a steady state. Return NULL or an allocated error message. */
char *cycle_estimate(struct cycle_estimate *estimate, const struct cycle_input *input,
		     size_t cpu);

#endif
