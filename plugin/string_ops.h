/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repetitions of x86 string instructions. A CPU retires "rep stosb" once, but the
 * emulator's instruction counter counts each repetition. The guest reads the
 * counters here, which lie in memory that it shares with the emulator, at both ends
 * of an operation and subtracts their difference from the clock's.
 */
#ifndef KMEMLAB_PLUGIN_STRING_OPS_H
#define KMEMLAB_PLUGIN_STRING_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

#include "lib/string_op.h"
#include "qemu_plugin.h"

/* Use the counters at offset in a file. Return: 0, or -1 with errno set. */
int string_ops_open(const char *path, uint64_t offset);

/* Return whether string_ops_open() has succeeded. */
bool string_ops_active(void);

/*
 * Return the repetitions so far that the clock counts and a CPU does not retire; 0 without
 * counters.
 */
uint64_t string_ops_repeats(unsigned int vcpu);

/* Count the repetitions in a block that was just translated. */
void string_ops_instrument(struct qemu_plugin_tb *tb, void (*copy)(struct qemu_plugin_insn *from,
								  uint8_t *code, size_t size));

/* Give the guest the current counters where it executes this KMEMLAB_MARK_COUNTERS. */
void string_ops_instrument_mark(struct qemu_plugin_insn *mark);

#endif
