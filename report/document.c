// SPDX-License-Identifier: GPL-2.0-or-later
#include "document.h"

#include <string.h>

#include "base/memory.h"
#include "schema.h"

static bool status_known(const json_t *result)
{
	const char *status = json_string_value(json_object_get(result, "status"));

	return !strcmp(status, "ok") || !strcmp(status, "refused") || !strcmp(status, "failed");
}

static char *add_result(json_t *results, json_t *record)
{
	char *error = NULL;
	json_t *result = schema_copy(result_fields, record, &error);

	if (!result)
		return error;
	json_array_append_new(results, result);
	return status_known(result) ? NULL : xasprintf("field 'status' is not what it should be");
}

static char *set_environment(json_t **environment, json_t *record)
{
	char *error = NULL;

	if (*environment)
		return xasprintf("a second environment");
	*environment = schema_copy(environment_fields, record, &error);
	return error;
}

static char *add_record(json_t *lists, json_t **environment, json_t *record)
{
	cleanup_free char *kind = NULL;
	const char *text = json_string_value(json_object_get(record, "record"));

	if (!text)
		return xasprintf("no field 'record'");
	kind = xstrdup(text);
	json_object_del(record, "record");
	if (!strcmp(kind, "samples"))	/* of a marked experiment: for explaining */
		return NULL;
	if (!strcmp(kind, "environment"))
		return set_environment(environment, record);
	if (!json_object_get(lists, kind))
		return xasprintf("unknown record '%s'", kind);
	if (!strcmp(kind, "result"))
		return add_result(json_object_get(lists, kind), record);
	json_array_append(json_object_get(lists, kind), record);
	return NULL;
}

/* Reads all lines; heartbeats, which begin with a dot, are for people who wait. */
static char *read_records(const char *text, size_t bytes, json_t *lists, json_t **environment)
{
	const char *end = text + bytes;

	for (size_t line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', end - text);
		size_t length = (newline ? newline : end) - text;
		cleanup_free char *error = NULL;
		json_error_t fault;
		json_t *record;

		if (length && *text != '.') {
			record = json_loadb(text, length, JSON_REJECT_DUPLICATES, &fault);
			error = json_is_object(record) ?
				add_record(lists, environment, record) : xstrdup("not JSON");
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

static json_t *run_of(const struct run_facts *facts)
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

static json_t *machine_of(const struct run_facts *facts)
{
	if (!facts->arch)
		return json_null();
	return json_pack("{s:s, s:s?, s:I, s:s?, s:I}", "arch", facts->arch, "board", facts->board,
			 "memory_mib", (json_int_t)facts->memory_mib, "append", facts->append,
			 "layout", (json_int_t)facts->layout);
}

/* The schema has left places for what only the host knows. */
static void complete_environment(json_t *environment, const struct run_facts *facts)
{
	set_text(environment, "target", facts->target);
	set_text(environment, "accelerator", facts->accelerator);
	set_text(environment, "input_sha256", facts->input_sha256);
	json_object_set_new(environment, "machine", machine_of(facts));
	json_object_set_new(environment, "run", run_of(facts));
}

static json_t *with_run(json_t *run)
{
	return json_pack("{s:s, s:[o]}", "schema", RESULTS_SCHEMA, "runs", run);
}

json_t *document_collect(const char *records, size_t bytes, const struct run_facts *facts,
			 const char *const *kinds, char **error)
{
	json_t *lists = json_object(), *environment = NULL;

	for (; *kinds; kinds++)
		json_object_set_new(lists, *kinds, json_array());
	*error = read_records(records, bytes, lists, &environment);
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
	static const char *const kinds[] = { "result", NULL };
	json_t *collected = document_collect(records, bytes, facts, kinds, error);
	json_t *document;

	if (!collected)
		return NULL;
	document = with_run(json_pack("{s:O, s:O}", "environment",
				      json_object_get(collected, "environment"), "results",
				      json_object_get(collected, "result")));
	json_decref(collected);
	return document;
}

/* One run of a document that was read. */
static json_t *read_run(json_t *run, char **error)
{
	json_t *environment = NULL, *results = json_array(), *result;
	json_t *given = json_object_get(run, "results");
	size_t i;

	if (!json_is_object(json_object_get(run, "environment")) || !json_is_array(given))
		*error = xstrdup("it has no environment, or no results");
	else
		environment = schema_copy(environment_fields, json_object_get(run, "environment"),
					  error);
	json_array_foreach(given, i, result) {
		if (!*error && json_is_object(result))
			*error = add_result(results, result);
		else if (!*error)
			*error = xasprintf("result %zu is no object", i + 1);
	}
	if (!*error && !json_is_string(json_object_get(environment, "target")))
		*error = xstrdup("field 'target' is missing");
	if (!*error)
		return json_pack("{s:o, s:o}", "environment", environment, "results", results);
	json_decref(environment);
	json_decref(results);
	return NULL;
}

static json_t *read_runs(const json_t *given, char **error)
{
	json_t *runs = json_array(), *run;
	size_t i;

	json_array_foreach(json_object_get(given, "runs"), i, run) {
		cleanup_free char *fault = NULL;

		if (*error)
			break;
		json_array_append_new(runs, read_run(run, &fault));
		if (fault)
			*error = xasprintf("run %zu: %s", i + 1, fault);
	}
	if (!*error && !json_array_size(runs))
		*error = xstrdup("it has no runs");
	return runs;
}

/* What a terminal obeys instead of showing it: C0, DEL and C1, in UTF-8. */
static bool has_control(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0))
			return true;
	return false;
}

/* Tables print what a document says, and somebody else may have written it. */
static bool any_control(json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		return has_control(json_string_value(value));
	json_array_foreach(value, i, member)
		if (any_control(member))
			return true;
	json_object_foreach(value, name, member)
		if (has_control(name) || any_control(member))
			return true;
	return false;
}

json_t *document_read(const char *text, size_t bytes, char **error)
{
	json_error_t fault;
	json_t *given = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &fault);
	const char *schema = json_string_value(json_object_get(given, "schema"));
	json_t *document = NULL, *runs;

	*error = NULL;
	if (!given) {
		*error = xasprintf("it is not JSON: line %d: %s", fault.line, fault.text);
	} else if (any_control(given)) {
		*error = xstrdup("a text in it has control characters");
	} else if (!schema || strcmp(schema, RESULTS_SCHEMA)) {
		*error = xasprintf("its schema is %s: " RESULTS_SCHEMA " is wanted",
				   schema ? schema : "not said");
	} else {
		runs = read_runs(given, error);
		if (*error)
			json_decref(runs);
		else
			document = json_pack("{s:s, s:o}", "schema", RESULTS_SCHEMA, "runs", runs);
	}
	json_decref(given);
	return document;
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
	return with_run(json_incref(json_array_get(json_object_get(document, "runs"), index)));
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
