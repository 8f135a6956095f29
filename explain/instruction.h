/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Per-architecture knowledge needed to follow calls, in one table. */
#ifndef KMEMLAB_EXPLAIN_INSTRUCTION_H
#define KMEMLAB_EXPLAIN_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Control flow after an instruction. */
enum flow {
	FLOW_NEXT,		/* continues with the next instruction */
	FLOW_JUMP,		/* may continue elsewhere */
	FLOW_CALL,
	FLOW_RETURN,
	FLOW_EXCEPTION_RETURN,
	FLOW_CLOCK,		/* reads the clock */
	FLOW_IDLE,		/* halts the CPU until an interrupt */
};

/* Classes; an instruction that fits several belongs to the first one here. */
enum mix_class {
	MIX_ATOMIC,	/* x86: locked; Arm: exclusive loads and stores, LSE */
	MIX_BARRIER,	/* orders memory accesses or instructions */
	MIX_SYSTEM,	/* privileged, or changes or reads the CPU's state */
	MIX_STRING,	/* x86: repeated string instruction; arm64: dc zva */
	MIX_CALL,
	MIX_INDIRECT,	/* call or jump to an address in a register or in memory */
	MIX_RETURN,
	MIX_BRANCH,	/* conditional */
	MIX_JUMP,
	/* the others, by the memory that they access: */
	MIX_LOAD_STORE,
	MIX_LOAD,
	MIX_STORE,
	MIX_REGISTER,
	MIX_CLASSES
};

/* Effect of an instruction on the mask of interrupts. */
enum mix_irq { MIX_IRQ_NONE, MIX_IRQ_DISABLE, MIX_IRQ_ENABLE, MIX_IRQ_SAVE, MIX_IRQ_RESTORE };

struct instruction_kind {
	enum mix_class class;	/* MIX_REGISTER unless the code determines the class */
	enum mix_irq irq;
	const char *name;	/* of an atomic, barrier, system or string instruction, or NULL */
	enum flow flow;
};

/* Code at an address that the architecture defines and kallsyms does not list. */
struct fixed_code {
	uint64_t address;
	const char *name;
};

struct machine {
	const char *target;		/* QEMU's name of the architecture */
	struct instruction_kind (*kind)(const uint8_t *code, size_t size);
	/* Returns true if a CPU retires several executions as one instruction; may be NULL. */
	bool (*repeats)(const uint8_t *code, size_t size);
	/* instructions of the clock that the clock itself counts: */
	unsigned int clock_after_first;		/* after the first read */
	unsigned int clock_before_last;		/* before the second read, which counts too */
	/* names or prefixes of names; each list ends with NULL */
	const char *const *faults;	/* entries of exceptions that restart the instruction */
	const char *const *interrupts;	/* entries of interrupts */
	const char *const *stubs;	/* entries of both kinds that have several entry points */
	const char *const *thunks;	/* functions that jump or call on behalf of their caller */
	const char *switcher;		/* saves one task's registers and restores another's */
	const struct fixed_code *fixed;	/* ends with a name of NULL; may be NULL */
};

/* Return the machine for QEMU's name of an architecture, or NULL. */
const struct machine *machine_find(const char *target);

/* Return true if the name starts with an element of the list. */
bool machine_lists(const char *const *list, const char *name);

/* Names of the classes in documents */
extern const char *const mix_class_names[MIX_CLASSES];

#endif
