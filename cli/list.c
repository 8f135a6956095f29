// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab list: print the names that options accept, or the stored results. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "cli/options.h"
#include "cli/result_store.h"
#include "report/table.h"

static enum exit_code list_names(const struct name_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		printf("%-14s %s\n", table->entries[i].name, table->entries[i].description);
	return EXIT_OK;
}

static void print_results(const struct stored *entries, size_t count)
{
	cleanup_table struct table table = { 0 };

	table_columns(&table, "<name|>number|>date|>experiments|>kernel|>tags");
	/* Other programs expect one line per result. */
	table_columns(&table, terminal_width(terminal_out(), 0) ? "~command" : "<command");
	for (size_t i = 0; i < count; i++) {
		table_cell(&table, entries[i].name ?: "-");
		table_cellf(&table, "%lld", (long long)entries[i].number);
		table_cell(&table, entries[i].date);
		table_cellf(&table, "%lld", (long long)entries[i].experiments);
		table_cell(&table, entries[i].kernel);
		table_cell(&table, entries[i].tags ?: "-");
		table_cell(&table, entries[i].command ?: "-");
	}
	if (count)
		table_text(&table, "", terminal_out());
}

static enum exit_code list_results(const char *tag)
{
	struct store *store = result_store_open();
	struct error failure = { 0 };
	struct stored *entries = NULL;
	enum exit_code code = EXIT_OK;
	size_t count = 0;

	if (!store)
		return EXIT_HOST_ERROR;
	if (store_list(store, tag, &entries, &count, &failure))
		code = report_error(&failure);
	else
		print_results(entries, count);
	if (!code && !count)
		log_notice(tag ? "no stored result has this tag" : "no results are stored");
	stored_release(entries, count);
	store_close(store);
	return code;
}

static enum exit_code cmd_list(struct options *options)
{
	static const struct {
		const char *topic;
		const struct name_table *table;
	} tables[] = {
		{ "facilities", &facility_names }, { "workloads", &workload_names },
		{ "gfp", &gfp_names }, { "conditions", &condition_names },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (!strcmp(options->operands[0], tables[i].topic))
			return list_names(tables[i].table);
	return list_results(options->tags.count ? options->tags.names[0] : NULL);
}

const struct command list_command = {
	.name = "list",
	.bit = CMD_LIST,
	.run = cmd_list,
	.summary = "list facilities, workloads and other names, or the stored results",
	.usage = "list facilities|workloads|gfp|conditions\nlist results [--tag TAG]",
	.description = "List the names that options accept, each with a description, or the stored "
		"results, newest first. Which names a kernel supports, and its limits, are in the "
		"results of a run.",
	.example = "list facilities",
	.operand = "topic",
	.operands_min = 1,
	.operands_max = 1,
	.first_operands = (const char *const[]) {
		"facilities", "workloads", "gfp", "conditions", "results", NULL
	},
};
