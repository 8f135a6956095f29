// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "vm/kernels.h"

static const char help[] =
	"Usage: kmemlab kernel list\n"
	"       kmemlab kernel fetch [KERNEL]\n"
	"       kmemlab kernel remove KERNEL\n"
	"       kmemlab kernel headers [KERNEL]\n"
	"Stock kernels in the cache. KERNEL is a version (6.1.0-56), a series (6.1), a suite\n"
	"(bookworm) or \"default\". fetch looks for the newest one; remove takes all cached\n"
	"ones that KERNEL names; headers prints the folder to build modules against, and\n"
	"fetches the kernel where needed.\n";

static int explain(struct failure *failure)
{
	say_error("%s", failure->message);
	failure_release(failure);
	return failure->code;
}

static enum exit_code list(void)
{
	const struct suite *suite;
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels);

	printf("%-24s %-10s %-16s %s\n", "CACHED", "SUITE", "PACKAGE", "SIZE");
	for (size_t i = 0; i < count; i++)
		printf("%-24s %-10s %-16s %.0f MB\n", kernels[i].release, kernels[i].suite->name,
		       kernels[i].package_version, directory_bytes(kernels[i].directory) / 1e6);
	if (!count)
		printf("none\n");
	printf("\nCan be fetched, with \"kmemlab kernel fetch\":");
	for (unsigned int i = 0; (suite = suite_at(i)); i++)
		printf("%s %s%s%s%s", i ? "," : "", suite->name, suite->series ? " (" : "",
		       suite->series ?: "", suite->series ? ")" : "");
	printf("\n");
	kernels_release(kernels, count);
	return EXIT_FINE;
}

static enum exit_code fetch(const char *wanted)
{
	struct failure failure = { 0 };
	struct kernel kernel;

	interrupt_catch();
	if (kernel_find(wanted, NULL, NULL, true, &kernel, &failure))
		return explain(&failure);
	printf("%s\n", kernel.release);
	kernel_release(&kernel);
	return EXIT_FINE;
}

static enum exit_code headers(const char *wanted)
{
	struct failure failure = { 0 };
	struct kernel kernel;

	interrupt_catch();
	if (kernel_find(wanted, NULL, NULL, false, &kernel, &failure))
		return explain(&failure);
	printf("%s\n", kernel.headers);
	kernel_release(&kernel);
	return EXIT_FINE;
}

static enum exit_code remove_cached(const char *wanted)
{
	struct failure failure = { 0 };
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels), removed = 0;
	enum exit_code code = EXIT_FINE;

	for (size_t i = 0; i < count && code == EXIT_FINE; i++) {
		if (!kernel_matches(kernels[i].release, kernels[i].suite, wanted, kernels[i].arch))
			continue;
		if (kernel_remove(&kernels[i], &failure))
			code = explain(&failure);
		removed++;
	}
	kernels_release(kernels, count);
	if (!removed) {
		say_error("kernel %s is not in the cache; \"kmemlab kernel list\" shows what is",
			  wanted);
		code = EXIT_USAGE;
	}
	return code;
}

enum exit_code cmd_kernel(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "--help") || !strcmp(verb, "-h")) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	if (!strcmp(verb, "list") && argc == 2)
		return list();
	if (!strcmp(verb, "fetch") && argc <= 3)
		return fetch(argc == 3 ? argv[2] : "default");
	if (!strcmp(verb, "remove") && argc == 3)
		return remove_cached(argv[2]);
	if (!strcmp(verb, "headers") && argc <= 3)
		return headers(argc == 3 ? argv[2] : "default");
	say_error("kernel wants \"list\", \"fetch [KERNEL]\", \"remove KERNEL\" or "
		  "\"headers [KERNEL]\"");
	return EXIT_USAGE;
}
