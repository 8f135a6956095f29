// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab: one table drives dispatch, usage and the nearest name of a typo. */
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "cli/commands.h"
#include "exec/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct command commands[] = {
	{ "run", cmd_run, "measure allocations, by default in a throw-away virtual machine" },
	{ "translate", cmd_translate, "an address: every table level, both ways, proved" },
	{ "map", cmd_map, "physical memory: who uses it, how fragmented it is" },
	{ "explain", cmd_explain, "one operation: where each of its instructions goes" },
	{ "advise", cmd_advise, "which facility for these objects, and what the choice costs" },
	{ "compare", cmd_compare, "what changed between results or kernels; a gate where asked" },
	{ "report", cmd_report, "turn results into table, HTML, CSV, JSON or KTAP" },
	{ "list", cmd_list, "the facilities and workloads there are, the results that are kept" },
	{ "results", cmd_results, "name, tag, export, import and remove kept results" },
	{ "shell", cmd_shell, "a shell in the virtual machine, the module at hand" },
	{ "kernel", cmd_kernel, "which kernels can be had, which are cached" },
	{ "doctor", cmd_doctor, "what is installed, what is missing, what works" },
};

static void print_usage(FILE *out)
{
	fputs("Usage: kmemlab COMMAND [OPTION]...\n\n"
	      "Shows what Linux kernel memory allocation costs and where its memory lies.\n\n",
	      out);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n  --help, --version; each command has its own --help\n\n"
	      "Example: kmemlab run --facility kmalloc --size 64\n",
	      out);
}

static enum exit_code unknown_command(const char *name)
{
	const char *names[COUNT(commands)];
	const char *meant;

	for (size_t i = 0; i < COUNT(commands); i++)
		names[i] = commands[i].name;
	meant = nearest_name(name, names, COUNT(names));
	if (meant)
		say_error("unknown command '%s': did you mean '%s'?", name, meant);
	else
		say_error("unknown command '%s': 'kmemlab --help' shows them all", name);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_usage(stdout);
		return EXIT_FINE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("kmemlab " KMEMLAB_VERSION);
		return EXIT_FINE;
	}
	for (size_t i = 0; i < COUNT(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return unknown_command(argv[1]);
}
