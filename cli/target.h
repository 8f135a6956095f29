/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a plan is carried out, and what results say of it. */
#ifndef KMEMLAB_TARGET_H
#define KMEMLAB_TARGET_H

#include <stdbool.h>

#include "exec/plan.h"
#include "report/document.h"
#include "vm/vm.h"

struct target {
	bool on_host;
	/* of the virtual machine */
	const char *kernel;
	const char *headers;		/* of a kernel that is an image, or NULL */
	const char *arch;
	const char *board;		/* NULL: the architecture's usual one */
	const char *append;
	const char *cpu;		/* model, or NULL */
	unsigned int memory_mib;	/* on a board that has no size of its own */
	bool memory_asked;		/* by the user */
	unsigned int cpus;
	unsigned int layout;
	enum vm_clock clock;
	bool boot;			/* from the start, not from a saved state */
	bool isolate;			/* each experiment in a machine of its own */
	bool verbose;
	unsigned int timeout_s;		/* 0: the watchdogs' own */
};

/* Carries the plan out. Fills result always. */
void target_run(const struct plan *plan, const struct target *target, struct vm_result *result);

/* What documents say of a run, dated now; it borrows from all three. */
struct run_facts target_facts(const struct vm_result *result, const struct target *target,
			      const char *command);

#endif
