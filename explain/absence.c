// SPDX-License-Identifier: GPL-2.0-or-later
#include "absence.h"

#include <string.h>

static bool is_saved(const struct absence *absence, uint64_t address)
{
	for (size_t i = 0; i < absence->saved_count; i++)
		if (absence->saved[i] == address)
			return true;
	return false;
}

/* What the switcher stores before it loads anything is the registers of the task that leaves. */
static void watch_accesses(struct absence *absence, const struct operation *operation, size_t step)
{
	while (absence->access < operation->access_count &&
	       operation->accesses[absence->access].step < step)
		absence->access++;
	for (size_t i = absence->access;
	     i < operation->access_count && operation->accesses[i].step == step; i++) {
		const struct access *access = &operation->accesses[i];

		if (!access->is_store) {
			absence->loading = true;
			absence->ours |= is_saved(absence, access->address);
		} else if (!absence->away && !absence->loading && absence->saved_count < SAVED_MAX) {
			absence->saved[absence->saved_count++] = access->address;
		}
	}
}

static void begin(struct absence *absence)
{
	absence->loading = false;
	absence->ours = false;
	if (!absence->away)
		absence->saved_count = 0;
}

bool absence_step(struct absence *absence, const struct trace *trace,
		  const struct operation *operation, size_t step, const struct symbols *symbols,
		  size_t symbol)
{
	const struct trace_code *code = &trace->code[operation->steps[step].code];
	bool inside = !strcmp(symbols_name(symbols, symbol), trace->machine->switcher);

	/* It is left by a jump or a return; what it calls comes back to it. */
	if (absence->inside && !inside && absence->loading &&
	    trace->code[operation->steps[step - 1].code].flow != FLOW_CALL)
		absence->away = !absence->ours;
	if (inside && code->address == symbols->list[symbol].address)
		begin(absence);
	if (inside)
		watch_accesses(absence, operation, step);
	absence->inside = inside;
	return absence->away;
}
