/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds the module for a kernel, once for the same sources and compiler. */
#ifndef KMEMLAB_VM_MODULE_BUILD_H
#define KMEMLAB_VM_MODULE_BUILD_H

#include "base/error.h"
#include "cache.h"
#include "facility_file.h"
#include "kernel.h"

/* Name of a file next to a module that has the debug information of the user's facilities */
#define MODULE_DEBUG	"debug.ko"

/* A variant of the module. */
struct module_variant {
	const char *name;		/* of the module, KMEMLAB_MODULE or another */
	const struct facility_file *extra;	/* more facilities, or NULL */
};

/*
 * Build the module. Set *module to its path in the cache, which the caller frees, and hex to its
 * SHA-256. The error has the code EXIT_BUILD_FAILED if the compiler refuses the facility file.
 * Return: 0 or -1.
 */
int module_build(const struct kernel *kernel, const struct module_variant *variant, char **module,
		 char hex[SHA256_HEX_SIZE], struct error *error);

#endif
