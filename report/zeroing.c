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

/* Whatever the option says: such memory has to be clear. */
static bool clears_anyway(const json_t *result)
{
	const json_t *gfp = json_object_get(json_object_get(result, "parameters"), "gfp");

	return !strcmp(json_string_value(json_object_get(result, "facility")), "user") ||
	       !strcmp(json_string_value(gfp), "zeroed");
}

/* One that costs less with the option took another way: none of it is clearing by the option. */
static void add_figures(struct grid *grid, const json_t *result, const json_t *other)
{
	const json_t *on = p50_of_group(result, "alloc", "clean");
	const json_t *off = p50_of_group(other, "alloc", "clean");
	const long long with = json_integer_value(on), more = with - json_integer_value(off);
	const bool told = json_is_integer(on) && json_is_integer(off);
	const char *none = told ? "none" : "-";
	cleanup_free char *share = NULL;

	grid_add(grid, format_json(on).text);
	grid_add(grid, format_json(off).text);
	if (told && more > 0 && !clears_anyway(result)) {
		share = xasprintf("%.1f %%", 100.0 * more / with);
		grid_add(grid, format_count(more).text);
		grid_add(grid, share);
	} else {
		grid_add(grid, none);
		grid_add(grid, none);
	}
}

/* Of allocations: the option that tells the two runs apart changes no free. */
void zeroing_print(const json_t *document, FILE *out)
{
	static const char *const header[] = {
		"alloc p50", "init_on_alloc=1", "init_on_alloc=0", "clearing by it", "share"
	};
	struct grid grid = { .columns = 5 };
	const json_t *results = document_results(document);
	json_t *result;
	size_t i;

	for (i = 0; i < grid.columns; i++)
		grid_add(&grid, header[i]);
	json_array_foreach(results, i, result) {
		json_t *experiment = experiment_at(results, i);
		cleanup_free char *words = experiment_words(result);

		if (json_is_object(json_object_get(result, "alloc"))) {
			grid_add(&grid, words);
			add_figures(&grid, result, experiment_result(document, 1, experiment));
		}
		json_decref(experiment);
	}
	fputc('\n', out);
	grid_print(&grid, "", out);
}
