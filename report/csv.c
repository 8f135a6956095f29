// SPDX-License-Identifier: GPL-2.0-or-later
/* CSV: one column per field of results, named by its path ("alloc.uninterrupted.p50"). */
#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"
#include "named_results.h"
#include "report.h"
#include "schema.h"
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

void report_csv(const json_t *document, FILE *out)
{
	cleanup_table struct table table = { 0 };
	json_t *run, *result;
	size_t i, j;

	for (i = 0; i < run_label_count; i++)
		table_column(&table, NULL, run_labels[i].title, NULL, TABLE_LEFT);
	add_columns(&table, result_fields, "");
	json_array_foreach(json_object_get(document, "runs"), i, run) {
		json_array_foreach(json_object_get(run, "results"), j, result) {
			for (size_t c = 0; c < run_label_count; c++)
				add_cell(&table, json_at(json_object_get(run, "environment"),
							 run_labels[c].path));
			add_cells(&table, result_fields, result);
		}
	}
	table_csv(&table, out);
}
