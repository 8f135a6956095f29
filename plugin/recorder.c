// SPDX-License-Identifier: GPL-2.0-or-later
#include "recorder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES	(1 << 20)

int recorder_open(struct recorder *recorder, const char *path, uint64_t limit,
		  const char *target)
{
	struct trace_header header = { .magic = TRACE_MAGIC };

	memset(recorder, 0, sizeof(*recorder));
	recorder->out = fopen(path, "we");
	if (!recorder->out)
		return -1;
	setvbuf(recorder->out, NULL, _IOFBF, BUFFER_BYTES);
	strncpy(header.target, target, sizeof(header.target) - 1);
	recorder->limit = limit;
	recorder->header_bytes = sizeof(header);
	recorder->written = sizeof(header);
	recorder->closed = true;
	return fwrite(&header, sizeof(header), 1, recorder->out) == 1 ? 0 : -1;
}

struct translation_block *recorder_block(size_t count)
{
	struct translation_block *block = calloc(1, sizeof(*block) +
						 count * sizeof(block->instructions[0]));

	if (block)
		block->count = count;
	return block;
}

static void write_item(struct recorder *recorder, const void *item, size_t size)
{
	if (recorder->closed || !size)
		return;
	if (recorder->written + size > recorder->limit ||
	    fwrite(item, size, 1, recorder->out) != 1) {
		recorder_finish(recorder, TRACE_LIMIT);
		return;
	}
	recorder->written += size;
}

static void flush_pending(struct recorder *recorder)
{
	if (recorder->run.count) {
		write_item(recorder, &recorder->run, sizeof(recorder->run));
		if (recorder->repeat.times)
			write_item(recorder, &recorder->repeat, sizeof(recorder->repeat));
		write_item(recorder, recorder->accesses,
		    recorder->access_count * sizeof(recorder->accesses[0]));
	}
	recorder->run = (struct trace_run) { .type = TRACE_RUN };
	recorder->repeat = (struct trace_repeat) { .type = TRACE_REPEAT };
	recorder->access_count = 0;
}

static void write_event(struct recorder *recorder, enum trace_type type, int mark)
{
	struct trace_event event = { .type = type, .mark = mark };

	write_item(recorder, &event, sizeof(event));
}

void recorder_restart(struct recorder *recorder)
{
	fflush(recorder->out);
	rewind(recorder->out);
	fseek(recorder->out, recorder->header_bytes, SEEK_SET);
	recorder->closed = ftruncate(fileno(recorder->out), recorder->header_bytes) != 0;
	recorder->written = recorder->header_bytes;
	recorder->generation++;
	recorder->instructions = 0;
	recorder->recording = false;
	recorder->run.count = 0;
	flush_pending(recorder);
}

void recorder_begin(struct recorder *recorder, unsigned int vcpu, int mark)
{
	recorder->run.count = 0;
	flush_pending(recorder);
	write_event(recorder, TRACE_BEGIN, mark);
	recorder->vcpu = vcpu;
	recorder->recording = !recorder->closed;
	recorder->executed = false;
}

/* Return the instruction's number, after describing its block if that is new. */
static uint32_t number_of(struct recorder *recorder, const struct instruction *instruction)
{
	struct translation_block *block = instruction->block;

	if (block->generation != recorder->generation) {
		block->generation = recorder->generation;
		block->first = recorder->instructions;
		recorder->instructions += block->count;
		for (size_t i = 0; i < block->count; i++) {
			struct trace_instruction item = { .type = TRACE_INSTRUCTION };

			item.size = block->instructions[i].size;
			item.address = block->instructions[i].address;
			memcpy(item.code, block->instructions[i].code, sizeof(item.code));
			write_item(recorder, &item, sizeof(item));
		}
	}
	return block->first + (instruction - block->instructions);
}

void recorder_executed(struct recorder *recorder, unsigned int vcpu,
		       const struct instruction *instruction)
{
	struct trace_run *run = &recorder->run;
	uint32_t number;

	if (vcpu != recorder->vcpu)
		return;
	/* A description must not separate a run from its accesses. */
	if (instruction->block->generation != recorder->generation)
		flush_pending(recorder);
	number = number_of(recorder, instruction);
	recorder->executed = true;
	if (run->count && run->first + run->count - 1 == number) {
		/* Accesses of repetitions are merged only for a run of a single instruction. */
		if (run->count == 1 && recorder->repeat.times < UINT32_MAX) {
			recorder->repeat.times++;
			return;
		}
		flush_pending(recorder);
	} else if (run->count && run->first + run->count == number && !recorder->repeat.times &&
		   !recorder->access_count && run->count < UINT16_MAX) {
		run->count++;
		return;
	} else {
		flush_pending(recorder);
	}
	run->first = number;
	run->count = 1;
}

/* Merge an adjacent access into a pending one. Return false if it is not adjacent. */
static bool merge_access(struct trace_access *access, bool is_store, unsigned int size_shift,
		    uint64_t address)
{
	uint64_t span = (uint64_t)access->count << size_shift;

	if (access->is_store != is_store || access->size_shift != size_shift)
		return false;
	if (address == access->address + span && (!access->downwards || access->count == 1))
		access->downwards = 0;
	else if (address == access->address - span && (access->downwards || access->count == 1))
		access->downwards = 1;
	else
		return false;
	access->count++;
	return true;
}

void recorder_accessed(struct recorder *recorder, unsigned int vcpu, bool is_store,
		       unsigned int size_shift, uint64_t address)
{
	struct trace_access access = {
		.type = TRACE_ACCESS,
		.is_store = is_store,
		.size_shift = size_shift,
		.count = 1,
		.address = address,
	};

	/* Accesses by the CPU when it takes an interrupt belong to no instruction. */
	if (vcpu != recorder->vcpu || !recorder->executed)
		return;
	for (size_t i = 0; i < recorder->access_count && recorder->repeat.times; i++)
		if (merge_access(&recorder->accesses[i], is_store, size_shift, address))
			return;
	/* The array is full: write the pending accesses; this one belongs to the last run. */
	if (recorder->access_count == PENDING_ACCESSES)
		flush_pending(recorder);
	if (recorder->run.count)
		recorder->accesses[recorder->access_count++] = access;
	else
		write_item(recorder, &access, sizeof(access));
}

void recorder_done(struct recorder *recorder, unsigned int vcpu)
{
	if (!recorder->recording || vcpu != recorder->vcpu)
		return;
	flush_pending(recorder);
	recorder->recording = false;
	write_event(recorder, TRACE_DONE, 0);
}

void recorder_finish(struct recorder *recorder, enum trace_type last)
{
	struct trace_event event = { .type = last };

	recorder->recording = false;
	if (!recorder->closed) {
		recorder->closed = true;
		fwrite(&event, sizeof(event), 1, recorder->out);
	}
	fflush(recorder->out);
}
