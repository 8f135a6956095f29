// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "lists.h"
#include "vm/apt.h"
#include "vm/kernels.h"

static const char help[] =
	"Usage: kmemlab kernel list [OPTION]...\n"
	"       kmemlab kernel fetch [KERNEL[,KERNEL]...] [OPTION]...\n"
	"       kmemlab kernel remove KERNEL [OPTION]...\n"
	"       kmemlab kernel headers [KERNEL] [OPTION]...\n"
	"Stock kernels in the cache. KERNEL is a version (6.1.0-56), a series (6.1), a suite\n"
	"(bookworm), \"latest\" or \"default\". fetch looks for the newest one; remove takes all\n"
	"cached ones that KERNEL names; headers prints the folder to build modules against,\n"
	"and fetches the kernel where needed.\n"
	"\n"
	"  --arch ARCH         of the kernel: amd64, arm64, arm64-16k, armhf, armhf-lpae; what is\n"
	"                      fetched is amd64 unless told, list and remove take all\n"
	"  --allow-expired     take package lists whose time has run out\n"
	"  --help              this text\n";

static const struct option options[] = {
	{ "arch", required_argument, NULL, 'r' },
	{ "allow-expired", no_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int explain(struct failure *failure)
{
	say_error("%s", failure->message);
	failure_release(failure);
	return failure->code;
}

/* Return: EXIT_FINE; *arch is NULL where none is named. */
static enum exit_code read_arch(const char *name, const struct arch **arch)
{
	cleanup_free char *error = NULL;

	*arch = name ? arch_find(name) : NULL;
	if (*arch || !name)
		return EXIT_FINE;
	error = arch_unknown(name);
	say_error("%s", error);
	return EXIT_USAGE;
}

static enum exit_code list(const struct arch *arch)
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
	printf("\nCan be fetched, with \"kmemlab kernel fetch\":");
	for (unsigned int i = 0; (suite = suite_at(i)); i++)
		printf("%s %s%s%s%s", i ? "," : "", suite->name, suite->series ? " (" : "",
		       suite->series ?: "", suite->series ? ")" : "");
	printf("\n");
	kernels_release(kernels, count);
	return EXIT_FINE;
}

/* Has the kernel in the cache, the newest one where refresh says so. */
static enum exit_code find(const char *wanted, const char *arch, bool refresh)
{
	struct failure failure = { 0 };
	struct kernel kernel;

	interrupt_catch();
	if (kernel_find(wanted, NULL, arch, refresh, &kernel, &failure))
		return explain(&failure);
	printf("%s\n", refresh ? kernel.release : kernel.headers);
	kernel_release(&kernel);
	return EXIT_FINE;
}

static enum exit_code fetch(const char *wanted, const char *arch)
{
	struct name_list list = { 0 };
	cleanup_free char *error = name_list_read(&list, wanted, NULL);
	enum exit_code code = EXIT_FINE;

	if (error) {
		say_error("kernel fetch %s: %s", wanted, error);
		code = EXIT_USAGE;
	}
	for (size_t i = 0; i < list.count && code == EXIT_FINE; i++)
		code = find(list.names[i], arch, true);
	name_list_release(&list);
	return code;
}

/* Says what it removed. */
static enum exit_code remove_cached(const char *wanted, const struct arch *arch)
{
	struct failure failure = { 0 };
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels), removed = 0;
	enum exit_code code = EXIT_FINE;

	for (size_t i = 0; i < count && code == EXIT_FINE; i++) {
		if ((arch && kernels[i].arch != arch) ||
		    !kernel_matches(kernels[i].release, kernels[i].suite, wanted, kernels[i].arch))
			continue;
		if (kernel_remove(&kernels[i], &failure))
			code = explain(&failure);
		else
			printf("%s\n", kernels[i].release);
		removed++;
	}
	kernels_release(kernels, count);
	if (!removed) {
		say_error("kernel %s%s%s is not in the cache; \"kmemlab kernel list\" shows what is",
			  wanted, arch ? " of " : "", arch ? arch->name : "");
		code = EXIT_USAGE;
	}
	return code;
}

enum exit_code cmd_kernel(int argc, char **argv)
{
	const char *verb, *wanted, *arch_name = NULL;
	const struct arch *arch;
	int option, operands;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			arch_name = optarg;
			break;
		case 'e':
			apt_allow_expired();
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			say_error("unknown or incomplete option %s; see kmemlab kernel --help",
				  argv[optind - 1]);
			return EXIT_USAGE;
		}
	}
	operands = argc - optind;
	verb = operands > 0 ? argv[optind] : "";
	wanted = operands > 1 ? argv[optind + 1] : "default";
	if (read_arch(arch_name, &arch))
		return EXIT_USAGE;
	if (!strcmp(verb, "list") && operands == 1)
		return list(arch);
	if (!strcmp(verb, "fetch") && operands <= 2)
		return fetch(wanted, arch_name);
	if (!strcmp(verb, "remove") && operands == 2)
		return remove_cached(wanted, arch);
	if (!strcmp(verb, "headers") && operands <= 2)
		return find(wanted, arch_name, false);
	say_error("kernel wants \"list\", \"fetch [KERNEL[,KERNEL]...]\", \"remove KERNEL\" or "
		  "\"headers [KERNEL]\"");
	return EXIT_USAGE;
}
