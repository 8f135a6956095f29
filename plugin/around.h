/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts the instructions of each call of chosen functions, by their addresses, while the window
 * is open: from the entry of a window function, the kernel's do_one_initcall(), to its return.
 *
 * Every call and return of the kernel is followed, on a stack for each task. A return is matched
 * with its call by the address where it continues, so that tail calls, thunks and recursion need no
 * knowledge of the stack pointer, which API 1 does not provide. Instructions of interrupts and of
 * other tasks during a call are not counted.
 */
#ifndef KMEMLAB_PLUGIN_AROUND_H
#define KMEMLAB_PLUGIN_AROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qemu_plugin.h"

/*
 * Read the address ranges (trace_format.h) and create the file of calls, of at most limit bytes.
 * Return: 0, or -1 with errno set.
 */
int around_open(const char *ranges, const char *out, uint64_t limit, const char *target);

/* Return whether around_open() has succeeded. */
bool around_active(void);

/* Start to follow this CPU's task, which is in user mode. */
void around_start(unsigned int vcpu);

/* Write the last record. */
void around_finish(void);

/* Instrument a block of the kernel or of a process that was just translated. */
void around_instrument(struct qemu_plugin_tb *tb, bool user,
		       void (*copy)(struct qemu_plugin_insn *from, uint8_t *code, size_t size));

#endif
