// SPDX-License-Identifier: GPL-2.0-or-later
#include "results.h"

#include "base/json_path.h"
#include "base/memory.h"
#include "format.h"
#include "metrics.h"

/* A column: the sum of members of "mix", per object. */
struct mix_column {
	const char *title;
	const char *paths[4];	/* unknown if the first one is */
};

static const struct mix_column columns[] = {
	{ "instructions", { "instructions" } },
	{ "loads", { "loads" } },
	{ "stores", { "stores" } },
	{ "branches", { "classes.branch", "classes.jump" } },
	{ "calls", { "classes.call" } },
	{ "indirect", { "classes.indirect", "retpolines" } },
	{ "atomic", { "classes.atomic" } },
	{ "barriers", { "classes.barrier" } },
	{ "system", { "classes.system" } },
	{ "irqs off", { "irqs_off_instructions" } },
	{ "lines", { "cache_lines" } },
	{ "pages", { "pages" } },
	{ "shared lines", { "written_lines.shared" } },
	{ "atomically", { "written_lines.shared_atomic" } },
};

static void add_per_object(struct table *table, const json_t *cost,
			   const struct mix_column *column)
{
	const json_t *mix = json_at(cost, "mix");
	double objects = json_num(mix, "operations", 1) * json_num(cost, "objects_per_operation", 1);
	double sum = 0;

	if (!json_at(mix, column->paths[0])) {
		table_cell(table, "-");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(column->paths) && column->paths[i]; i++)
		sum += json_num(mix, column->paths[i], 0);
	table_cell(table, sum ? format_real(sum / objects).text : "0");
}

struct table mix_table(const json_t *results)
{
	static const char *const directions[] = { "alloc", "free" };
	struct table table = { 0 };
	json_t *result;
	size_t i;

	table_columns(&table, "<mix per object|<");
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		table_column(&table, NULL, columns[i].title, NULL, TABLE_RIGHT);
	json_array_foreach(results, i, result) {
		cleanup_free char *title = experiment_title(result);

		for (size_t d = 0; d < ARRAY_SIZE(directions); d++) {
			const json_t *cost = json_at(result, directions[d]);

			if (!json_is_object(json_at(cost, "mix")))
				continue;
			table_cell(&table, title);
			table_cell(&table, directions[d]);
			for (size_t c = 0; c < ARRAY_SIZE(columns); c++)
				add_per_object(&table, cost, &columns[c]);
		}
	}
	return table;
}
