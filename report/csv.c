// SPDX-License-Identifier: GPL-2.0-or-later
/* CSV: the columns are the schema's fields, "alloc.clean.p50"; lines end as in any Unix file. */
#include "report.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "schema.h"

static void print_quoted(const char *text, FILE *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void print_value(const json_t *value, FILE *out);

/* An element of a list that has members: "new_slab:16". */
static void print_members(const json_t *object, FILE *out)
{
	const char *separator = "", *name;
	json_t *member;

	json_object_foreach((json_t *)object, name, member) {
		fputs(separator, out);
		print_value(member, out);
		separator = ":";
	}
}

/* A list stays in one cell: its elements stand with blanks between them. */
static void print_value(const json_t *value, FILE *out)
{
	json_t *element;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_STRING:
		print_quoted(json_string_value(value), out);
		break;
	case JSON_ARRAY:
		json_array_foreach(value, i, element) {
			if (i)
				fputc(' ', out);
			print_value(element, out);
		}
		break;
	case JSON_OBJECT:
		print_members(value, out);
		break;
	case JSON_INTEGER:
		fprintf(out, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		fprintf(out, "%.12g", json_real_value(value));
		break;
	default:	/* null: an empty cell */
		break;
	}
}

static void print_names(const struct field *fields, const char *prefix, FILE *out)
{
	for (; fields->name; fields++) {
		cleanup_free char *name = xasprintf("%s%s", prefix, fields->name);
		cleanup_free char *inner = xasprintf("%s.", name);

		if (fields->type == FIELD_GROUP)
			print_names(fields->members, inner, out);
		else if (fields->type != FIELD_GROUPS)
			fprintf(out, ",%s", name);
	}
}

static void print_cells(const struct field *fields, const json_t *object, FILE *out)
{
	for (; fields->name; fields++) {
		const json_t *value = json_object_get(object, fields->name);

		if (fields->type == FIELD_GROUP) {
			print_cells(fields->members, value, out);
			continue;
		}
		if (fields->type == FIELD_GROUPS)	/* no cell can hold it */
			continue;
		fputc(',', out);
		if (value)
			print_value(value, out);
	}
}

static void print_run(const json_t *run, FILE *out)
{
	const json_t *environment = document_environment(run);
	const json_t *kernel = json_object_get(environment, "kernel");
	const json_t *clock = json_object_get(environment, "clock");
	const json_t *layout = json_object_get(json_object_get(environment, "machine"), "layout");
	json_t *result;
	size_t i;

	json_array_foreach(document_results(run), i, result) {
		print_value(json_object_get(kernel, "release"), out);
		fputc(',', out);
		print_value(json_object_get(kernel, "arch"), out);
		fputc(',', out);
		print_value(json_object_get(environment, "target"), out);
		fputc(',', out);
		print_value(json_object_get(clock, "unit"), out);
		fputc(',', out);
		if (layout)
			print_value(layout, out);
		print_cells(result_fields, result, out);
		fputc('\n', out);
	}
}

void report_csv(const json_t *document, FILE *out)
{
	fputs("kernel,arch,target,clock,layout", out);
	print_names(result_fields, "", out);
	fputc('\n', out);
	for (size_t i = 0; i < document_runs(document); i++) {
		json_t *run = document_run(document, i);

		print_run(run, out);
		json_decref(run);
	}
}
