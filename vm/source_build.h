/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds a user's modules with the compiler and headers that build the product's own. */
#ifndef KMEMLAB_VM_SOURCE_BUILD_H
#define KMEMLAB_VM_SOURCE_BUILD_H

#include <stddef.h>

#include "base/error.h"
#include "kernel.h"
#include "request.h"

/* The result of a build; starts as zeros. */
struct source_build {
	char *output;		/* warnings and errors of make and the compiler, or NULL */
	char *overridden;	/* variables of the user's makefile that are replaced, or NULL */
	char **modules;		/* paths of the *.ko files, sorted */
	size_t module_count;
};

/*
 * Build the module of one C file, or all modules of a directory with a Kbuild or Makefile. They
 * are built and stay in directory, which must be empty and is the caller's. The sources are
 * copied, so that nothing is written next to them. The error has the code EXIT_BUILD_FAILED if the
 * compiler refuses them; result->output then says why. Return: 0 or -1.
 */
int source_build(const struct kernel *kernel, const char *path, const char *directory,
		 struct source_build *result, struct error *error);
void source_build_release(struct source_build *result);

/*
 * Check that a module ("/tmp/hello.ko") was built for this architecture, by its ELF header; print
 * a notice if its vermagic names another kernel, which may load it nevertheless. Other files are
 * accepted. Return: 0, or -1 with code EXIT_USAGE.
 */
int module_check(const struct vm_file *file, const struct kernel *kernel, struct error *error);

#endif
