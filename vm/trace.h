/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instruction trace of a run: QEMU's plugin, and the file that it writes. */
#ifndef KMEMLAB_VM_TRACE_H
#define KMEMLAB_VM_TRACE_H

#include <stdio.h>

#include "base/failure.h"
#include "qemu.h"
#include "vm.h"

/* Puts the plugin where QEMU looks for it. 0 or a negative errno. */
int trace_prepare(const char *directory);

void trace_add_arguments(const struct vm_trace *trace, struct qemu_command *command);

/* The trace of a run that is over; the directory may be removed while it is open. */
int trace_open(const char *directory, FILE **trace, struct failure *failure);

#endif
