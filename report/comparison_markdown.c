// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison as Markdown for a pull request: a summary by facility, the largest changes, and
 * the rest folded. The page names the number of lines for which it has no room.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "comparison.h"

/*
 * Sizes in bytes, of which there are at least as many as characters. GitHub accepts comments of
 * up to 65,536 characters.
 */
#define PAGE_MAX	60000
#define SUMMARY_MAX	15000
#define LIST_MAX	8000	/* of reasons, and of differences */
#define FOLD_MAX	500	/* markup of a part, and the line on what is left out */

/* Lines that are not folded. */
#define CHANGES_SHOWN	20
#define STATUSES_SHOWN	10

/* Metrics of the summary. */
static const char *const summary_metrics[] = { "alloc mean", "free mean", "backing bytes" };

static const char *skip_lines(const char *text, size_t count)
{
	for (; count && *text; count--) {
		text = strchrnul(text, '\n');
		text += *text == '\n';
	}
	return text;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text = skip_lines(text, 1))
		count++;
	return count;
}

/*
 * Append head and the next lines of *rest, at most max lines in at most budget bytes, or nothing
 * if there is no room for a line. Advance *rest.
 */
static void add_lines(struct strbuf *page, const char *head, size_t head_bytes, const char **rest,
		      size_t max, size_t budget)
{
	const char *end = *rest, *next;

	for (; max && *end; max--, end = next) {
		next = skip_lines(end, 1);
		if (head_bytes + (next - *rest) > budget)
			break;
	}
	if (end == *rest)
		return;
	strbuf_add(page, head, head_bytes);
	strbuf_add(page, *rest, end - *rest);
	strbuf_addstr(page, "\n");
	*rest = end;
}

/*
 * Append a list or table of lines, of which the first ones head each part: the first shown lines,
 * then a fold with as many as fit in budget bytes.
 */
static void add_part(struct strbuf *page, const char *text, size_t head_lines, size_t shown,
		     const char *title, size_t budget)
{
	const char *rest = skip_lines(text, head_lines);
	const size_t head = rest - text, start = page->length;
	cleanup_strbuf struct strbuf fold = STRBUF_INIT;

	budget = budget > FOLD_MAX ? budget - FOLD_MAX : 0;
	add_lines(page, text, head, &rest, shown, budget);
	add_lines(&fold, text, head, &rest, SIZE_MAX, budget - (page->length - start));
	if (fold.length)
		strbuf_addf(page, "<details><summary>%s</summary>\n\n%s</details>\n\n", title,
			    fold.text);
	if (*rest)
		strbuf_addf(page, "Left out: %s (`--html` and `--json` have them).\n\n",
			    format_counted(count_lines(rest), "more line").text);
}

static char *table_as_markdown(const struct table *table)
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return xstrdup("");
	table_markdown(table, out);
	fclose(out);
	return text;
}

/* Sum of logarithms of the ratios to the baseline, of the metrics that have one. */
struct ratios {
	double sum;
	size_t count;
	bool any_change;
};

static void ratios_add(struct ratios *ratios, const json_t *metric, size_t input)
{
	const json_t *change = json_array_get(json_at(metric, "changes"), input);
	double before = json_num(metric, "before", 0), after = json_num(change, "value", 0);

	if (before <= 0 || after <= 0)
		return;
	ratios->count++;
	if (!json_flag(change, "significant"))
		return;
	ratios->any_change = true;
	ratios->sum += log(after / before);
}

/* Return true if the experiment is of this facility; NULL stands for all of them. */
static bool is_of(const json_t *experiment, const char *facility)
{
	return !facility || json_is(experiment, "facility", facility);
}

static void add_mean(struct table *table, const json_t *experiments, const char *facility,
		     const char *name, size_t input)
{
	struct ratios ratios = { 0 };
	json_t *experiment;
	size_t i;

	json_array_foreach(experiments, i, experiment)
		if (is_of(experiment, facility))
			ratios_add(&ratios, json_find(json_at(experiment, "metrics"), "metric",
						      name), input);
	table_cell(table, !ratios.count ? "-" : !ratios.any_change ? "=" :
		   percent_with_sign(100 * expm1(ratios.sum / ratios.count)).text);
}

/* Add the row of a facility unless nothing of it changed. */
static void add_facility(struct table *table, const json_t *comparison, const char *facility)
{
	const json_t *experiments = json_at(comparison, "experiments");
	size_t count = 0, changed = 0, i;
	json_t *experiment;

	json_array_foreach(experiments, i, experiment) {
		if (!is_of(experiment, facility))
			continue;
		count++;
		changed += experiment_has_rows(experiment, false) ||
			   json_flag(experiment, "status_differs");
	}
	if (!changed)
		return;
	table_cell(table, facility ?: "all");
	table_cell(table, format_count(count).text);
	table_cell(table, format_count(changed).text);
	for (i = 1; i < json_array_size(json_at(comparison, "inputs")); i++)
		for (size_t m = 0; m < ARRAY_SIZE(summary_metrics); m++)
			add_mean(table, experiments, facility, summary_metrics[m], i - 1);
}

