/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the trace, as short as that can be done without looking back far. */
#ifndef KMEMLAB_PLUGIN_RECORDER_H
#define KMEMLAB_PLUGIN_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "trace_format.h"

/* An instruction of a translated block. */
struct instruction {
	struct block *block;
	uint64_t address;
	uint8_t size;
	uint8_t code[TRACE_CODE_BYTES];
};

/* A translated block; its instructions get their numbers when one is first recorded. */
struct block {
	uint32_t generation;	/* of the trace that describes it */
	uint32_t first;		/* its first instruction's number there */
	size_t count;
	struct instruction instructions[];
};

#define PENDING_ACCESSES 4

struct recorder {
	FILE *out;
	uint64_t limit;		/* bytes */
	uint64_t written;
	uint64_t header_bytes;
	uint32_t generation;	/* counts restarts */
	uint32_t instructions;	/* described so far */
	bool armed;		/* or has been: kernel code is instrumented */
	bool recording;		/* inside an operation */
	bool executed;		/* one of its instructions */
	bool closed;		/* the last item is written */
	unsigned int vcpu;	/* that carries the operation out */
	/* not written yet: */
	struct trace_run run;
	struct trace_repeat repeat;
	struct trace_access accesses[PENDING_ACCESSES];
	size_t access_count;
};

int recorder_open(struct recorder *recorder, const char *path, uint64_t limit,
		  const char *target);

/* Memory for the block stays: a translation may run as long as the machine. */
struct block *recorder_block(struct recorder *recorder, size_t count);

/* Forgets all that was recorded. */
void recorder_restart(struct recorder *recorder);
void recorder_begin(struct recorder *recorder, unsigned int vcpu, int mark);
void recorder_executed(struct recorder *recorder, unsigned int vcpu,
		       const struct instruction *instruction);
void recorder_accessed(struct recorder *recorder, unsigned int vcpu, bool is_store,
		       unsigned int size_shift, uint64_t address);
void recorder_done(struct recorder *recorder, unsigned int vcpu);
void recorder_finish(struct recorder *recorder, enum trace_type last);

#endif
