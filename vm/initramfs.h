/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's initramfs: an uncompressed newc archive whose bytes depend on
 * nothing but what is put in. Its size is rounded up to a step with room to
 * spare, because a larger initramfs moves what the kernel's allocators find.
 */
#ifndef KMEMLAB_VM_INITRAMFS_H
#define KMEMLAB_VM_INITRAMFS_H

#include <stddef.h>
#include <sys/types.h>

#define INITRAMFS_STEP_BYTES (4u << 20)

/* What one layout adds: a prime number of pages, so that no two layouts align alike. */
#define INITRAMFS_LAYOUT_BYTES (101u << 12)

/* One file, or a directory or device where mode says so. Paths have no leading slash. */
struct initramfs_entry {
	const char *path;
	mode_t mode;
	const void *data;
	size_t size;
	dev_t device;
};

/* The whole archive, for the caller to free; NULL with errno set. */
void *initramfs_pack(const struct initramfs_entry *entries, size_t count, size_t *size);

/*
 * The archive with more zeros behind it, the more the higher the layout: the
 * kernel's allocators find other memory, and nothing else differs.
 */
void *initramfs_lay_out(void *archive, unsigned int layout, size_t *size);

#endif
