/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ELF file inside a bzImage. QEMU boots it through PVH without running the
 * kernel's own decompressor, which is most of an emulated boot.
 */
#ifndef KMEMLAB_VM_VMLINUX_H
#define KMEMLAB_VM_VMLINUX_H

#include <stddef.h>

#include "base/failure.h"

/* Pure: the ELF file, for the caller to free, or NULL with a reason. */
void *vmlinux_from_bzimage(const void *image, size_t size, size_t *elf_size, const char **reason);

/* Pure: the end of what this ELF file occupies in physical memory, 0 if it is none. */
unsigned long long vmlinux_end_bytes(const void *elf, size_t size);

/* *path: the ELF file of the kernel image, cached by the image's contents. */
int vmlinux_extract(const char *image, char **path, struct failure *failure);

#endif
