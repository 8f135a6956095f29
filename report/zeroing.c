// SPDX-License-Identifier: GPL-2.0-or-later
#include "zeroing.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "figures.h"
#include "format.h"
#include "grid.h"

static bool clears(const json_t *document, size_t index, const char *word)
{
	json_t *run = document_run(document, index);
	const json_t *kernel = json_object_get(document_environment(run), "kernel");
	const char *value = json_string_value(json_object_get(json_object_get(kernel, "config"),
							      "init_on_alloc"));
	bool is = value && !strcmp(value, word);

	json_decref(run);
	return is;
}

static bool same_kernel(const json_t *document)
{
	json_t *first = document_run(document, 0), *second = document_run(document, 1);
	const json_t *before = json_object_get(document_environment(first), "kernel");
	const json_t *after = json_object_get(document_environment(second), "kernel");
	bool same = json_equal(json_object_get(before, "release"),
			       json_object_get(after, "release")) &&
		    json_equal(json_object_get(before, "arch"), json_object_get(after, "arch"));

	json_decref(first);
	json_decref(second);
	return same;
}

bool zeroing_told_apart(const json_t *document)
{
	return document_runs(document) == 2 && clears(document, 0, "on") &&
	       clears(document, 1, "off") && same_kernel(document);
}

/* One that costs less with clearing took another way: nothing is told then. */
static void add_figures(struct grid *grid, const json_t *on, const json_t *off)
{
	const long long with = json_integer_value(on), more = with - json_integer_value(off);
	cleanup_free char *share = with ? xasprintf("%.1f %%", 100.0 * more / with) : NULL;
	const bool told = json_is_integer(on) && json_is_integer(off) && more >= 0;

	grid_add(grid, format_json(on).text);
	grid_add(grid, format_json(off).text);
	grid_add(grid, told ? format_count(more).text : "-");
	grid_add(grid, told && share ? share : "-");
}

/* Of allocations: the option that tells the two runs apart changes no free. */
void zeroing_print(const json_t *document, FILE *out)
{
	static const char *const header[] = {
		"alloc p50 with clearing and without", "with", "without", "clearing", "share"
	};
	struct grid grid = { .columns = 5 };
	json_t *result;
	size_t i;

	for (i = 0; i < grid.columns; i++)
		grid_add(&grid, header[i]);
	json_array_foreach(document_results(document), i, result) {
		const json_t *without = experiment_result(document, 1, result);
		cleanup_free char *words = experiment_words(result);

		if (!json_is_object(json_object_get(result, "alloc")))
			continue;
		grid_add(&grid, words);
		add_figures(&grid, p50_of_group(result, "alloc", "clean"), p50_of_group(without, "alloc", "clean"));
	}
	fputc('\n', out);
	grid_print(&grid, "", out);
}
