/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unpacks compressed kernel images. QEMU boots x86's ELF file through PVH without
 * running the kernel's decompressor, which takes most of an emulated boot, and it
 * cannot unpack arm64's EFI images. Other images boot as they are.
 */
#ifndef KMEMLAB_VM_VMLINUX_H
#define KMEMLAB_VM_VMLINUX_H

#include <stdbool.h>
#include <stddef.h>

#include "cache.h"

#include "base/error.h"

/* Return the ELF file in a bzImage, which the caller frees, or NULL with a reason. */
void *vmlinux_from_bzimage(const void *image, size_t size, size_t *elf_size, const char **reason);

/* Return arm64's Image in an EFI image ("zimg"), or NULL with a reason. */
void *image_from_zboot(const void *image, size_t size, size_t *image_size, const char **reason);

/* Return whether an ELF file has the note that PVH needs. */
bool vmlinux_has_pvh(const void *elf, size_t size);

/* Return the end of an ELF file's segments in physical memory, or 0 for other files. */
unsigned long long vmlinux_end_bytes(const void *elf, size_t size);

/* Return whether an ELF file needs a dynamic loader; only 64-bit files are checked. */
bool elf_is_dynamic(const void *elf, size_t size);

/*
 * Set *path to the file for QEMU: the unpacked image in the cache, or the image itself; and hex to
 * its SHA-256.
 */
int vmlinux_extract(const char *image, char **path, char hex[SHA256_HEX_SIZE],
		    struct error *error);

/* Delete an image's unpacked file from the cache. */
void vmlinux_forget(const char *image);

#endif
