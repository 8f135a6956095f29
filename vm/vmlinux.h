/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel inside a compressed image. QEMU boots x86's ELF file through PVH
 * without running the kernel's own decompressor, which is most of an emulated
 * boot; arm64's EFI images it cannot unpack itself. Other images boot as they are.
 */
#ifndef KMEMLAB_VM_VMLINUX_H
#define KMEMLAB_VM_VMLINUX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

/* Pure: the ELF file, for the caller to free, or NULL with a reason. */
void *vmlinux_from_bzimage(const void *image, size_t size, size_t *elf_size, const char **reason);

/* Pure: arm64's Image in an EFI image ("zimg"), as above. */
void *image_from_zboot(const void *image, size_t size, size_t *image_size, const char **reason);

/* Pure: has this ELF file the note that PVH needs? */
bool vmlinux_has_pvh(const void *elf, size_t size);

/* Pure: the end of what this ELF file occupies in physical memory, 0 if it is none. */
unsigned long long vmlinux_end_bytes(const void *elf, size_t size);

/* *path: what QEMU boots of the kernel image, cached by the image's contents, or the image. */
int vmlinux_extract(const char *image, char **path, struct failure *failure);

/* Takes what is cached of the image away. */
void vmlinux_forget(const char *image);

#endif
