/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of a stock kernel and where they lie, as the kernel itself says. */
#ifndef KMEMLAB_VM_GUEST_SYMBOLS_H
#define KMEMLAB_VM_GUEST_SYMBOLS_H

#include "base/failure.h"
#include "vm.h"

/*
 * The text of /proc/kallsyms, functions only, for the caller to free, or NULL.
 * The first time the kernel is booted for it; then it lies in the cache, by what
 * the kernel file is and what else decides where a kernel lies. kernel_file is
 * what a run of such a job booted.
 */
char *guest_symbols(const struct vm_job *job, const char *kernel_file, struct failure *failure);

#endif
