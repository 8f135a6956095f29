/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that is no package: a build tree, or an image with headers. */
#ifndef KMEMLAB_VM_OWN_KERNEL_H
#define KMEMLAB_VM_OWN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "kernels.h"

/* Is wanted a path, not the name of a kernel? */
bool own_kernel_is(const char *wanted);

/* Whether the version of a kernel's package says that it was one of those: it has none. */
bool own_kernel_was(const char *package_version);

/*
 * Fills kernel from a build tree, or from an image and the headers it was built
 * with. EXIT_SKIP in failure where it cannot load modules.
 */
int own_kernel_open(const char *path, const char *headers, const struct arch *arch,
		    struct kernel *kernel, struct failure *failure);

/* Pure: "6.1.0-56-amd64" as the image says, to be freed; NULL where it can't be seen. */
char *own_kernel_release_of(const void *image, size_t size);

#endif
