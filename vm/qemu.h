/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU: its arguments and its process. It runs in a directory that holds all
 * its files under fixed names, so that the arguments name no path of this host
 * and can go into the digest of the inputs as they are.
 */
#ifndef KMEMLAB_VM_QEMU_H
#define KMEMLAB_VM_QEMU_H

#include <stdbool.h>
#include <sys/types.h>

#include "suites.h"
#include "vm.h"

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

/* "7.2.22 (Debian ...)", for the caller to free, or NULL where there is no QEMU. */
char *qemu_version(const struct arch *arch);

/* The oldest whose options and virtual time are known to serve. */
#define QEMU_OLDEST	"7.2"

bool qemu_too_old(const char *version);

/* terminal: the inherited socket of an interactive guest, or -1. */
void qemu_command_make(struct qemu_command *command, const struct arch *arch,
		       const struct board *board, const struct vm_job *job, bool kvm, int terminal);
/* Appends an argument. */
void qemu_command_add(struct qemu_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void qemu_command_release(struct qemu_command *command);

/* All arguments in one line each, without what varies from process to process. */
char *qemu_command_text(const struct qemu_command *command);

/* A process id or a negative errno. */
pid_t qemu_start(const struct qemu_command *command, const char *directory, int terminal);

#endif
