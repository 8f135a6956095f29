/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request to run something in a virtual machine, and the result of the run. */
#ifndef KMEMLAB_VM_REQUEST_H
#define KMEMLAB_VM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "facility_file.h"

/* amd64 kernels need the most memory: below 90 MiB they panic or print nothing. */
#define VM_MEMORY_MIB_MIN 96
#define VM_MEMORY_MIB_MAX (1U << 20)

/* CPUs of a virtual machine unless its board has a fixed number; more would only slow it down */
#define VM_CPUS_MAX 8

enum vm_clock {
	VM_CLOCK_NONE,		/* TCG without counting: functional tests, shell */
	VM_CLOCK_INSTRUCTIONS,	/* TCG, one tick per instruction */
	VM_CLOCK_TIME,		/* KVM if it works, else TCG; wall time */
};

/* A user's file to copy to the guest's root directory, under its base name */
struct vm_file {
	const char *path;
	const char *option;	/* that names it, with a blank, or "": for messages */
};

/* An instruction trace of the plan's marked experiment, or the calls of functions */
struct vm_trace {
	const char *op;			/* "alloc" or "free"; NULL with around */
	const char *around;		/* ranges of functions (explain/around.h), or NULL */
	unsigned long long limit_bytes;	/* a longer trace is truncated and marked as such */
};

struct vm_request {
	const char *kernel;	/* version, series, suite, path, or "default" */
	const char *headers;	/* headers of a local kernel image, or NULL */
	const char *arch;	/* name, or NULL: amd64 */
	const char *board;	/* name, or NULL: default board of the architecture */
	enum vm_clock clock;
	unsigned int memory_mib;	/* ignored by boards with a fixed size */
	bool memory_set;		/* by the user: must match a fixed size */
	unsigned int cpus;	/* CPUs that the kernel starts, or 0: one */
	const char *append;	/* more kernel command line, or NULL */
	const char *cpu;	/* value of --cpu, or NULL: CPU_DEFAULT, or the host's under KVM */
	unsigned int layout;	/* each number gives a different memory layout */
	unsigned int timeout_s;	/* for the whole run, or 0: default timeouts */
	struct facility_file extra;	/* more facilities; text is NULL: none */
	/* Give up after this time without output, and tell where the CPU is; 0: default timeout */
	unsigned int silence_s;
	bool console;		/* copy the console to standard error */
	bool no_snapshot;	/* boot even if a snapshot could be restored */

	/* exactly one of the next four is set */
	const char *plan;	/* plan text, executed by the guest */
	const char *script;	/* shell commands; their output is passed on immediately */
	const char *bench;	/* modules to load (runner/bench.h) */
	bool interactive;	/* a shell on this terminal */

	const struct vm_file *files;
	size_t file_count;
	const struct vm_trace *trace;	/* or NULL */

	/* Called a few times per second with the number of results so far, or NULL */
	void (*progress)(void *context, size_t results);
	void *progress_context;

	/* Receives the output of a script or bench in place of stdout and stderr, or NULL */
	void (*output)(void *context, int stream, const void *data, size_t size);
	void *output_context;
};

struct vm_result {
	enum exit_code code;	/* EXIT_OK only after a complete trailer */
	char *message;		/* one line if code is not EXIT_OK */
	int guest_status;	/* exit status of runner_run() or of the script */
	char *records;		/* record lines, checked by length and CRC */
	size_t records_bytes;
	/* the host's part of the environment record */
	const char *accelerator;	/* "tcg" or "kvm" */
	char *accelerator_reason;	/* reason for not using KVM, or NULL */
	char input_sha256[65];	/* digest of everything the guest was started from */
	/* SHA-256 of the kernel, the module and the guest's init, whose bytes were checked */
	char kernel_sha256[65], module_sha256[65], guest_sha256[65];
	char *qemu_version;
	char *cpu;		/* value of QEMU's -cpu, or NULL: fixed by the board */
	char *kernel_package_version;
	char *kernel_file;	/* kernel that was booted */
	char *module_file;	/* module that was loaded */
	FILE *trace;		/* the requested trace, already unlinked, or NULL */
	bool restored;		/* started from a snapshot */
	double boot_s;		/* host seconds until the first record */
	double total_s;
};

/* Find the kernel, build the module, boot, and collect the result, which is always set. */
void vm_run(const struct vm_request *request, struct vm_result *result);
void vm_result_release(struct vm_result *result);

#endif
