// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab list: what the options of run take, and which results are kept. Needs no kernel. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "cli/names.h"
#include "cli/output.h"
#include "exec/nearest.h"
#include "report/grid.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char help[] =
	"Usage: kmemlab list facilities|workloads|gfp|conditions|results [--tag TAG]\n"
	"\n"
	"Shows the names that 'kmemlab run' takes, with a line on each. Which of them a\n"
	"kernel has, and their limits there, a run says. Or the results that are kept, the\n"
	"newest first.\n"
	"\n"
	"  --tag TAG   only results with this tag\n"
	"  --help      this text\n"
	"\n"
	"Example: kmemlab list facilities\n";

static const char *const topics[] = {
	"facilities", "workloads", "gfp", "conditions", "results"
};

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

static void print_results(const struct stored *entries, size_t count)
{
	struct grid grid = { .columns = 7, .ends_in_text = true };
	static const char *const heads[] = { "name", "number", "date", "experiments", "kernel",
					     "tags", "command" };

	for (size_t i = 0; count && i < COUNT(heads); i++)
		grid_add(&grid, heads[i]);
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *number = xasprintf("%lld", (long long)entries[i].number);
		cleanup_free char *experiments = xasprintf("%lld",
							   (long long)entries[i].experiments);

		grid_add(&grid, entries[i].name ? entries[i].name : "-");
		grid_add(&grid, number);
		grid_add(&grid, entries[i].date);
		grid_add(&grid, experiments);
		grid_add(&grid, entries[i].kernel);
		grid_add(&grid, entries[i].tags ? entries[i].tags : "-");
		grid_add(&grid, entries[i].command ? entries[i].command : "-");
	}
	grid_print(&grid, "", stdout);
}

static enum exit_code list_results(const char *tag)
{
	struct store *store = kept_open();
	struct failure failure = { 0 };
	struct stored *entries = NULL;
	enum exit_code code = EXIT_FINE;
	size_t count = 0;

	if (!store)
		return EXIT_TROUBLE;
	if (store_list(store, tag, &entries, &count, &failure))
		code = kept_say(&failure);
	else
		print_results(entries, count);
	if (!code && !count)
		say_note(tag ? "no result is kept with this tag" : "no result is kept yet");
	stored_release(entries, count);
	store_close(store);
	return code ? code : output_finish();
}

enum exit_code cmd_list(int argc, char **argv)
{
	const char *meant;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	if (argc == 4 && !strcmp(argv[1], "results") && !strcmp(argv[2], "--tag"))
		return list_results(argv[3]);
	if (argc != 2) {
		say_error("list: one word is wanted: facilities, workloads, gfp, conditions or results");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "results"))
		return list_results(NULL);
	for (size_t i = 0; i < COUNT(tables); i++)
		if (!strcmp(argv[1], topics[i]))
			return print_table(tables[i]);
	meant = nearest_name(argv[1], topics, COUNT(topics));
	if (meant)
		say_error("list: unknown '%s': did you mean '%s'?", argv[1], meant);
	else
		say_error("list: unknown '%s': it can be facilities, workloads, gfp, conditions or "
			  "results", argv[1]);
	return EXIT_USAGE;
}
