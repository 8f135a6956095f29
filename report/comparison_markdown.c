// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as Markdown: a summary for a pull request. */
#include "comparison.h"

#include <string.h>

#include "base/memory.h"
#include "comparison_cells.h"

/* What Markdown or the HTML in it would read as its own. */
static void print_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '&' || *text == '<' || *text == '>')
			fprintf(out, "&#%d;", *text);
		else if (*text == '\n')
			fputc(' ', out);
		else
			fprintf(out, strchr("\\`*_[]|~", *text) ? "\\%c" : "%c", *text);
	}
}

static void print_cell(const char *text, FILE *out)
{
	fputs(" ", out);
	print_escaped(text, out);
	fputs(" |", out);
}

static void print_header(const json_t *comparison, FILE *out)
{
	const json_t *subjects = json_object_get(comparison, "subjects");
	json_t *subject;
	size_t i;

	fputs("| experiment | figure |", out);
	json_array_foreach(subjects, i, subject) {
		print_cell(cell_text(subject, "label"), out);
		if (i)
			print_cell("change", out);
	}
	fputs("\n|---|---|", out);
	for (i = 0; i < 2 * json_array_size(subjects) - 1; i++)
		fputs("---:|", out);
	fputc('\n', out);
}

static void print_figure(const json_t *experiment, const json_t *figure, FILE *out)
{
	cleanup_free char *name = experiment_words(experiment);
	json_t *change;
	size_t i;

	fputc('|', out);
	print_cell(name, out);
	print_cell(cell_text(figure, "figure"), out);
	print_cell(format_json(json_object_get(figure, "before")).text, out);
	json_array_foreach(json_object_get(figure, "changes"), i, change) {
		bool trips = json_is_true(json_object_get(change, "trips"));

		print_cell(format_json(json_object_get(change, "value")).text, out);
		fprintf(out, " %s%s%s |", trips ? "**" : "", cell_percent(change).text,
			trips ? "**" : "");
	}
	fputc('\n', out);
}

static size_t print_rows(const json_t *comparison, FILE *out)
{
	json_t *experiment, *figure;
	size_t i, j, unchanged = 0;
	bool any = false;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment) {
		unchanged += experiment_unchanged(experiment, false);
		json_array_foreach(json_object_get(experiment, "figures"), j, figure) {
			if (!figure_has_row(figure, false))
				continue;
			if (!any)
				print_header(comparison, out);
			any = true;
			print_figure(experiment, figure, out);
		}
	}
	if (any)
		fputc('\n', out);
	return unchanged;
}

static void print_statuses(const json_t *comparison, FILE *out)
{
	json_t *experiment;
	bool any = false;
	size_t i;

	json_array_foreach(json_object_get(comparison, "experiments"), i, experiment) {
		cleanup_free char *words = status_words(comparison, experiment);
		cleanup_free char *name = experiment_words(experiment);

		if (!words)
			continue;
		any = true;
		fputs("- ", out);
		print_escaped(name, out);
		fputs(": ", out);
		print_escaped(words, out);
		fputc('\n', out);
	}
	if (any)
		fputc('\n', out);
}

void comparison_markdown(const json_t *comparison, FILE *out)
{
	const json_t *experiments = json_object_get(comparison, "experiments");
	cleanup_free char *differences = difference_lines(comparison, "", "");
	cleanup_free char *noise = noise_line(comparison);
	cleanup_free char *gate = gate_line(comparison);
	size_t unchanged;

	fprintf(out, "### Kernel memory allocation: %s\n\n",
		comparison_trips(comparison) ? "worse" :
		comparison_shows(comparison) ? "what changed" : "no difference shown");
	if (gate)
		fprintf(out, "%s\n\n", gate);
	unchanged = print_rows(comparison, out);
	print_statuses(comparison, out);
	fprintf(out, "No difference shown in %zu of %zu experiments. Costs in %s. %s\n", unchanged,
		json_array_size(experiments), unit_words(cell_text(comparison, "clock_unit")), noise);
	if (!*differences)
		return;
	fputs("\n<details><summary>Environments differ</summary>\n\n", out);
	for (char *line = strtok(differences, "\n"); line; line = strtok(NULL, "\n")) {
		fputs("- ", out);
		print_escaped(line, out);
		fputc('\n', out);
	}
	fputs("\n</details>\n", out);
}
