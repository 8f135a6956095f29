// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison for people: what changed, the largest change first. */
#include "comparison.h"

#include <string.h>

#include "base/memory.h"
#include "comparison_cells.h"
#include "grid.h"

#define COLUMNS_MAX 100

static void print_head(const json_t *comparison, FILE *out)
{
	json_t *subject;
	size_t i;

	json_array_foreach(json_object_get(comparison, "subjects"), i, subject) {
		long long boots = json_integer_value(json_object_get(subject, "boots"));

		fprintf(out, "%s %s: Linux %s, %s, %lld boot%s\n", i ? "Compared:" : "Baseline:",
			cell_text(subject, "label"), cell_text(subject, "kernel"),
			cell_text(subject, "arch"), boots, boots == 1 ? "" : "s");
	}
	fprintf(out, "Costs in %s an operation that nothing interrupted\n",
		unit_words(cell_text(comparison, "clock_unit")));
}

static void add_header(struct grid *grid, const json_t *comparison)
{
	const json_t *subjects = json_object_get(comparison, "subjects");
	bool two = json_array_size(subjects) == 2;
	json_t *subject;
	size_t i;

	grid_add(grid, "");
	json_array_foreach(subjects, i, subject) {
		grid_add(grid, cell_text(subject, "label"));
		if (i && !two)
			grid_add(grid, "");
	}
	if (two) {
		grid_add(grid, "change");
		grid_add(grid, "per cent");
		grid_add(grid, "noise");
	}
}

static void add_figure(struct grid *grid, const json_t *figure)
{
	const json_t *changes = json_object_get(figure, "changes");
	cleanup_free char *name = xasprintf("  %s", cell_text(figure, "figure"));
	bool two = json_array_size(changes) == 1;
	json_t *change;
	size_t i;

	grid_add(grid, name);
	grid_add(grid, format_json(json_object_get(figure, "before")).text);
	json_array_foreach(changes, i, change) {
		grid_add(grid, format_json(json_object_get(change, "value")).text);
		if (two)
			grid_add(grid, cell_change(change).text);
		grid_add(grid, cell_percent(change).text);
		if (two)
			grid_add(grid, format_json(json_object_get(change, "noise")).text);
	}
}

static void add_name(struct grid *grid, const char *name)
{
	grid_add(grid, name);
	for (size_t i = 1; i < grid->columns; i++)
		grid_add(grid, "");
}

static void print_changes(const json_t *comparison, bool verbose, FILE *out)
{
	size_t subjects = json_array_size(json_object_get(comparison, "subjects")), i, j;
	struct grid grid = { .columns = subjects == 2 ? 6 : 2 * subjects };
	json_t *experiment, *figure;

	add_header(&grid, comparison);
	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment) {
		cleanup_free char *name = experiment_words(experiment);

		if (!experiment_has_rows(experiment, verbose))
			continue;
		add_name(&grid, name);
		json_array_foreach(json_object_get(experiment, "figures"), j, figure)
			if (figure_has_row(figure, verbose))
				add_figure(&grid, figure);
	}
	fputc('\n', out);
	grid_print(&grid, "", out);
}

static void print_statuses(const json_t *comparison, FILE *out)
{
	json_t *experiment;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment) {
		cleanup_free char *words = status_words(comparison, experiment);
		cleanup_free char *name = experiment_words(experiment);

		if (words)
			fprintf(out, "%s: %s\n", name, words);
	}
}

/* The answer that is as good as any: these did not change. */
static void print_unchanged(const json_t *comparison, bool verbose, FILE *out)
{
	const json_t *experiments = json_object_get(comparison, "experiments");
	size_t count = 0, column = 0, i;
	json_t *experiment;

	json_array_foreach(experiments, i, experiment)
		count += experiment_unchanged(experiment, verbose);
	if (!count)
		return;
	if (count > 1 && count == json_array_size(experiments)) {
		fprintf(out, "No difference shown in any of %zu experiments.\n", count);
		return;
	}
	column = fprintf(out, "No difference shown in %zu of %zu experiments:", count,
			 json_array_size(experiments));
	json_array_foreach(experiments, i, experiment) {
		cleanup_free char *name = experiment_words(experiment);

		if (!experiment_unchanged(experiment, verbose))
			continue;
		if (column + strlen(name) + 2 > COLUMNS_MAX)
			column = fprintf(out, "\n  ") - 1;
		column += fprintf(out, " %s%s", name, --count ? ";" : "");
	}
	fputc('\n', out);
}

void comparison_table(const json_t *comparison, bool verbose, FILE *out)
{
	cleanup_free char *differences = difference_lines(comparison, "Differs: ", "         ");
	cleanup_free char *noise = noise_line(comparison);
	cleanup_free char *gate = gate_line(comparison);
	json_t *experiment;
	bool any = false;
	size_t i;

	print_head(comparison, out);
	fputs(differences, out);
	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment)
		any = any || experiment_has_rows(experiment, verbose);
	if (any)
		print_changes(comparison, verbose, out);
	fputc('\n', out);
	print_statuses(comparison, out);
	print_unchanged(comparison, verbose, out);
	fprintf(out, "%s\n", noise);
	if (gate)
		fprintf(out, "%s\n", gate);
}
