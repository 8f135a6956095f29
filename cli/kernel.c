// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab kernel: list, download and remove distribution kernels. */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/process.h"
#include "base/memory.h"
#include "cli/options.h"
#include "cli/result_store.h"
#include "vm/kernels.h"

static enum exit_code list_kernels(const struct arch *arch)
{
	const struct suite *suite;
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels), listed = 0;

	printf("%-28s %-10s %-16s %s\n", "CACHED", "SUITE", "PACKAGE", "SIZE");
	for (size_t i = 0; i < count; i++) {
		if (arch && kernels[i].arch != arch)
			continue;
		printf("%-28s %-10s %-16s %.0f MB\n", kernels[i].release, kernels[i].suite->name,
		       kernels[i].package_version, directory_bytes(kernels[i].directory) / 1e6);
		listed++;
	}
	if (!listed)
		printf("none\n");
	printf("\nAvailable with 'kmemlab kernel fetch':");
	for (unsigned int i = 0; (suite = suite_at(i)); i++)
		printf("%s %s%s%s%s", i ? "," : "", suite->name, suite->series ? " (" : "",
		       suite->series ?: "", suite->series ? ")" : "");
	printf("\n");
	kernels_release(kernels, count);
	return EXIT_OK;
}

/* Find a kernel, the newest one if refresh is set, and print its release or its headers. */
static enum exit_code print_kernel(const char *name, const char *arch, bool refresh)
{
	struct error failure = { 0 };
	struct kernel kernel;

	interrupt_catch();
	if (kernel_find(name, NULL, arch, refresh, &kernel, &failure))
		return report_error(&failure);
	printf("%s\n", refresh ? kernel.release : kernel.headers);
	kernel_release(&kernel);
	return EXIT_OK;
}

static enum exit_code fetch_kernels(const struct options *options, const char *names,
				    const char *arch)
{
	struct name_list list = { 0 };
	cleanup_free char *error = name_list_read(&list, names, NULL);
	enum exit_code code = EXIT_OK;

	if (error)
		code = usage_error(options, "KERNEL %s", error);
	for (size_t i = 0; i < list.count && code == EXIT_OK; i++)
		code = print_kernel(list.names[i], arch, true);
	name_list_release(&list);
	return code;
}

static enum exit_code remove_kernels(const struct options *options, const char *name,
				     const struct arch *arch)
{
	struct error failure = { 0 };
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels), matches = 0;
	enum exit_code code = EXIT_OK;

	for (size_t i = 0; i < count && code == EXIT_OK; i++) {
		if ((arch && kernels[i].arch != arch) ||
		    !kernel_matches(kernels[i].release, kernels[i].suite, name, kernels[i].arch))
			continue;
		if (kernel_remove(&kernels[i], &failure))
			code = report_error(&failure);
		else
			printf("%s\n", kernels[i].release);
		matches++;
	}
	kernels_release(kernels, count);
	if (matches)
		return code;
	return usage_error(options, "kernel %s%s%s is not in the cache (see 'kmemlab kernel list')",
			   name, arch ? " for " : "", arch ? arch->name : "");
}

static enum exit_code cmd_kernel(struct options *options)
{
	const char *action = options->operands[0];
	const char *kernel = options->operand_count > 1 ? options->operands[1] : "default";
	const char *arch_name = options->archs.count ? options->archs.names[0] : NULL;
	const struct arch *arch = arch_name ? arch_find(arch_name) : NULL;

	if (!strcmp(action, "list") && options->operand_count > 1)
		return usage_error(options, "unexpected argument '%s'", options->operands[1]);
	if (!strcmp(action, "list"))
		return list_kernels(arch);
	if (!strcmp(action, "fetch"))
		return fetch_kernels(options, kernel, arch_name);
	if (!strcmp(action, "headers"))
		return print_kernel(kernel, arch_name, false);
	if (options->operand_count < 2)
		return usage_error(options, "remove requires a KERNEL");
	return remove_kernels(options, kernel, arch);
}

const struct command kernel_command = {
	.name = "kernel",
	.bit = CMD_KERNEL,
	.run = cmd_kernel,
	.summary = "list, download and remove distribution kernels",
	.usage = "kernel list [OPTION]...\n"
		"kernel fetch [KERNEL[,KERNEL]...] [OPTION]...\n"
		"kernel remove KERNEL [OPTION]...\n"
		"kernel headers [KERNEL] [OPTION]...",
	.example = "kernel fetch 6.12",
	.description = "Manage the distribution kernels in the cache. KERNEL is a version "
		"(6.1.0-56), a series (6.1), a suite (bookworm), latest or default.\n"
		"fetch downloads the newest kernel that matches; remove removes all cached kernels "
		"that match; headers prints the directory to build modules against and downloads "
		"the kernel if necessary. Without --arch, list and remove act on all "
		"architectures, fetch and headers on amd64.",
	.operand = "action",
	.operands_min = 1,
	.operands_max = 2,
	.first_operands = (const char *const[]) { "list", "fetch", "remove", "headers", NULL },
};
