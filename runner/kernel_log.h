/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New messages of the guest's kernel that the user of a shell should see, and taints. */
#ifndef KMEMLAB_RUNNER_KERNEL_LOG_H
#define KMEMLAB_RUNNER_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>

/* Longest line, and thus longest record, of /dev/kmsg */
#define KERNEL_LOG_LINE_MAX	2048

/* Open the log behind its last message. Return: a nonblocking descriptor, or -1. */
int kernel_log_open(void);

/* Write the next warning or worse as a line of dmesg, without a newline. Return: false if none. */
bool kernel_log_next(int fd, char *line, size_t size);

/* The same for all messages, also expected ones. Set *lost if some were overwritten before. */
bool kernel_log_next_any(int fd, char *line, size_t size, bool *lost);

/*
 * Convert a record of /dev/kmsg to a line of dmesg. Return: false if it is not a warning of the
 * kernel, or one that is expected in an emulator or for any module that is not the kernel's own.
 */
bool kernel_log_line(const char *record, char *line, size_t size);

/* Return the taint flags of the kernel, as in /proc/sys/kernel/tainted. */
unsigned long kernel_taints(void);

/*
 * Write "W (warning), B (bad page)" for these flags. Return: false if there are none except those
 * of any module that is not the kernel's own.
 */
bool kernel_taints_text(unsigned long taints, char *text, size_t size);

#endif
