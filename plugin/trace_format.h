/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Format of the trace that the plugin writes and explain/trace.c reads on the same
 * machine, in native byte order: a header, then items that begin with their type.
 * Instructions are described before they are first used, and numbered from 0 in the order
 * of their descriptions.
 */
#ifndef KMEMLAB_PLUGIN_TRACE_FORMAT_H
#define KMEMLAB_PLUGIN_TRACE_FORMAT_H

#include <stdint.h>

#define TRACE_MAGIC		"KMEMTRC1"
#define TRACE_CODE_BYTES	14	/* enough to classify any instruction */

struct trace_header {
	char magic[8];
	char target[16];	/* QEMU's name of the architecture */
};

enum trace_type {
	TRACE_INSTRUCTION = 1,
	TRACE_BEGIN,		/* an operation begins */
	TRACE_RUN,
	TRACE_REPEAT,
	TRACE_ACCESS,
	TRACE_DONE,		/* an operation ends */
	TRACE_COMPLETE,		/* last item: the experiment has ended */
	TRACE_LIMIT,		/* last item: the size limit was reached */
};

struct trace_instruction {
	uint8_t type;
	uint8_t size;				/* bytes of the instruction */
	uint8_t code[TRACE_CODE_BYTES];		/* the first bytes */
	uint64_t address;
};

/* Execution of count instructions with consecutive numbers. */
struct trace_run {
	uint8_t type;
	uint8_t pad;
	uint16_t count;
	uint32_t first;
};

/* Further executions of the last instruction of the run. */
struct trace_repeat {
	uint8_t type;
	uint8_t pad[3];
	uint32_t times;
};

/* Adjacent accesses by the last executed instruction and its repetitions. */
struct trace_access {
	uint8_t type;
	uint8_t is_store;
	uint8_t size_shift;	/* log2 of the bytes per access */
	uint8_t downwards;	/* each access is below the previous one */
	uint32_t count;
	uint64_t address;	/* of the first access */
};

/* BEGIN, DONE, COMPLETE, LIMIT */
struct trace_event {
	uint8_t type;
	uint8_t mark;		/* KMEMLAB_MARK_ALLOC or _FREE */
	uint8_t pad[6];
};

/*
 * Calls of chosen functions (around.h). The plugin reads a text file of the ranges of addresses,
 * "START END KINDS FUNCTION\n", ascending and disjoint, and writes a file of records.
 */
struct around_range {
	uint64_t start, end;
	uint32_t kinds;			/* AROUND_* */
	int32_t function;		/* index of a chosen function, or -1 */
};

enum {
	AROUND_FUNCTION = 1,		/* begins at start */
	AROUND_WINDOW_FUNCTION = 2,	/* calls are counted while it runs; begins at start */
	AROUND_PART = 4,		/* of a function, elsewhere */
	AROUND_INTERRUPT = 8,		/* entry of an interrupt */
	AROUND_FAULT = 16,		/* entry of an exception that restarts the instruction */
	AROUND_STUB = 32,		/* has several entry points */
	AROUND_SWITCHER = 64,		/* switches tasks */
	AROUND_NEW_TASK = 128,		/* a new task begins at start */
};

/* A call, or one of the last two records. */
struct around_record {
	uint32_t function;		/* index, or AROUND_WINDOW or AROUND_END */
	uint32_t flags;
	uint64_t inclusive;		/* instructions; END: calls that did not return */
	uint64_t exclusive;		/* END: calls that were lost; WINDOW: string repetitions */
};

#define AROUND_WINDOW		0xfffffffe	/* instructions while calls were counted */
#define AROUND_END		0xffffffff

/* Flags of a call */
#define AROUND_INTERRUPTED	1
#define AROUND_SWITCHED		2
#define AROUND_IN_INTERRUPT	4
/* Flags of the end */
#define AROUND_COMPLETE		1
#define AROUND_LIMIT		2	/* calls are missing: the file reached its limit */

#endif
