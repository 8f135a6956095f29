/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trace: what the plugin writes and explain/trace.c reads, on one machine,
 * so in its own byte order. A header, then items, each of which begins with its
 * type. Instructions are described before they are first named; they are
 * numbered from 0 in the order of their descriptions.
 */
#ifndef KMEMLAB_PLUGIN_TRACE_FORMAT_H
#define KMEMLAB_PLUGIN_TRACE_FORMAT_H

#include <stdint.h>

#define TRACE_MAGIC		"KMEMTRC1"
#define TRACE_CODE_BYTES	14	/* enough to tell what an instruction is */

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
	TRACE_DONE,		/* the operation is over */
	TRACE_COMPLETE,		/* last item: the experiment is over */
	TRACE_LIMIT,		/* last item: the file was growing too large */
};

struct trace_instruction {
	uint8_t type;
	uint8_t size;				/* bytes of the instruction */
	uint8_t code[TRACE_CODE_BYTES];		/* its first ones */
	uint64_t address;
};

/* Executed: count instructions with consecutive numbers. */
struct trace_run {
	uint8_t type;
	uint8_t pad;
	uint16_t count;
	uint32_t first;
};

/* The run's last instruction was executed so often more. */
struct trace_repeat {
	uint8_t type;
	uint8_t pad[3];
	uint32_t times;
};

/* By the instruction that was executed last, its repetitions included: count accesses side by side. */
struct trace_access {
	uint8_t type;
	uint8_t is_store;
	uint8_t size_shift;	/* log2 of the bytes of each */
	uint8_t downwards;	/* each below the one before */
	uint32_t count;
	uint64_t address;	/* of the first */
};

/* BEGIN, DONE, COMPLETE, LIMIT */
struct trace_event {
	uint8_t type;
	uint8_t mark;		/* KMEMLAB_MARK_ALLOC or _FREE */
	uint8_t pad[6];
};

#endif
