/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies in the guest: its init, the module, the job, the user's files. */
#ifndef KMEMLAB_VM_GUEST_H
#define KMEMLAB_VM_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "kernels.h"
#include "vm.h"

/* The job's initramfs, for the caller to free, or NULL. */
void *guest_initramfs(const struct vm_job *job, const struct kernel *kernel, const char *module,
		      size_t *size, struct failure *failure);

/* This host's statically linked busybox, for the caller to free, or NULL. */
char *guest_busybox(void);

/* Pure: does this ELF file need a dynamic loader? */
bool elf_is_dynamic(const void *data, size_t size);

#endif
