/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that kmemlab bench loads, in the order of loading. */
#ifndef KMEMLAB_CLI_BENCH_MODULES_H
#define KMEMLAB_CLI_BENCH_MODULES_H

#include <stdbool.h>

#include "base/error.h"
#include "cli/options.h"
#include "vm/module_info.h"
#include "vm/request.h"

struct bench_modules {
	struct module_info *list;	/* each after those that it needs */
	size_t count;
	struct vm_file *files;		/* to copy to the guest, in the same order */
	char *job;			/* runner/bench.h */
	char *directory;		/* of a build, or NULL; deleted at the end */
};

/* Build the modules of a C file or directory, and read all. *modules starts as zeros. Return EXIT_OK or report the error. */
enum exit_code bench_modules_find(struct bench_modules *modules, const struct options *options);

/* Return whether a module of the operand has tests of KUnit. */
bool bench_modules_have_tests(const struct bench_modules *modules);
void bench_modules_release(struct bench_modules *modules);

#endif
