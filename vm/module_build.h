/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds the module for a kernel, once for the same sources and compiler. */
#ifndef KMEMLAB_VM_MODULE_BUILD_H
#define KMEMLAB_VM_MODULE_BUILD_H

#include "base/error.h"
#include "cache.h"
#include "kernel.h"

/*
 * Build the module under a name, KMEMLAB_MODULE or another. Set *module to its path in the cache,
 * which the caller frees, and hex to its SHA-256. Return: 0 or -1.
 */
int module_build(const struct kernel *kernel, const char *name, char **module,
		 char hex[SHA256_HEX_SIZE], struct error *error);

#endif
