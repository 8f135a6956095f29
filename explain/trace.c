// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <string.h>

#include <linux/kmemlab.h>

#include "base/memory.h"
#include "plugin/trace_format.h"

/* Limits for one instruction: a repeated store may clear a huge page. */
#define ACCESS_SHIFT_MAX	6
#define ACCESS_BYTES_MAX	(1ULL << 30)

char *trace_begin(struct trace *trace, const void *data, size_t size)
{
	struct trace_header header;

	*trace = (struct trace) { 0 };
	if (size < sizeof(header))
		return xasprintf("the trace has no header");
	memcpy(&header, data, sizeof(header));
	if (memcmp(header.magic, TRACE_MAGIC, sizeof(header.magic)))
		return xasprintf("not a trace file");
	header.target[sizeof(header.target) - 1] = '\0';
	trace->machine = machine_find(header.target);
	if (!trace->machine)
		return xasprintf("unsupported architecture '%s' in the trace", header.target);
	trace->pos = (const uint8_t *)data + sizeof(header);
	trace->end = (const uint8_t *)data + size;
	return NULL;
}

void trace_end(struct trace *trace)
{
	free(trace->code);
	free(trace->areas.list);
	operation_release(&trace->next);
	*trace = (struct trace) { 0 };
}

void operation_release(struct operation *operation)
{
	free(operation->steps);
	free(operation->accesses);
	free(operation->objects.list);
	*operation = (struct operation) { 0 };
}

static char *read_instruction(struct trace *trace, const struct trace_instruction *item)
{
	size_t size = item->size < TRACE_CODE_BYTES ? item->size : TRACE_CODE_BYTES;
	struct trace_code *code = array_add(&trace->code, &trace->code_count);

	code->address = item->address;
	code->size = item->size;
	memcpy(code->bytes, item->code, size);
	code->kind = trace->machine->kind(item->code, size);
	code->repeats = trace->machine->repeats && trace->machine->repeats(item->code, size);
	return NULL;
}

/*
 * The first execution of a repeated string instruction and the others may belong to
 * different blocks, in which the instruction has different numbers.
 */
static bool is_repetition(const struct trace *trace, const struct operation *operation,
			  uint32_t code)
{
	const struct trace_code *last;

	if (!trace->code[code].repeats || !operation->step_count)
		return false;
	last = &trace->code[operation->steps[operation->step_count - 1].code];
	return last->address == trace->code[code].address;
}

static char *read_run(const struct trace *trace, struct operation *operation,
		      const struct trace_run *run)
{
	if (!run->count || run->first + (uint64_t)run->count > trace->code_count)
		return xasprintf("the trace refers to an instruction that it does not describe");
	for (uint32_t i = 0; i < run->count; i++)
		if (!is_repetition(trace, operation, run->first + i))
			*array_add(&operation->steps, &operation->step_count) =
				(struct trace_step) { .code = run->first + i, .times = 1 };
	return NULL;
}

