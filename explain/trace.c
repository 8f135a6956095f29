// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <string.h>

#include "base/memory.h"
#include "plugin/trace_format.h"

char *trace_begin(struct trace *trace, const void *data, size_t size)
{
	struct trace_header header;

	*trace = (struct trace) { 0 };
	if (size < sizeof(header))
		return xasprintf("the trace has no header");
	memcpy(&header, data, sizeof(header));
	if (memcmp(header.magic, TRACE_MAGIC, sizeof(header.magic)))
		return xasprintf("this is no trace");
	header.target[sizeof(header.target) - 1] = '\0';
	trace->machine = machine_find(header.target);
	if (!trace->machine)
		return xasprintf("calls cannot be followed on architecture '%s'", header.target);
	trace->at = (const uint8_t *)data + sizeof(header);
	trace->end = (const uint8_t *)data + size;
	return NULL;
}

void trace_end(struct trace *trace)
{
	free(trace->code);
	*trace = (struct trace) { 0 };
}

void operation_release(struct operation *operation)
{
	free(operation->steps);
	free(operation->accesses);
	*operation = (struct operation) { 0 };
}

/* Room for one more. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room ? 2 * *room : 1024;
	return xrealloc(items, *room * size);
}

static char *take_instruction(struct trace *trace, const struct trace_instruction *item)
{
	size_t size = item->size < TRACE_CODE_BYTES ? item->size : TRACE_CODE_BYTES;

	trace->code = grow(trace->code, trace->code_count, &trace->code_room, sizeof(*trace->code));
	trace->code[trace->code_count++] = (struct trace_code) {
		.address = item->address,
		.size = item->size,
		.flow = trace->machine->flow(item->code, size),
	};
	return NULL;
}

static char *take_run(const struct trace *trace, struct operation *operation,
		      const struct trace_run *run)
{
	if (!run->count || run->first + (uint64_t)run->count > trace->code_count)
		return xasprintf("the trace names an instruction that it does not describe");
	for (uint32_t i = 0; i < run->count; i++) {
		operation->steps = grow(operation->steps, operation->step_count,
					&operation->step_room, sizeof(*operation->steps));
		operation->steps[operation->step_count++] =
			(struct step) { .code = run->first + i, .times = 1 };
	}
	return NULL;
}

static char *take_access(struct operation *operation, const struct trace_access *item)
{
	if (!operation->step_count)
		return xasprintf("the trace has an access that no instruction did");
	operation->accesses = grow(operation->accesses, operation->access_count,
				   &operation->access_room, sizeof(*operation->accesses));
	operation->accesses[operation->access_count++] = (struct access) {
		.step = operation->step_count - 1,
		.address = item->address,
		.count = item->count,
		.size_shift = item->size_shift & 15,
		.is_store = item->is_store,
		.downwards = item->downwards,
	};
	return NULL;
}

static size_t item_size(uint8_t type)
{
	switch (type) {
	case TRACE_INSTRUCTION:
		return sizeof(struct trace_instruction);
	case TRACE_RUN:
		return sizeof(struct trace_run);
	case TRACE_REPEAT:
		return sizeof(struct trace_repeat);
	case TRACE_ACCESS:
		return sizeof(struct trace_access);
	case TRACE_BEGIN:
	case TRACE_DONE:
	case TRACE_COMPLETE:
	case TRACE_LIMIT:
		return sizeof(struct trace_event);
	}
	return 0;
}

static char *take_item(struct trace *trace, struct operation *operation, uint8_t type)
{
	union {
		struct trace_instruction instruction;
		struct trace_run run;
		struct trace_repeat repeat;
		struct trace_access access;
	} item;

	memcpy(&item, trace->at, item_size(type));
	switch (type) {
	case TRACE_INSTRUCTION:
		return take_instruction(trace, &item.instruction);
	case TRACE_RUN:
		return take_run(trace, operation, &item.run);
	case TRACE_ACCESS:
		return take_access(operation, &item.access);
	case TRACE_REPEAT:
		if (!operation->step_count)
			return xasprintf("the trace repeats what was not executed");
		operation->steps[operation->step_count - 1].times += item.repeat.times;
		return NULL;
	case TRACE_BEGIN:	/* one that was begun and not done was refused */
		operation->step_count = 0;
		operation->access_count = 0;
		return NULL;
	case TRACE_COMPLETE:
		trace->complete = true;
		return NULL;
	case TRACE_LIMIT:
		trace->limited = true;
		return NULL;
	}
	return NULL;
}

bool trace_next(struct trace *trace, struct operation *operation, char **error)
{
	*error = NULL;
	operation->step_count = 0;
	operation->access_count = 0;
	while (!*error && trace->at < trace->end && !trace->complete && !trace->limited) {
		uint8_t type = *trace->at;
		size_t size = item_size(type);

		if (!size || size > (size_t)(trace->end - trace->at)) {
			*error = xasprintf("the trace is damaged");
			break;
		}
		*error = take_item(trace, operation, type);
		trace->at += size;
		if (type == TRACE_DONE && !*error)
			return true;
	}
	if (!*error && !trace->complete && !trace->limited)
		*error = xasprintf("the trace ends too early");
	return false;
}
