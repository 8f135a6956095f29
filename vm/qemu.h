/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's arguments and process. QEMU runs in a directory that contains all its files
 * under fixed names, so that the arguments contain no path of this host and can be part
 * of the input's digest.
 */
#ifndef KMEMLAB_VM_QEMU_H
#define KMEMLAB_VM_QEMU_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"
#include "board.h"
#include "request.h"

#define QEMU_KERNEL	"vmlinux"
#define QEMU_DEVICE_TREE "dtb"
#define QEMU_INITRAMFS	"initramfs"
#define QEMU_CONSOLE	"console"
#define QEMU_JOB	"job"
#define QEMU_RESULTS	"results"
#define QEMU_MESSAGES	"messages"

struct qemu_command {
	char **argv;
	size_t count;
};

/* Return "7.2.22 (Debian ...)", which the caller frees, or NULL if QEMU is missing. */
char *qemu_version(const struct arch *arch);

/* Oldest version with the required options and a suitable virtual clock */
#define QEMU_VERSION_MIN	"7.2"

bool qemu_too_old(const char *version);

/*
 * Return whether KVM boots a kernel (a file that QEMU accepts). If not, *reason is set
 * and the caller frees it. The answer is cached until the host reboots, or QEMU or the
 * kernel changes.
 */
bool kvm_usable(const struct arch *arch, const char *kernel, const char *qemu_version,
		char **reason);

/*
 * Return whether the request's job is passed in shared memory instead of the initramfs.
 * Such a machine can be started from a snapshot.
 */
bool qemu_shares_job(const struct vm_request *request);

/*
 * Return whether QEMU's plugin counts the repetitions of string instructions, which the
 * guest subtracts from its clock.
 */
bool qemu_counts_strings(const struct vm_request *request);

/*
 * Build the arguments; cpu is NULL if the board's is fixed, terminal is the socket of an
 * interactive guest, or -1.
 */
void qemu_command_build(struct qemu_command *command, const struct arch *arch,
			const struct board *board, const struct vm_request *request,
			const char *cpu, bool kvm, int terminal);
/* Append an option and its value, or the option alone if format is NULL. */
void qemu_add_option(struct qemu_command *command, const char *option, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void qemu_command_release(struct qemu_command *command);

/* Return all arguments, one per line, without those that differ between processes. */
char *qemu_command_text(const struct qemu_command *command);

/* Start QEMU. Return: a process id or a negative errno. */
pid_t qemu_start(const struct qemu_command *command, const char *directory, int terminal);

/* Like qemu_start(), with a QMP socket, which the caller closes. Adds options to the command. */
pid_t qemu_start_with_qmp(struct qemu_command *command, const char *directory, int *socket);

/* Link the plugin into QEMU's directory. Return: 0 or a negative errno. */
int qemu_link_plugin(const char *directory);

/* Write the ranges of functions that a trace needs. Return: 0 or a negative errno. */
int qemu_write_ranges(const char *directory, const char *ranges);
void qemu_add_trace(struct qemu_command *command, const struct vm_trace *trace);

/* Open the trace after QEMU has exited; the directory can then be removed. */
int qemu_open_trace(const char *directory, FILE **trace, struct error *error);

#endif
