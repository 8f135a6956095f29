// SPDX-License-Identifier: GPL-2.0-or-later
#include "document.h"

#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "report.h"
#include "schema.h"

const struct field skipped_fields[] = {
	{ .name = "reason", .type = FIELD_TEXT },
	{ 0 }
};

static const struct field run_fields[] = {
	{ .name = "environment", .type = FIELD_GROUP, .members = environment_fields },
	{ .name = "results", .type = FIELD_GROUPS, .members = result_fields },
	{ 0 }
};

const struct field results_document_fields[] = {
	{ .name = "schema", .type = FIELD_TEXT,
	  .choices = (const char *const[]) { RESULTS_SCHEMA, NULL } },
	{ .name = "runs", .type = FIELD_GROUPS, .members = run_fields },
	{ 0 }
};

static char *add_result(json_t *results, const char *prefix, json_t *record)
{
	char *error = NULL;
	json_t *result = schema_copy(result_fields, prefix, record, &error);

	if (result)
		json_array_append_new(results, result);
	return error;
}

static char *set_environment(json_t **environment, json_t *record)
{
	char *error = NULL;

	if (*environment)
		return xasprintf("duplicate environment");
	*environment = schema_copy(environment_fields, "", record, &error);
	return error;
}

static char *append_record(json_t *lists, const struct record_kind *kind, json_t *record)
{
	char *error;

	if (kind->fields == result_fields)
		return add_result(json_object_get(lists, kind->name), "", record);
	error = schema_check(kind->fields, "", record);
	if (!error)
		json_array_append(json_object_get(lists, kind->name), record);
	return error;
}

static char *add_record(json_t *lists, const struct record_kind *kinds, json_t **environment,
			json_t *record)
{
	cleanup_free char *kind = NULL;
	const char *text = json_string_value(json_object_get(record, "record"));

	if (!text)
		return xasprintf("missing field 'record'");
	if (schema_has_control(record))
		return xstrdup("a string contains control characters");
	kind = xstrdup(text);
	json_object_del(record, "record");
	if (!strcmp(kind, "samples"))	/* of a traced experiment, used by explain */
		return NULL;
	if (!strcmp(kind, "environment"))
		return set_environment(environment, record);
	while (kinds->name && strcmp(kinds->name, kind))
		kinds++;
	return kinds->name ? append_record(lists, kinds, record) :
			     xasprintf("unknown record '%s'", kind);
}

/* Read all lines except heartbeats, which start with a dot. */
static char *read_records(const char *text, size_t bytes, const struct record_kind *kinds,
			  json_t *lists, json_t **environment)
{
	const char *end = text + bytes;

	for (size_t line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', end - text);
		size_t length = (newline ? newline : end) - text;
		cleanup_free char *error = NULL;
		json_error_t json_error;
		json_t *record;

		if (length && *text != '.') {
			record = json_loadb(text, length, JSON_REJECT_DUPLICATES, &json_error);
			error = json_is_object(record) ?
				add_record(lists, kinds, environment, record) : xstrdup("not JSON");
			json_decref(record);
		}
		if (error)
			return xasprintf("record line %zu: %s", line, error);
		text += length + 1;
	}
	if (!*environment)
		return xasprintf("the records have no environment");
	return NULL;
}

static void set_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void set_seconds(json_t *object, const char *name, double seconds)
{
	json_object_set_new(object, name, seconds > 0 ? json_real(seconds) : json_null());
}

static json_t *run_entry(const struct run_facts *facts)
{
	json_t *run = json_object();

	set_text(run, "command", facts->command);
	set_text(run, "date", facts->date);
	set_text(run, "kmemlab_version", facts->kmemlab_version);
	set_text(run, "accelerator_reason", facts->accelerator_reason);
	set_text(run, "qemu_version", facts->qemu_version);
	set_text(run, "kernel_package_version", facts->kernel_package_version);
	set_seconds(run, "boot_s", facts->boot_s);
	set_seconds(run, "total_s", facts->total_s);
	return run;
}

static json_t *machine_entry(const struct run_facts *facts)
{
	if (!facts->arch)
		return json_null();
	return json_pack("{s:s, s:s?, s:s?, s:s?, s:I, s:s?, s:I}", "arch", facts->arch,
			 "board", facts->board, "cpu", facts->cpu, "qemu_cpu", facts->qemu_cpu,
			 "memory_mib", (json_int_t)facts->memory_mib, "append", facts->append,
			 "layout", (json_int_t)facts->layout);
}

static json_t *verified_entry(const struct run_facts *facts)
{
	if (!facts->kernel_sha256 || !*facts->kernel_sha256)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "kernel_sha256", facts->kernel_sha256, "module_sha256",
			 facts->module_sha256, "guest_program_sha256", facts->guest_sha256);
}

/* Set the fields that only the host knows, in the places that the schema reserves for them. */
static void complete_environment(json_t *environment, const struct run_facts *facts)
{
	set_text(environment, "target", facts->target);
	set_text(environment, "accelerator", facts->accelerator);
	set_text(environment, "input_sha256", facts->input_sha256);
	json_object_set_new(environment, "verified", verified_entry(facts));
	json_object_set_new(environment, "machine", machine_entry(facts));
	json_object_set_new(environment, "run", run_entry(facts));
}

