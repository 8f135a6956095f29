// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock_block.h"

/* Both reads of one site are in one function; other clock reads are far away. */
#define SITE_BYTES	65536

static const struct trace_code *code_of(const struct trace *trace,
					const struct operation *operation, size_t step)
{
	return &trace->code[operation->steps[step].code];
}

/* The first read, or the last one near it. */
static bool find_reads(const struct trace *trace, const struct operation *operation,
		       size_t *first, size_t *last)
{
	uint64_t site = 0;
	bool found = false;

	for (size_t i = 0; i < operation->step_count; i++) {
		const struct trace_code *code = code_of(trace, operation, i);

		if (code->flow != FLOW_CLOCK)
			continue;
		if (!site) {
			site = code->address;
			*first = i;
		} else if (code->address - site < SITE_BYTES || site - code->address < SITE_BYTES) {
			*last = i;
			found = true;
		}
	}
	return found;
}

static void add(struct counted *counted, size_t step)
{
	counted->own[counted->own_count++] = step;
}

bool counted_steps(const struct trace *trace, const struct operation *operation,
		   struct counted *counted)
{
	const struct machine *machine = trace->machine;
	size_t first = 0, last = 0, i;
	uint64_t address;
	unsigned int left;

	*counted = (struct counted) { 0 };
	if (!find_reads(trace, operation, &first, &last))
		return false;
	counted->first = first + 1;
	counted->end = last + 1;
	/* An interrupt may come in between: so by address. */
	address = code_of(trace, operation, first)->address + code_of(trace, operation, first)->size;
	left = machine->clock_after_first;
	for (i = first + 1; i < last && left; i++) {
		const struct trace_code *code = code_of(trace, operation, i);

		if (code->address != address)
			continue;
		add(counted, i);
		address += code->size;
		left--;
	}
	if (left)
		return false;
	address = code_of(trace, operation, last)->address;
	left = machine->clock_before_last;
	for (i = last; i-- > first && left;) {
		const struct trace_code *code = code_of(trace, operation, i);

		if (code->address + code->size != address)
			continue;
		add(counted, i);
		address = code->address;
		left--;
	}
	add(counted, last);
	return !left;
}

bool counted_is_own(const struct counted *counted, size_t step)
{
	for (size_t i = 0; i < counted->own_count; i++)
		if (counted->own[i] == step)
			return true;
	return false;
}
