/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a halting CPU wait until QEMU's main loop sleeps.
 *
 * With -icount, the main loop lets virtual time pass while all CPUs are halted. It checks for
 * that in each of its iterations, without a lock. A CPU is marked as halted before the last
 * instructions that it executed are added to virtual time. If the main loop finds it in
 * between, time runs past the next timer by as many nanoseconds, and interrupts come at
 * another instruction than in other runs. A main loop that sleeps is next woken by the CPU
 * itself, after the addition.
 */
#ifndef KMEMLAB_PLUGIN_HALT_H
#define KMEMLAB_PLUGIN_HALT_H

#include "qemu_plugin.h"

void halt_instrument(struct qemu_plugin_insn *halt);

#endif
