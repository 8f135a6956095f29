/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be known of an architecture to follow its calls: one table, pure. */
#ifndef KMEMLAB_EXPLAIN_INSTRUCTION_H
#define KMEMLAB_EXPLAIN_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum flow {
	FLOW_NEXT,		/* goes on behind it */
	FLOW_JUMP,		/* goes elsewhere, perhaps */
	FLOW_CALL,
	FLOW_RETURN,
	FLOW_EXCEPTION_RETURN,
	FLOW_CLOCK,		/* reads the clock */
	FLOW_IDLE,		/* stops the CPU until something happens */
};

/* Code that lies where the architecture wants it; the kernel's own list does not name it. */
struct fixed_code {
	uint64_t address;
	const char *name;
};

struct machine {
	const char *target;		/* QEMU's name */
	enum flow (*flow)(const uint8_t *code, size_t size);
	/* instructions of the clock blocks that the clock itself counts: */
	unsigned int clock_after_first;		/* behind the first read */
	unsigned int clock_before_last;		/* before the second read, which counts as well */
	/* names, or beginnings of names; each list ends with NULL */
	const char *const *faults;	/* entries of exceptions: the instruction is done again */
	const char *const *interrupts;	/* entries of interrupts */
	const char *const *stubs;	/* those of both that can be entered anywhere */
	const char *const *thunks;	/* functions that return into the one they stand for */
	const char *switcher;		/* saves one task's registers and restores another's */
	const struct fixed_code *fixed;	/* ends with a name of NULL, or NULL */
};

/* NULL where there is none of that name. */
const struct machine *machine_find(const char *target);

/* Whether the name begins with one of the list. */
bool machine_lists(const char *const *list, const char *name);

#endif
