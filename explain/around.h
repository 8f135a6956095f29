/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of chosen functions of the kernel, which the plugin counts (plugin/around.h). */
#ifndef KMEMLAB_EXPLAIN_AROUND_H
#define KMEMLAB_EXPLAIN_AROUND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "instruction.h"
#include "symbols.h"

/* The calls of one function */
struct around_function {
	const char *name;
	unsigned int addresses;		/* functions of this name */
	char **aliases;			/* other names of them, whose calls are counted, too */
	size_t alias_count;
	uint64_t *inclusive, *exclusive;	/* instructions of each call */
	size_t calls;
	uint64_t in_interrupts;		/* calls in interrupts, which are not in calls */
	uint64_t interrupted, switched;	/* of calls: by an interrupt, by another task */
};

struct around_start {
	uint64_t address;
	size_t function;
};

struct around {
	struct around_function *functions;
	size_t count;
	uint64_t window_instructions;	/* while calls were counted */
	uint64_t window_repeats;	/* of string instructions, which are not in them */
	uint64_t unfinished;		/* calls that had not returned at the end */
	uint64_t lost;			/* calls that could not be followed */
	bool limited;			/* the file of calls reached its limit */
	/* private: */
	struct around_start *starts;
	size_t start_count;
};

/*
 * Choose functions by name; the names must stay valid. Call it before any symbol is looked up,
 * which leaves one name of each address. Return NULL, or the first name without a function.
 */
const char *around_choose(struct around *around, const struct symbols *symbols,
			  const char *const *names, size_t count);

/*
 * Return NULL, or a chosen function that has an address in common with an earlier one, which is
 * *other: a call of one is a call of the other.
 */
const char *around_same(const struct around *around, const char **other);

/*
 * Return the ranges for the plugin, which the caller frees. kunit: calls are counted in tests of
 * KUnit too, which run after init.
 */
char *around_ranges(const struct around *around, struct symbols *symbols,
		    const struct machine *machine, bool kunit);

/* Read the plugin's file. Return NULL or an allocated error message. */
char *around_read(struct around *around, FILE *in);

void around_release(struct around *around);

#endif
