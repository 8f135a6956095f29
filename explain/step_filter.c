// SPDX-License-Identifier: GPL-2.0-or-later
#include "step_filter.h"

#include <string.h>

/* Both reads are in the same function; reads that belong to other code are farther away. */
#define CLOCK_SITE_BYTES	65536

static const struct trace_code *code_of(const struct trace *trace,
					const struct operation *operation, size_t step)
{
	return &trace->code[operation->steps[step].code];
}

/* Find the first clock read, and the last one that is close to it. */
static bool find_reads(const struct trace *trace, const struct operation *operation,
		       size_t *first, size_t *last)
{
	uint64_t site = 0;
	bool found = false;

	for (size_t i = 0; i < operation->step_count; i++) {
		const struct trace_code *code = code_of(trace, operation, i);

		if (code->kind.flow != FLOW_CLOCK)
			continue;
		if (!site) {
			site = code->address;
			*first = i;
		} else if (code->address - site < CLOCK_SITE_BYTES ||
			   site - code->address < CLOCK_SITE_BYTES) {
			*last = i;
			found = true;
		}
	}
	return found;
}

static void add_clock_step(struct timed_region *region, size_t step)
{
	region->clock_steps[region->clock_step_count++] = step;
}

bool timed_region_find(const struct trace *trace, const struct operation *operation,
		       struct timed_region *region)
{
	const struct machine *machine = trace->machine;
	size_t first = 0, last = 0, i;
	unsigned int missing;
	uint64_t address;

	*region = (struct timed_region) { 0 };
	if (!find_reads(trace, operation, &first, &last))
		return false;
	region->first = first + 1;
	region->end = last + 1;
	/* An interrupt may separate adjacent instructions: match them by address. */
	address = code_of(trace, operation, first)->address +
		  code_of(trace, operation, first)->size;
	missing = machine->clock_after_first;
	for (i = first + 1; i < last && missing; i++) {
		const struct trace_code *code = code_of(trace, operation, i);

		if (code->address != address)
			continue;
		add_clock_step(region, i);
		address += code->size;
		missing--;
	}
	if (missing)
		return false;
	address = code_of(trace, operation, last)->address;
	missing = machine->clock_before_last;
	for (i = last; i-- > first && missing;) {
		const struct trace_code *code = code_of(trace, operation, i);

		if (code->address + code->size != address)
			continue;
		add_clock_step(region, i);
		address = code->address;
		missing--;
	}
	add_clock_step(region, last);
	return !missing;
}

bool timed_region_is_clock(const struct timed_region *region, size_t step)
{
	for (size_t i = 0; i < region->clock_step_count; i++)
		if (region->clock_steps[i] == step)
			return true;
	return false;
}

static bool is_saved(const struct switch_tracker *tracker, uint64_t address)
{
	for (size_t i = 0; i < tracker->saved_count; i++)
		if (tracker->saved[i] == address)
			return true;
	return false;
}

/* The switcher stores the registers of the task that leaves before it loads any. */
static void track_accesses(struct switch_tracker *tracker, const struct operation *operation,
			   size_t step)
{
	while (tracker->access < operation->access_count &&
	       operation->accesses[tracker->access].step < step)
		tracker->access++;
	for (size_t i = tracker->access;
	     i < operation->access_count && operation->accesses[i].step == step; i++) {
		const struct access *access = &operation->accesses[i];

		if (!access->is_store) {
			tracker->loading = true;
			tracker->loads_ours |= is_saved(tracker, access->address);
		} else if (!tracker->switched_out && !tracker->loading &&
			   tracker->saved_count < SAVED_REGISTERS_MAX) {
			tracker->saved[tracker->saved_count++] = access->address;
		}
	}
}

static void enter_switcher(struct switch_tracker *tracker)
{
	tracker->loading = false;
	tracker->loads_ours = false;
	if (!tracker->switched_out)
		tracker->saved_count = 0;
}

bool switch_tracker_step(struct switch_tracker *tracker, const struct trace *trace,
			 const struct operation *operation, size_t step,
			 const struct symbols *symbols, size_t symbol)
{
	const struct trace_code *code = code_of(trace, operation, step);
	bool inside = !strcmp(symbols_name(symbols, symbol), trace->machine->switcher);

	/* The switcher ends with a jump or a return; a call comes back to it. */
	if (tracker->in_switcher && !inside && tracker->loading &&
	    code_of(trace, operation, step - 1)->kind.flow != FLOW_CALL)
		tracker->switched_out = !tracker->loads_ours;
	if (inside && code->address == symbols->list[symbol].address)
		enter_switcher(tracker);
	if (inside)
		track_accesses(tracker, operation, step);
	tracker->in_switcher = inside;
	return tracker->switched_out;
}
