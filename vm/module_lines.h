/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source lines of a module, from its debug information. */
#ifndef KMEMLAB_VM_MODULE_LINES_H
#define KMEMLAB_VM_MODULE_LINES_H

#include <stdbool.h>

#include "base/error.h"
#include "kernel.h"
#include "toolchain.h"

struct module_lines {
	const struct kernel *kernel;
	char *path;			/* of the .ko file */
	const char *skipped;		/* part of paths whose lines are not the user's, or NULL */
	char *symbols;			/* output of objdump -t */
	struct toolchain toolchain;
};

/* Prepare to look up lines of the module. Return: 0 or -1. */
int module_lines_open(struct module_lines *lines, const struct kernel *kernel, const char *path,
		      struct error *error);
void module_lines_close(struct module_lines *lines);

/*
 * Return "file.c:94" for a place in the module, ".init.text+0x12" or "function+0x12", which the
 * caller frees, or NULL if the module has no debug information for it. The line of a return address
 * is that of the call. Inlined functions of the kernel's headers count as their callers.
 */
char *module_line(const struct module_lines *lines, const char *place, bool is_return);

/* Return the first place of a module in a text of the kernel, "f+0x12", which the caller frees, or NULL. */
char *module_place(const char *name, const char *text);

#endif
