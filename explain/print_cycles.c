// SPDX-License-Identifier: GPL-2.0-or-later
/* Modelled cycles as text. */

#include "base/json_path.h"
#include "document.h"
#include "report/table.h"

/* Add a row of all CPUs, each with the number at path. */
static void add_cycles(struct table *table, const json_t *estimates, const char *path,
		       const char *title)
{
	json_t *estimate;
	size_t i;

	json_array_foreach(estimates, i, estimate)
		table_cellf(table, "%.1f", json_num(estimate, path, 0));
	table_cell(table, title);
}

/* The instructions that llvm-mca does not simulate are the same for each CPU. */
static void add_named_cycles(struct table *table, const json_t *estimates, const json_t *mix)
{
	json_t *item, *estimate;
	size_t i, j;

	json_array_foreach(json_at(mix, "named"), i, item) {
		json_array_foreach(estimates, j, estimate) {
			const json_t *weight = json_find(json_at(estimate, "named"), "name",
							 json_str(item, "name", "-"));

			if (weight)
				table_cellf(table, "%.1f", json_num(weight, "cycles", 0));
			else
				table_cell(table, "not modelled");
		}
		table_cellf(table, "%lld %s", json_int(item, "count", 0), json_str(item, "name", "-"));
	}
}

static void add_cycle_errors(struct table *table, const json_t *estimates)
{
	json_t *estimate;
	size_t i;

	json_array_foreach(estimates, i, estimate)
		if (json_at(estimate, "mean_absolute_error.percent"))
			table_cellf(table, "%.1f %%",
				    json_num(estimate, "mean_absolute_error.percent", 0));
		else
			table_cell(table, "unknown");
	table_cell(table, "mean absolute error against published cycles");
}

void explain_print_cycles(const json_t *document, FILE *out)
{
	const json_t *estimates = json_at(document, "modelled_cycles");
	cleanup_table struct table table = { 0 };
	json_t *estimate;
	size_t i;

	if (!estimates)
		return;
	json_array_foreach(estimates, i, estimate)
		table_column(&table, json_str(estimate, "cpu", "-"), "modelled", NULL, TABLE_RIGHT);
	table_columns(&table, "<cycles");
	add_cycles(&table, estimates, "pipeline", "pipeline, by llvm-mca");
	add_named_cycles(&table, estimates, json_at(document, "mix"));
	add_cycles(&table, estimates, "misses", "cache misses");
	add_cycles(&table, estimates, "cycles", "sum");
	add_cycle_errors(&table, estimates);
	fputc('\n', out);
	table_text(&table, "", out);
	fprintf(out, "Cycles are modelled, not measured: in a steady state, without contention, "
		"mispredicted\nbranches and instruction fetches. docs/validation.md has the published cycles\n");
}
