/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trace writer: compresses runs, repetitions and adjacent accesses. */
#ifndef KMEMLAB_PLUGIN_RECORDER_H
#define KMEMLAB_PLUGIN_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "trace_format.h"

struct instruction {
	struct translation_block *block;
	uint64_t address;
	uint8_t size;			/* bytes */
	uint8_t code[TRACE_CODE_BYTES];	/* the first bytes */
};

/* A translated block. Its instructions are numbered when one of them is first recorded. */
struct translation_block {
	uint32_t generation;	/* of the trace that describes the block */
	uint32_t first;		/* number of its first instruction in that trace */
	size_t count;
	struct instruction instructions[];
};

#define PENDING_ACCESSES	4

struct recorder {
	FILE *out;
	uint64_t limit, written;	/* bytes */
	uint64_t header_bytes;
	uint32_t generation;	/* number of restarts */
	uint32_t instructions;	/* described so far */
	bool armed;		/* kernel code is instrumented; stays set */
	bool recording;		/* within an operation */
	bool executed;		/* the operation has executed an instruction */
	bool closed;		/* the last item was written */
	unsigned int vcpu;	/* executes the operation */
	/* pending, not yet written: */
	struct trace_run run;
	struct trace_repeat repeat;
	struct trace_access accesses[PENDING_ACCESSES];
	size_t access_count;
};

/* Create the trace. Return: 0, or -1 with errno set */
int recorder_open(struct recorder *recorder, const char *path, uint64_t limit,
		  const char *target);

/* Allocate a block. It is never freed, as its translation may stay in use. */
struct translation_block *recorder_block(size_t count);

/* Discard the trace so far. */
void recorder_restart(struct recorder *recorder);

/* Record an operation on the CPU: its start, instructions, accesses and end. */
void recorder_begin(struct recorder *recorder, unsigned int vcpu, int mark);
void recorder_executed(struct recorder *recorder, unsigned int vcpu,
		       const struct instruction *instruction);
void recorder_accessed(struct recorder *recorder, unsigned int vcpu, bool is_store,
		       unsigned int size_shift, uint64_t address);
void recorder_done(struct recorder *recorder, unsigned int vcpu);

/* Write the last item, TRACE_COMPLETE or TRACE_LIMIT. */
void recorder_finish(struct recorder *recorder, enum trace_type last);

#endif
