/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KVM, where a real kernel was seen to boot under it. */
#ifndef KMEMLAB_VM_ACCELERATOR_H
#define KMEMLAB_VM_ACCELERATOR_H

#include <stdbool.h>

#include "suites.h"

/*
 * True if KVM boots this kernel (an ELF file or image that QEMU takes). If not,
 * *reason says why, for the caller to free. The answer is remembered until the
 * host boots again, or QEMU or the kernel change.
 */
bool kvm_works(const struct arch *arch, const char *kernel, const char *qemu_version,
	       char **reason);

#endif