/* Return true if an experiment before this one is of the same facility. */
static bool is_listed(const json_t *experiments, size_t index)
{
	const char *facility = json_str(json_array_get(experiments, index), "facility", "");

	for (size_t i = 0; i < index; i++)
		if (is_of(json_array_get(experiments, i), facility))
			return true;
	return false;
}

static void add_summary(struct strbuf *page, const json_t *comparison)
{
	const json_t *inputs = json_at(comparison, "inputs");
	const json_t *experiments = json_at(comparison, "experiments");
	cleanup_table struct table table = { 0 };
	cleanup_free char *text = NULL;
	const size_t count = json_array_size(experiments);
	size_t i;

	table_columns(&table, "<facility|>experiments|>changed");
	for (i = 1; i < json_array_size(inputs); i++)
		for (size_t m = 0; m < ARRAY_SIZE(summary_metrics); m++)
			table_column(&table, json_array_size(inputs) > 2 ?
				     json_str(json_array_get(inputs, i), "label", "-") : NULL,
				     summary_metrics[m], NULL, TABLE_RIGHT);
	add_facility(&table, comparison, NULL);
	for (i = 0; i < count; i++)
		if (!is_listed(experiments, i))
			add_facility(&table, comparison,
				     json_str(json_array_get(experiments, i), "facility", ""));
	if (!table.cell_count || count < 2)
		return;
	text = table_as_markdown(&table);
	strbuf_addstr(page, "Geometric means of the changes; those that are not significant count "
		      "as 0 %.\n\n");
	add_part(page, text, 2, SIZE_MAX, "", SUMMARY_MAX);
}

static void add_changes(struct strbuf *page, const json_t *comparison, size_t budget)
{
	cleanup_table struct table table = changes_table(comparison, false);
	cleanup_free char *text = NULL;

	if (!table.cell_count)
		return;
	text = table_as_markdown(&table);
	strbuf_addstr(page, "Largest changes first:\n\n");
	add_part(page, text, 2, CHANGES_SHOWN, "Further changes", budget);
}

/* Append an item to a list in Markdown. */
static void add_item(struct strbuf *list, const char *text)
{
	char *escaped;
	size_t bytes;
	FILE *out = open_memstream(&escaped, &bytes);

	if (!out)
		return;
	markdown_text(text, out);
	fclose(out);
	strbuf_addf(list, "- %s\n", escaped);
	free(escaped);
}

static void add_statuses(struct strbuf *page, const json_t *comparison)
{
	cleanup_strbuf struct strbuf list = STRBUF_INIT;
	json_t *experiment;
	size_t i;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment) {
		cleanup_free char *statuses = status_text(comparison, experiment);
		cleanup_free char *title = experiment_title(experiment);
		cleanup_free char *line = xasprintf("%s: %s", title, statuses);

		if (statuses)
			add_item(&list, line);
	}
	add_part(page, list.text, 0, STATUSES_SHOWN, "Further experiments that were not measured",
		 LIST_MAX);
}

static void add_differences(struct strbuf *page, const json_t *comparison)
{
	cleanup_strbuf struct strbuf list = STRBUF_INIT;
	json_t *difference;
	size_t i;

	json_array_foreach(json_at(comparison, "environment_differences"), i, difference) {
		cleanup_free char *text = comparison_difference_text(difference);

		add_item(&list, text);
	}
	add_part(page, list.text, 0, 0, "Differences of the environments", LIST_MAX);
}

void comparison_markdown(const json_t *comparison, FILE *out)
{
	cleanup_strbuf struct strbuf page = STRBUF_INIT, end = STRBUF_INIT;
	cleanup_free char *gate = comparison_gate_text(comparison);

	strbuf_addf(&page, "### Kernel memory allocation: %s\n\n",
		    comparison_gate_failures(comparison) ? "regressions" :
		    comparison_is_significant(comparison) ? "changes" : "no significant change");
	if (gate)
		strbuf_addf(&page, "%s\n\n", gate);
	add_summary(&page, comparison);
	add_statuses(&end, comparison);
	strbuf_addf(&end, "No significant change in %zu of %zu experiments. Costs in %s. %s\n\n",
		    count_unchanged(comparison, false),
		    json_array_size(json_at(comparison, "experiments")),
		    unit_name(json_str(comparison, "clock_unit", "-")),
		    comparison_noise_text(comparison));
	add_differences(&end, comparison);
	add_changes(&page, comparison, PAGE_MAX - page.length - end.length);
	/* Each part ends with an empty line. */
	fprintf(out, "%s%.*s", page.text, (int)end.length - 1, end.text);
}
