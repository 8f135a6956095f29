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

static const json_t *p50_of(const json_t *result, const char *direction)
{
	const json_t *clean = json_object_get(json_object_get(result, direction), "clean");

	return json_object_get(clean, "p50");
}

static void add_direction(struct grid *grid, const json_t *with, const json_t *without,
			  const char *direction)
{
	const json_t *on = p50_of(with, direction), *off = p50_of(without, direction);
	long long more;
	cleanup_free char *share = NULL;

	grid_add(grid, format_json(on).text);
	grid_add(grid, format_json(off).text);
	if (!json_is_integer(on) || !json_is_integer(off)) {
		grid_add(grid, "-");
		grid_add(grid, "-");
		return;
	}
	more = json_integer_value(on) - json_integer_value(off);
	grid_add(grid, format_count(more).text);
	share = json_integer_value(on) ?
		xasprintf("%.1f %%", 100.0 * more / json_integer_value(on)) : xstrdup("-");
	grid_add(grid, share);
}

static void add_header(struct grid *grid)
{
	static const char *const upper[] = { "alloc", "", "", "", "free", "", "", "" };

	grid_add(grid, "");
	for (size_t i = 0; i < 8; i++)
		grid_add(grid, upper[i]);
	grid_add(grid, "p50 with clearing and without");
	for (size_t i = 0; i < 2; i++) {
		grid_add(grid, "with");
		grid_add(grid, "without");
		grid_add(grid, "clearing");
		grid_add(grid, "share");
	}
}

void zeroing_print(const json_t *document, FILE *out)
{
	struct grid grid = { .columns = 9 };
	json_t *result;
	size_t i;

	add_header(&grid);
	json_array_foreach(document_results(document), i, result) {
		const json_t *without = experiment_result(document, 1, result);
		cleanup_free char *words = experiment_words(result);

		if (!json_is_object(json_object_get(result, "alloc")))
			continue;
		grid_add(&grid, words);
		add_direction(&grid, result, without, "alloc");
		add_direction(&grid, result, without, "free");
	}
	fputc('\n', out);
	grid_print(&grid, "", out);
}
