// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab build: build a user's module for kernels of the distributions. */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "cli/options.h"
#include "cli/result_store.h"
#include "vm/kernels.h"
#include "vm/source_build.h"

/* Copy the modules to OUTPUT/RELEASE and print their paths. */
static int copy_modules(const struct source_build *build, const char *output,
			const struct kernel *kernel, struct error *error)
{
	cleanup_free char *directory = xasprintf("%s/%s", output, kernel->release);
	int err = directory_create(directory);

	for (size_t i = 0; i < build->module_count && !err; i++) {
		cleanup_free char *to = xasprintf("%s%s", directory,
						  strrchr(build->modules[i], '/'));

		err = file_copy(build->modules[i], to);
		if (!err)
			printf("%s\n", to);
	}
	return err ? error_set(error, EXIT_HOST_ERROR, "cannot write to %s: %s", directory,
			       strerror(-err)) : 0;
}

static int build_in(const char *directory, const struct options *options,
		    const struct kernel *kernel, struct error *error)
{
	struct source_build build = { 0 };
	int err = source_build(kernel, options->operands[0], directory, &build, error);

	if (build.output)
		fputs(build.output, stderr);
	if (build.overridden)
		log_notice("%s of the makefile replaced: building for %s", build.overridden,
			   kernel->release);
	err = err ?: copy_modules(&build, options->output, kernel, error);
	source_build_release(&build);
	return err;
}

static int build_for(const struct options *options, const struct kernel *kernel,
		     struct error *error)
{
	cleanup_free char *directory = directory_temporary(error);
	int err;

	if (!directory)
		return -1;
	err = build_in(directory, options, kernel, error);
	directory_remove(directory);
	return err;
}

static enum exit_code build_one(const struct options *options, const char *name, const char *arch)
{
	struct error failure = { 0 };
	struct kernel kernel;

	if (kernel_find(name, options->headers, arch, false, &kernel, &failure))
		return report_error(&failure);
	if (build_for(options, &kernel, &failure)) {
		kernel_release(&kernel);
		return report_error(&failure);
	}
	kernel_release(&kernel);
	return EXIT_OK;
}

/* Build for each kernel, also after one for which the source does not build. */
static enum exit_code cmd_build(struct options *options)
{
	enum exit_code code = EXIT_OK;

	interrupt_catch();
	for (size_t i = 0; i < options->archs.count; i++)
		for (size_t j = 0; j < options->kernels.count; j++) {
			enum exit_code one = build_one(options, options->kernels.names[j],
						       options->archs.names[i]);

			code = one ?: code;
			if (one && one != EXIT_BUILD_FAILED)
				return one;
		}
	return code;
}

const struct command build_command = {
	.name = "build",
	.bit = CMD_BUILD,
	.run = cmd_build,
	.summary = "build a module of your own for any kernel",
	.usage = "build FILE.c|DIR [OPTION]...",
	.description = "Build a kernel module with the compiler and headers that kmemlab uses for "
		"its own module, and print the path of each result, DIR/RELEASE/NAME.ko. A single "
		"C file is built with the headers next to it. A directory needs a Kbuild or "
		"Makefile that sets obj-m; its architecture, compiler and kernel source are "
		"replaced. Only the directory's own files are copied, without hidden ones, and "
		"no file is written except the results below --output.\n"
		"The compiler's messages go to standard error. The exit status is 3 if the source "
		"does not build for one of the kernels; it is built for the others nevertheless.",
	.example = "build hello.c --kernel 6.1,6.12,7.2 --arch amd64,arm64",
	.operand = "source",
	.operands_min = 1,
	.operands_max = 1,
};
