/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine: boots a stock kernel with one job in its initramfs and
 * brings the job's output back. Everything it makes lies in a private
 * directory that vm_run() removes, whatever happens.
 */
#ifndef KMEMLAB_VM_H
#define KMEMLAB_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/exit_codes.h"

/* With a margin: amd64's kernels, which take most, panic below 90 MiB or say nothing at all. */
#define VM_MEMORY_MIB_MIN 96
#define VM_MEMORY_MIB_MAX (1U << 20)

enum vm_clock {
	VM_CLOCK_NONE,		/* TCG without counting: functional tests, shell */
	VM_CLOCK_INSTRUCTIONS,	/* TCG, one tick an instruction */
	VM_CLOCK_TIME,		/* KVM where it truly works, else TCG; wall time */
};

/* A file of the user's, put into the guest's root folder under its base name. */
struct vm_file {
	const char *path;
};

/* The instructions of a plan's marked experiment, from a QEMU that counts them. */
struct vm_trace {
	const char *op;			/* "alloc" or "free" */
	unsigned long long limit_bytes;	/* of the trace; where it is cut off, it says so */
};

struct vm_job {
	const char *kernel;	/* version, series, "default" */
	const char *headers;	/* of a kernel that is a file, or NULL */
	const char *arch;	/* "amd64" */
	const char *board;	/* NULL: the architecture's usual one */
	enum vm_clock clock;
	unsigned int memory_mib;	/* on a board that has no size of its own */
	bool memory_asked;		/* by the user: another board than that is refused */
	unsigned int cpus;
	const char *append;	/* more kernel command line, or NULL */
	const char *cpu;	/* QEMU's CPU model, or NULL: the arch's own */
	unsigned int layout;	/* another number: memory laid out a little differently */
	unsigned int timeout_s;	/* of the whole run; 0: the watchdogs' own */
	bool verbose;
	bool boot;		/* really, even where a saved machine would do */

	/* exactly one of the three */
	const char *plan;	/* the text of a plan: exec carries it out */
	const char *script;	/* shell commands; output is passed on as it comes */
	bool interactive;	/* a shell on this terminal */

	const struct vm_file *files;
	size_t file_count;
	const struct vm_trace *trace;	/* or NULL */

	/* takes a script's output instead of our standard files; may be NULL */
	void (*output)(void *context, int stream, const void *data, size_t size);
	void *output_context;
};

struct vm_result {
	enum exit_code code;	/* EXIT_FINE only after a complete trailer */
	char *message;		/* one line for people where code is not EXIT_FINE */
	int guest_status;	/* exit status of exec_plan() or of the script */
	char *records;		/* the record lines, verified by length and CRC */
	size_t records_bytes;
	/* what the environment record says of this side: */
	const char *accelerator;	/* "tcg" or "kvm" */
	char *accelerator_reason;	/* why not KVM where time was asked for, or NULL */
	char input_sha256[65];	/* of all that the guest was started from */
	char *qemu_version;
	char *kernel_package_version;
	char *kernel_file;	/* what was booted, and the module in it */
	char *module_file;
	FILE *trace;		/* where one was asked for; its name is gone already */
	bool restored;		/* from a saved machine */
	double boot_s;		/* host seconds to the first record line */
	double total_s;
};

/* Fetches, builds, boots, collects. Fills result always. */
void vm_run(const struct vm_job *job, struct vm_result *result);
void vm_result_release(struct vm_result *result);

#endif
