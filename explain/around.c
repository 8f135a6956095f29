// SPDX-License-Identifier: GPL-2.0-or-later
#include "around.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "plugin/trace_format.h"

/*
 * The kernel calls init in the first of these. KUnit runs the tests of a module in a notifier: of
 * the module that is live, or before Linux 6.7 of the one that is coming.
 */
static const char *const window_functions[] = { "do_one_initcall", "blocking_notifier_call_chain",
						"blocking_notifier_call_chain_robust" };

static bool is_named(const struct symbol *symbol, const char *name)
{
	return !symbol->is_cold && !strcmp(symbol->name, name);
}

static bool starts_at(const struct around *around, size_t function, uint64_t address)
{
	for (size_t i = 0; i < around->start_count; i++)
		if (around->starts[i].function == function && around->starts[i].address == address)
			return true;
	return false;
}

static bool has_name(const struct around_function *function, const char *name)
{
	for (size_t i = 0; i < function->alias_count; i++)
		if (!strcmp(function->aliases[i], name))
			return true;
	return !strcmp(function->name, name);
}

/* Find the other names of a function. */
static void add_aliases(struct around *around, size_t index, const struct symbols *symbols)
{
	struct around_function *function = &around->functions[index];

	for (size_t i = 0; i < symbols->count; i++) {
		const struct symbol *symbol = &symbols->list[i];

		if (!symbol->is_cold && !symbol->is_mark && !has_name(function, symbol->name) &&
		    starts_at(around, index, symbol->address))
			*array_add(&function->aliases, &function->alias_count) =
				xstrdup(symbol->name);
	}
}

const char *around_choose(struct around *around, const struct symbols *symbols,
			  const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct around_function *function = array_add(&around->functions, &around->count);

		function->name = names[i];
		for (size_t k = 0; k < symbols->count; k++)
			if (is_named(&symbols->list[k], names[i])) {
				function->addresses++;
				*array_add(&around->starts, &around->start_count) =
					(struct around_start) { symbols->list[k].address, i };
			}
		if (!function->addresses)
			return names[i];
		add_aliases(around, i, symbols);
	}
	return NULL;
}

const char *around_same(const struct around *around, const char **other)
{
	for (size_t i = 0; i < around->start_count; i++)
		for (size_t k = 0; k < around->starts[i].function; k++)
			if (starts_at(around, k, around->starts[i].address)) {
				*other = around->functions[k].name;
				return around->functions[around->starts[i].function].name;
			}
	return NULL;
}

/* Complete a range that starts at a chosen function or is a part of one. */
static void find_function(const struct around *around, const struct symbol *symbol,
			  struct around_range *range)
{
	for (size_t i = 0; i < around->start_count; i++)
		if (around->starts[i].address == symbol->address) {
			range->kinds |= AROUND_FUNCTION;
			range->function = around->starts[i].function;
			return;
		}
	for (size_t i = 0; symbol->is_cold && i < around->count; i++)
		if (has_name(&around->functions[i], symbol->name)) {
			range->kinds |= AROUND_PART;
			range->function = i;
		}
}

static void find_window(const struct around *around, const struct symbol *symbol, bool kunit,
			struct around_range *range)
{
	for (size_t i = 0; i < (kunit ? ARRAY_SIZE(window_functions) : 1); i++)
		if (is_named(symbol, window_functions[i])) {
			range->kinds |= AROUND_WINDOW_FUNCTION;
			if (range->function < 0)
				range->function = around->count + i;
		}
}

static uint32_t machine_kinds(const struct machine *machine, const char *name)
{
	uint32_t kinds = 0;

	if (machine_lists(machine->interrupts, name))
		kinds |= AROUND_INTERRUPT;
	else if (machine_lists(machine->faults, name))
		kinds |= AROUND_FAULT;
	if (machine_lists(machine->stubs, name))
		kinds |= AROUND_STUB;
	if (!strcmp(machine->switcher, name))
		kinds |= AROUND_SWITCHER;
	/* All architectures; since Linux 6.6 the first one on x86, which calls the second. */
	if (!strcmp(name, "ret_from_fork_asm") || !strcmp(name, "ret_from_fork"))
		kinds |= AROUND_NEW_TASK;
	return kinds;
}

char *around_ranges(const struct around *around, struct symbols *symbols,
		    const struct machine *machine, bool kunit)
{
	struct strbuf text = STRBUF_INIT;

	for (const struct fixed_code *fixed = machine->fixed; fixed && fixed->name; fixed++)
		symbols_add(symbols, fixed->address, fixed->name);
	symbols_find(symbols, 0);	/* sorts them */
	for (size_t i = 0; i < symbols->count; i++) {
		const struct symbol *symbol = &symbols->list[i];
		struct around_range range = {
			.start = symbol->address,
			.end = i + 1 < symbols->count ? symbol[1].address : UINT64_MAX,
			.kinds = machine_kinds(machine, symbol->name),
			.function = -1,
		};

		find_function(around, symbol, &range);
		find_window(around, symbol, kunit, &range);
		if (range.kinds)
			strbuf_addf(&text, "%" PRIx64 " %" PRIx64 " %" PRIu32 " %" PRId32 "\n",
				    range.start, range.end, range.kinds, range.function);
	}
	return strbuf_detach(&text);
}

static void add_call(struct around_function *function, const struct around_record *record)
{
	size_t calls = function->calls;

	if (record->flags & AROUND_IN_INTERRUPT) {
		function->in_interrupts++;
		return;
	}
	function->interrupted += !!(record->flags & AROUND_INTERRUPTED);
	function->switched += !!(record->flags & AROUND_SWITCHED);
	*array_add(&function->exclusive, &calls) = record->exclusive;
	*array_add(&function->inclusive, &function->calls) = record->inclusive;
}

char *around_read(struct around *around, FILE *in)
{
	struct around_record record;

	while (fread(&record, sizeof(record), 1, in) == 1) {
		if (record.function < around->count) {
			add_call(&around->functions[record.function], &record);
		} else if (record.function == AROUND_WINDOW) {
			around->window_instructions = record.inclusive;
			around->window_repeats = record.exclusive;
		} else if (record.function == AROUND_END) {
			around->unfinished = record.inclusive;
			around->lost = record.exclusive;
			around->limited = record.flags & AROUND_LIMIT;
			return NULL;
		} else {
			return xasprintf("the plugin's file of calls is damaged");
		}
	}
	return xasprintf("the plugin's file of calls is incomplete");
}

void around_release(struct around *around)
{
	for (size_t i = 0; i < around->count; i++) {
		for (size_t k = 0; k < around->functions[i].alias_count; k++)
			free(around->functions[i].aliases[k]);
		free(around->functions[i].aliases);
		free(around->functions[i].inclusive);
		free(around->functions[i].exclusive);
	}
	free(around->functions);
	free(around->starts);
	*around = (struct around) { 0 };
}
