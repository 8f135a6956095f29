/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The distributions' kernels: download, cache, and lookup by name. */
#ifndef KMEMLAB_VM_KERNELS_H
#define KMEMLAB_VM_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"

/*
 * Find the kernel for a spec: "default", a series (6.1), a suite (bookworm), a version
 * (6.1.0-56) or the path of a local kernel (headers belong to a local image). A cached
 * kernel is used without contacting a mirror, unless refresh is set. Return: 0 or -1.
 */
int kernel_find(const char *spec, const char *headers, const char *arch, bool refresh,
		struct kernel *kernel, struct error *error);

/* List all cached kernels, newest first. Free them with kernels_release(). */
size_t kernels_cached(struct kernel **kernels);
void kernels_release(struct kernel *kernels, size_t count);

/* Delete a kernel and everything built for it from the cache. Return: 0 or -1. */
int kernel_remove(const struct kernel *kernel, struct error *error);

#endif