static char *read_access(struct operation *operation, const struct trace_access *item)
{
	if (!operation->step_count)
		return xasprintf("the trace has an access without an instruction");
	if (!item->count || item->size_shift > ACCESS_SHIFT_MAX ||
	    (uint64_t)item->count << item->size_shift > ACCESS_BYTES_MAX)
		return xasprintf("the trace has an invalid access");
	*array_add(&operation->accesses, &operation->access_count) = (struct access) {
		.step = operation->step_count - 1,
		.address = item->address,
		.count = item->count,
		.size_shift = item->size_shift,
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

static char *read_item(struct trace *trace, struct operation *operation, uint8_t type)
{
	union {
		struct trace_instruction instruction;
		struct trace_run run;
		struct trace_repeat repeat;
		struct trace_access access;
		struct trace_event event;
	} item;
	struct trace_step *last;

	memcpy(&item, trace->pos, item_size(type));
	switch (type) {
	case TRACE_INSTRUCTION:
		return read_instruction(trace, &item.instruction);
	case TRACE_RUN:
		return read_run(trace, operation, &item.run);
	case TRACE_ACCESS:
		return read_access(operation, &item.access);
	case TRACE_REPEAT:
		if (!operation->step_count)
			return xasprintf("the trace has a repetition without an instruction");
		last = &operation->steps[operation->step_count - 1];
		if (!trace->code[last->code].repeats)
			last->times += item.repeat.times;
		return NULL;
	case TRACE_BEGIN:	/* also discards an operation that failed */
		operation->mark = item.event.mark;
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

/* Read up to the end of an operation or of an area. Return false as trace_next() does. */
static bool read_operation(struct trace *trace, struct operation *operation, char **error)
{
	*error = NULL;
	operation->step_count = 0;
	operation->access_count = 0;
	while (!*error && trace->pos < trace->end && !trace->complete && !trace->limited) {
		uint8_t type = *trace->pos;
		size_t size = item_size(type);

		if (!size || size > (size_t)(trace->end - trace->pos)) {
			*error = xasprintf("the trace is damaged");
			break;
		}
		*error = read_item(trace, operation, type);
		trace->pos += size;
		if (type == TRACE_DONE && !*error)
			return true;
	}
	if (!*error && !trace->complete && !trace->limited)
		*error = xasprintf("the trace is truncated");
	return false;
}

/* Read the value that the accesses' addresses spell. Return false if they do not. */
static bool read_value(const struct access *accesses, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < sizeof(*value); i++) {
		if (accesses[i].is_store || accesses[i].size_shift || accesses[i].count != 1)
			return false;
		*value |= (accesses[i].address & 0xff) << 8 * i;
	}
	return true;
}

/* Return true if the module describes an area instead of executing an operation. */
static bool read_area(const struct trace *trace, const struct operation *operation,
		      struct trace_area *area)
{
	uint64_t words[KMEMLAB_AREA_WORDS];

	if (operation->access_count != KMEMLAB_AREA_WORDS * sizeof(words[0]))
		return false;
	for (size_t i = 0; i < operation->step_count; i++)
		if (trace->code[operation->steps[i].code].kind.flow == FLOW_CLOCK)
			return false;
	for (size_t i = 0; i < KMEMLAB_AREA_WORDS; i++)
		if (!read_value(&operation->accesses[i * sizeof(words[0])], &words[i]))
			return false;
	*area = (struct trace_area) { .kind = words[0], .address = words[1], .bytes = words[2] };
	memcpy(area->name, &words[3], sizeof(area->name));
	area->name[sizeof(area->name) - 1] = '\0';
	return true;
}

/*
 * Read areas, those of objects into *objects, up to the next operation, which is kept in
 * trace->next. Return false as trace_next() does.
 */
static bool read_areas(struct trace *trace, struct trace_areas *objects, char **error)
{
	struct trace_area area;

	while (!trace->has_next) {
		if (!read_operation(trace, &trace->next, error))
			return false;
		if (!read_area(trace, &trace->next, &area)) {
			trace->has_next = true;
		} else {
			struct trace_areas *to = area.kind == KMEMLAB_AREA_OBJECT ? objects :
										    &trace->areas;

			*array_add(&to->list, &to->count) = area;
		}
	}
	return true;
}

/* Exchange the buffers of the operations, except those of the objects. */
static void take_next(struct trace *trace, struct operation *operation)
{
	struct trace_areas objects = operation->objects;
	struct operation next = trace->next;

	trace->next = *operation;
	trace->next.objects = (struct trace_areas) { 0 };
	*operation = next;
	operation->objects = objects;
	trace->has_next = false;
}

bool trace_next(struct trace *trace, struct operation *operation, char **error)
{
	*error = NULL;
	operation->objects.count = 0;
	if (!read_areas(trace, &operation->objects, error))
		return false;
	take_next(trace, operation);
	if (operation->mark != KMEMLAB_MARK_ALLOC)
		return true;
	/* Objects are known after they are allocated. */
	operation->objects.count = 0;
	read_areas(trace, &operation->objects, error);
	return !*error;
}