static json_t *wrap_run(json_t *run)
{
	return json_pack("{s:s, s:[o]}", "schema", RESULTS_SCHEMA, "runs", run);
}

json_t *document_collect(const char *records, size_t bytes, const struct run_facts *facts,
			 const struct record_kind *kinds, char **error)
{
	json_t *lists = json_object(), *environment = NULL;

	for (const struct record_kind *kind = kinds; kind->name; kind++)
		json_object_set_new(lists, kind->name, json_array());
	*error = read_records(records, bytes, kinds, lists, &environment);
	if (*error) {
		json_decref(lists);
		json_decref(environment);
		return NULL;
	}
	complete_environment(environment, facts);
	json_object_set_new(lists, "environment", environment);
	return lists;
}

json_t *document_build(const char *records, size_t bytes, const struct run_facts *facts,
		       char **error)
{
	static const struct record_kind kinds[] = { { "result", result_fields }, { NULL, NULL } };
	json_t *collected = document_collect(records, bytes, facts, kinds, error);
	json_t *document;

	if (!collected)
		return NULL;
	document = wrap_run(json_pack("{s:O, s:O}", "environment",
				      json_object_get(collected, "environment"), "results",
				      json_object_get(collected, "result")));
	json_decref(collected);
	return document;
}

/* Replace the digits of a string by the number that they are. */
static void set_number(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	if (text && *text && !text[strspn(text, "0123456789")] && strlen(text) < 16)
		json_object_set_new(object, name, json_integer(strtoll(text, NULL, 10)));
}

/* Documents of an older kmemlab have strings in place of these numbers. */
static void set_numbers(json_t *environment)
{
	json_t *config = json_object_get(json_object_get(environment, "kernel"), "config");

	set_number(config, "hz");
	set_number(config, "slub_cpu_partial");
	set_number(json_object_get(environment, "system"), "kfence_sample_interval");
}

/* Check relations that the table of fields does not have. */
static char *check_runs(const json_t *document)
{
	const json_t *runs = json_object_get(document, "runs");
	json_t *run;
	size_t i;

	json_array_foreach(runs, i, run)
		if (!json_is_string(json_at(run, "environment.target")))
			return xasprintf("missing field 'runs[%zu].environment.target'", i);
	return json_array_size(runs) ? NULL : xstrdup("no runs in the document");
}

static json_t *read_document(json_t *root, char **error)
{
	json_t *document, *run;
	size_t i;

	json_array_foreach(json_object_get(root, "runs"), i, run)
		set_numbers(json_object_get(run, "environment"));
	document = schema_copy(results_document_fields, "", root, error);
	if (document)
		*error = check_runs(document);
	return document;
}

json_t *document_read(const char *name, const char *text, size_t bytes, char **error)
{
	json_error_t json_error;
	json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &json_error);
	const char *schema = json_string_value(json_object_get(root, "schema"));
	cleanup_free char *reason = NULL;
	json_t *document = NULL;

	*error = NULL;
	if (!root) {
		reason = bytes ? xasprintf("not JSON: line %d: %s", json_error.line,
					   json_error.text) : xstrdup("it is empty");
	} else if (schema_has_control(root)) {
		reason = xstrdup("a string contains control characters");
	} else if (!schema || strcmp(schema, RESULTS_SCHEMA)) {
		*error = xasprintf("%s has %s%s (supported: " RESULTS_SCHEMA ")", name,
				   schema ? "schema " : "no schema", schema ?: "");
	} else {
		document = read_document(root, &reason);
	}
	if (reason)
		*error = xasprintf("%s: %s", name, reason);
	json_decref(root);
	if (!*error)
		return document;
	json_decref(document);
	return NULL;
}

void document_join(json_t *document, const json_t *other)
{
	json_array_extend(json_object_get(document, "runs"), json_object_get(other, "runs"));
}

size_t document_runs(const json_t *document)
{
	return json_array_size(json_object_get(document, "runs"));
}

json_t *document_run(const json_t *document, size_t index)
{
	return wrap_run(json_incref(json_array_get(json_object_get(document, "runs"), index)));
}

static json_t *first_run(const json_t *document)
{
	return json_array_get(json_object_get(document, "runs"), 0);
}

json_t *document_environment(const json_t *document)
{
	return json_object_get(first_run(document), "environment");
}

json_t *document_results(const json_t *document)
{
	return json_object_get(first_run(document), "results");
}

/* Print a pair of numbers, such as one of a distribution, on one line. Return where it ends. */
static const char *print_pair(const char *start, FILE *out)
{
	const char *end = start + 1 + strspn(start + 1, " \n0123456789,");
	const char *comma = strchr(start, ',');

	if (*end != ']' || !comma || comma > end || memchr(comma + 1, ',', end - comma - 1))
		return start;
	for (; start < end; start++)
		if (!strchr(" \n", *start))
			fputc(*start, out);
	return end;
}

void report_json(const json_t *document, FILE *out)
{
	/* 12 digits: the mean of 10 million samples stays exact, and 0.1 stays 0.1. */
	cleanup_free char *text = json_dumps(document, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	bool in_string = false;

	for (const char *at = text; at && *at; at++) {
		if (*at == '"')
			in_string = !in_string;
		else if (*at == '[' && !in_string)
			at = print_pair(at, out);
		else if (*at == '\\')
			fputc(*at++, out);
		fputc(*at, out);
	}
	fputc('\n', out);
}
