/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reader of the plugin's traces, one operation at a time. */
#ifndef KMEMLAB_EXPLAIN_TRACE_H
#define KMEMLAB_EXPLAIN_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instruction.h"
#include "plugin/trace_format.h"

struct trace_code {
	uint64_t address;
	uint8_t size;			/* bytes */
	uint8_t bytes[TRACE_CODE_BYTES];	/* the first bytes */
	struct instruction_kind kind;
	bool repeats;			/* retired once, however often it is executed */
};

/* An instruction and the number of its consecutive executions, 1 for a repeated one. */
struct trace_step {
	uint32_t code;			/* index in trace.code */
	uint32_t times;
};

/* Adjacent memory accesses of one step. */
struct access {
	size_t step;
	uint64_t address;		/* of the first access */
	uint32_t count;
	uint8_t size_shift;		/* log2 of the bytes per access */
	bool is_store;
	bool downwards;			/* each access is below the previous one */
};

/* Return the lowest address of the access. */
static inline uint64_t access_first(const struct access *access)
{
	uint64_t more = (uint64_t)(access->count - 1) << access->size_shift;

	return access->downwards ? access->address - more : access->address;
}

/* Return the highest address of the access. */
static inline uint64_t access_last(const struct access *access)
{
	return access_first(access) + ((uint64_t)access->count << access->size_shift) - 1;
}

/* Memory of a known use; see KMEMLAB_AREA_* */
struct trace_area {
	uint64_t address, bytes;
	uint64_t kind;
	char name[8];
};

struct trace_areas {
	struct trace_area *list;
	size_t count;
};

struct operation {
	int mark;			/* KMEMLAB_MARK_ALLOC or _FREE */
	struct trace_step *steps;
	size_t step_count;
	struct access *accesses;
	size_t access_count;
	struct trace_areas objects;	/* memory that the operation allocated or freed */
};

struct trace {
	const struct machine *machine;
	struct trace_code *code;
	size_t code_count;
	bool complete;			/* read to its end, and not cut off */
	bool limited;			/* cut off at the size limit */
	struct trace_areas areas;	/* of the kernel; one that contains another follows it */
	/* private: */
	const uint8_t *pos, *end;
	struct operation next;		/* read while looking for objects of the previous one */
	bool has_next;
};

/* Start to read a trace; data must stay valid. Return NULL or an allocated error message. */
char *trace_begin(struct trace *trace, const void *data, size_t size);
void trace_end(struct trace *trace);

/*
 * Read the next operation into *operation, which starts as zeros. Return false
 * after the last operation, or with an allocated message in *error.
 */
bool trace_next(struct trace *trace, struct operation *operation, char **error);
void operation_release(struct operation *operation);

#endif
