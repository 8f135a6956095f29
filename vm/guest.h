/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's files: init, the module, the job and the user's files, packed into an
 * initramfs. It is an uncompressed newc archive whose bytes depend on nothing but its
 * contents. Its size is rounded up, because a larger initramfs changes the addresses
 * that the kernel's allocators return.
 */
#ifndef KMEMLAB_VM_GUEST_H
#define KMEMLAB_VM_GUEST_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "kernel.h"
#include "request.h"

#define INITRAMFS_STEP_BYTES (4u << 20)

/* Size of one layout step: a prime number of pages, so that all layouts differ in alignment */
#define INITRAMFS_LAYOUT_BYTES (101u << 12)

/* A file, or a directory or device by its mode; path has no leading slash */
struct initramfs_entry {
	const char *path;
	mode_t mode;
	const void *data;
	size_t size;
	dev_t device;
};

/* Return the archive, which the caller frees, or NULL with errno set. */
void *initramfs_pack(const struct initramfs_entry *entries, size_t count, size_t *size);

/* Append layout steps of zeros, which change memory addresses and nothing else. */
void *initramfs_lay_out(void *archive, unsigned int layout, size_t *size);

/* Return the initramfs with our module under this name, which the caller frees, or NULL. */
void *guest_initramfs(const struct vm_request *request, const struct kernel *kernel,
		      const char *name, const char *module, size_t *size, struct error *error);

/*
 * Return the name for our module in the guest: another one if a user's file is a module that
 * has its name, because two modules of one name cannot be loaded. NULL with code EXIT_USAGE if one
 * of the files is not regular.
 */
const char *guest_module_name(const struct vm_request *request, struct error *error);

/* Return the path of this host's static busybox, which the caller frees, or NULL. */
char *guest_busybox(void);

#endif
