// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab list: what the options of run take. Needs no kernel. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "exec/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char help[] =
	"Usage: kmemlab list facilities|workloads|gfp|conditions\n"
	"\n"
	"Shows the names that 'kmemlab run' takes, with a line on each. Which of them a\n"
	"kernel has, and their limits there, a run says.\n"
	"\n"
	"  --help    this text\n"
	"\n"
	"Example: kmemlab list facilities\n";

static const char *const topics[] = { "facilities", "workloads", "gfp", "conditions" };
static const struct name_table *const tables[] = {
	&facility_names, &workload_names, &gfp_names, &condition_names,
};

static enum exit_code print_table(const struct name_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		printf("%-14s %s\n", table->entries[i].name, table->entries[i].description);
	if (fflush(stdout) || ferror(stdout)) {
		say_error("standard output cannot be written");
		return EXIT_TROUBLE;
	}
	return EXIT_FINE;
}

enum exit_code cmd_list(int argc, char **argv)
{
	const char *meant;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	if (argc != 2) {
		say_error("list: one word is wanted: facilities, workloads, gfp or conditions");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < COUNT(topics); i++)
		if (!strcmp(argv[1], topics[i]))
			return print_table(tables[i]);
	meant = nearest_name(argv[1], topics, COUNT(topics));
	if (meant)
		say_error("list: unknown '%s': did you mean '%s'?", argv[1], meant);
	else
		say_error("list: unknown '%s': it can be facilities, workloads, gfp or conditions", argv[1]);
	return EXIT_USAGE;
}
