// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CSV. Results: one row per result with a column per field, named by its path
 * ("alloc.uninterrupted.p50"), or in long form one row per field. Comparisons: one row per metric
 * and input.
 */
#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "comparison.h"
#include "format.h"
#include "named_results.h"
#include "report.h"
#include "table.h"

static void add_columns(struct table *table, const struct field *fields, const char *prefix)
{
	for (; fields->name; fields++) {
		cleanup_free char *name = xasprintf("%s%s", prefix, fields->name);
		cleanup_free char *inner = xasprintf("%s.", name);

		if (fields->type == FIELD_GROUP)
			add_columns(table, fields->members, inner);
		else if (fields->type != FIELD_GROUPS && fields->type != FIELD_PAIRS)
			table_column(table, NULL, name, NULL, TABLE_LEFT);
	}
}

static void add_cell(struct table *table, const json_t *value)
{
	struct strbuf text = STRBUF_INIT;

	format_value(&text, value, false);
	table_cell(table, text.text);
	strbuf_release(&text);
}

static void add_cells(struct table *table, const struct field *fields, const json_t *object)
{
	for (; fields->name; fields++) {
		const json_t *value = json_object_get(object, fields->name);

		if (fields->type == FIELD_GROUP)
			add_cells(table, fields->members, value);
		else if (fields->type != FIELD_GROUPS && fields->type != FIELD_PAIRS)
			add_cell(table, value);
	}
}

static void add_run_columns(struct table *table)
{
	for (size_t i = 0; i < run_label_count; i++)
		table_column(table, NULL, run_labels[i].title, NULL, TABLE_LEFT);
}

static void add_run_cells(struct table *table, const json_t *environment)
{
	for (size_t i = 0; i < run_label_count; i++)
		add_cell(table, json_at(environment, run_labels[i].path));
}

void report_csv(const json_t *document, FILE *out)
{
	cleanup_named_results struct named_results results = named_results_of(document);
	cleanup_table struct table table = { 0 };

	add_run_columns(&table);
	add_columns(&table, result_fields, "");
	for (size_t i = 0; i < results.count; i++) {
		add_run_cells(&table, results.list[i].environment);
		add_cells(&table, result_fields, results.list[i].result);
	}
	table_csv(&table, out);
}

static const char *const experiment_columns[] = {
	"facility", "workload", "objects", "object_size"
};

static void add_experiment_columns(struct table *table)
{
	table_columns(table, "<experiment");
	for (size_t i = 0; i < ARRAY_SIZE(experiment_columns); i++)
		table_column(table, NULL, experiment_columns[i], NULL, TABLE_LEFT);
}

static void add_experiment_cells(struct table *table, const char *name, const json_t *experiment)
{
	table_cell(table, name);
	for (size_t i = 0; i < ARRAY_SIZE(experiment_columns); i++)
		add_cell(table, json_at(experiment, experiment_columns[i]));
}

/* Append a row of the long form; count may be NULL. */
static void add_long_row(struct table *table, const struct named_result *named, const char *path,
			 const json_t *value, const json_t *count)
{
	add_run_cells(table, named->environment);
	add_experiment_cells(table, named->name, named->result);
	table_cell(table, path);
	add_cell(table, value);
	add_cell(table, count);
}

static void add_long_fields(struct table *table, const struct named_result *named,
			    const struct field *fields, const char *prefix, const json_t *object);

/* Append the rows of an array of groups, or of pairs of a value and its count. */
static void add_long_array(struct table *table, const struct named_result *named,
			   const struct field *field, const char *path, const json_t *array)
{
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element) {
		cleanup_free char *prefix = xasprintf("%s.%zu.", path, i);

		if (field->type == FIELD_PAIRS)
			add_long_row(table, named, path, json_array_get(element, 0),
				     json_array_get(element, 1));
		else
			add_long_fields(table, named, field->members, prefix, element);
	}
}

static void add_long_fields(struct table *table, const struct named_result *named,
			    const struct field *fields, const char *prefix, const json_t *object)
{
	for (; fields->name; fields++) {
		const json_t *value = json_at(object, fields->name);
		cleanup_free char *path = xasprintf("%s%s", prefix, fields->name);
		cleanup_free char *inner = xasprintf("%s.", path);

		if (fields->type == FIELD_GROUP)
			add_long_fields(table, named, fields->members, inner, value);
		else if (fields->type == FIELD_GROUPS || fields->type == FIELD_PAIRS)
			add_long_array(table, named, fields, path, value);
		else if (value)
			add_long_row(table, named, path, value, NULL);
	}
}

void report_csv_long(const json_t *document, FILE *out)
{
	cleanup_named_results struct named_results results = named_results_of(document);
	cleanup_table struct table table = { 0 };

	add_run_columns(&table);
	add_experiment_columns(&table);
	table_columns(&table, "<field|<value|<count");
	for (size_t i = 0; i < results.count; i++)
		add_long_fields(&table, &results.list[i], result_fields, "",
				results.list[i].result);
	table_csv(&table, out);
}

static const char *const change_columns[] = {
	"value", "change", "change_percent", "noise_kind", "noise", "significant", "regression",
	"fails_gate",
};

/* Append a row of an experiment and an input; without a metric the columns after it are empty. */
static void add_change(struct table *table, const json_t *comparison, const json_t *experiment,
		       const json_t *metric, size_t input)
{
	const json_t *inputs = json_at(comparison, "inputs");
	const json_t *change = json_array_get(json_at(metric, "changes"), input - 1);
	cleanup_free char *name = experiment_test_name(experiment);

	add_experiment_cells(table, name, experiment);
	add_cell(table, json_at(json_array_get(inputs, 0), "label"));
	add_cell(table, json_at(json_array_get(inputs, input), "label"));
	add_cell(table, json_array_get(json_at(experiment, "status"), 0));
	add_cell(table, json_array_get(json_at(experiment, "status"), input));
	add_cell(table, json_at(metric, "metric"));
	add_cell(table, json_at(metric, "kind"));
	add_cell(table, json_at(metric, "before"));
	for (size_t i = 0; i < ARRAY_SIZE(change_columns); i++)
		add_cell(table, json_at(change, change_columns[i]));
}

/* Append the metrics that both inputs have, or one row with the statuses if there is none. */
static void add_input(struct table *table, const json_t *comparison, const json_t *experiment,
		      size_t input)
{
	const json_t *list = json_at(experiment, "metrics");
	const size_t before = table->cell_count;
	json_t *metric;
	size_t i;

	json_array_foreach(list, i, metric)
		if (json_is_object(json_array_get(json_at(metric, "changes"), input - 1)))
			add_change(table, comparison, experiment, metric, input);
	if (table->cell_count == before)
		add_change(table, comparison, experiment, NULL, input);
}

void comparison_csv(const json_t *comparison, FILE *out)
{
	const size_t inputs = json_array_size(json_at(comparison, "inputs"));
	cleanup_table struct table table = { 0 };
	json_t *experiment;
	size_t i;

	add_experiment_columns(&table);
	table_columns(&table, "<baseline|<input|<baseline_status|<status|<metric|<kind|<before");
	for (i = 0; i < ARRAY_SIZE(change_columns); i++)
		table_column(&table, NULL, change_columns[i], NULL, TABLE_LEFT);
	json_array_foreach(json_at(comparison, "experiments"), i, experiment)
		for (size_t input = 1; input < inputs; input++)
			add_input(&table, comparison, experiment, input);
	table_csv(&table, out);
}
