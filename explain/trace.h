/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a trace, one operation after the other. Pure: works on recorded bytes. */
#ifndef KMEMLAB_EXPLAIN_TRACE_H
#define KMEMLAB_EXPLAIN_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instruction.h"

struct trace_code {
	uint64_t address;
	uint8_t size;
	enum flow flow;
};

/* An instruction, executed so often in a row. */
struct step {
	uint32_t code;		/* index in trace.code */
	uint32_t times;
};

/* Accesses of one step: count, side by side, from address on. */
struct access {
	size_t step;
	uint64_t address;
	uint32_t count;
	uint8_t size_shift;
	bool is_store;
	bool downwards;
};

struct operation {
	struct step *steps;
	size_t step_count;
	struct access *accesses;
	size_t access_count;
	/* private */
	size_t step_room, access_room;
};

struct trace {
	const struct machine *machine;
	struct trace_code *code;
	size_t code_count;
	bool complete;		/* the last item was seen, and the trace was not cut off */
	bool limited;		/* it was cut off for its size */
	/* private */
	const uint8_t *at, *end;
	size_t code_room;
};

/* The data must stay. NULL, or one line, to be freed, that says what is wrong. */
char *trace_begin(struct trace *trace, const void *data, size_t size);
void trace_end(struct trace *trace);

/* Fills the operation, which begins as zeros. False after the last; what is wrong then is in *error. */
bool trace_next(struct trace *trace, struct operation *operation, char **error);
void operation_release(struct operation *operation);

#endif
